# What policies cost: the page of each list under them, beside the same statement without. Sourced by bench.sh.

# Who asks, by the number of the session (tests/bench/policies.sql).
POLICIES_WHO="salesperson=4 manager=2 vendor=404"
# Forms of lists, besides the one without a filter: the method, the field that is asked for, and what `check --print` calls that form.
POLICIES_FORMS='DealService/ListDeals stage +stage
DealService/ListDeals mine for mine | team | outcome | closing_by
DealService/ListDeals team for mine | team | outcome | closing_by
DealService/ListDeals customer_id for customer_id
DealService/ListDue team
TaskService/ListTodo team
CommentService/ListComments on +on
CommentService/ListComments topic +topic
DealService/ListActivities deal_id for deal_id
CaseService/ListCases kind +kind'
# Lists of which no page is measured, and why. One that is in neither ends the run.
POLICIES_NOT="CompanyService/ListDomains    the company's admins'
ExportService/ListExports     the company's admins'
ImportService/ListImports     the company's admins'
ServerService/ListJobs        the operator's
TokenService/ListTokens       the caller's own, as sessions are, of which there are few"

# policies_permission METHOD: the word in its schema.
policies_permission() {
    awk -v rpc="rpc ${1#*/}(" 'index($0, rpc) { here = 1 } here && match($0, /permission: "[^"]*"/) {
        print substr($0, RSTART + 13, RLENGTH - 14); exit }' proto/jiayi/v1/*.proto
}

# policies_calls: a line of SQL for each list and caller.
policies_calls() {
    local list method asked form text permission who
    {
        for list in server/sql/methods/*/List*.sql; do
            list=${list#server/sql/methods/}
            [[ $list = *.*.sql ]] || echo "${list%.sql}"
        done
        printf '%s\n' "$POLICIES_FORMS"
    } | while read -r method asked form; do
        permission=$(policies_permission "$method")
        ! grep -q "^$method " <<<"$POLICIES_NOT" || continue
        text=$("$JIAYID" check --data "$SCRATCH/policies" --print "$method" | awk -v head="-- $method.sql${form:+ $form}" '
            index($0, "-- " ) == 1 && index($0, ".sql") { taken = $0 == head || index($0, head " -- $") == 1
                if (taken) print; next }
            taken { print }')
        [ -n "$text" ] || {
            echo "bench: jiayid check --print has no $method $form" >&2
            return 1
        }
        for who in $POLICIES_WHO; do
            P=${who#*=} WHO=${who%=*} LIST=${method#*/}${asked:+ $asked} ASKED=$asked PERMISSION=$permission awk '
                function quoted(s) { gsub(/\047/, "\047\047", s); return "\047" s "\047" }
                NR == 1 {
                    n = split($0, word, " ")
                    for (i = 1; i <= n; i++) if (match(word[i], /^\$[0-9]+=/)) names = names (names == "" ? "" : ",") substr(word[i], RLENGTH + 1)
                    next
                }
                { text = text $0 "\n" }
                END {
                    printf "INSERT INTO call VALUES (%d, %s, %s, %s, %s, %s, %s);\n", ENVIRON["P"], quoted(ENVIRON["WHO"]), \
                        quoted(ENVIRON["LIST"]), quoted(ENVIRON["ASKED"]), quoted(ENVIRON["PERMISSION"]), quoted(text), quoted("{" names "}")
                }' <<<"$text"
        done
    done
}

policies_load() {
    local uri="postgresql:///policies?host=$SCRATCH&port=$PG_PORT&user=postgres" began=$SECONDS
    [ ! -e "$SCRATCH/policies" ] || return 0
    say "loading $POLICIES deals of $POLICIES_COMPANIES companies"
    "$PG_BIN/createdb" policies
    server_init "$SCRATCH/policies" --database "$uri" >/dev/null
    # Nothing of this has to outlast a crash.
    sql -q -c 'ALTER SYSTEM SET fsync = off' -c 'SELECT pg_reload_conf()' >/dev/null
    sql -q -d policies -v deals="$POLICIES" -v companies="$POLICIES_COMPANIES" -f tests/bench/policies.sql
    say "loaded in $((SECONDS - began)) s"
}

# policies_forgotten: the lists of which there is neither a page with rows nor a reason.
policies_forgotten() {
    local list
    for list in server/sql/methods/*/List*.sql; do
        list=${list#server/sql/methods/}
        list=${list%.sql}
        [[ $list != *.* ]] && ! grep -q "^$list " <<<"$POLICIES_NOT" || continue
        jq -e --arg list "${list#*/}" 'any(.rows[]; (.list | split(" ")[0]) == $list and .rows[0] > 0)' "$SCRATCH/policies.json" >/dev/null ||
            echo "$list"
    done
}

part_policies() {
    local forgotten
    policies_load
    policies_calls >"$SCRATCH/policies.calls"
    {
        cat tests/bench/policies_page.sql "$SCRATCH/policies.calls"
        cat <<END
-- A transaction for each: what is worked out of a caller holds until its end.
SELECT format('SELECT pg_temp.page(c, $ROUNDS) FROM call AS c WHERE c.ctid = %L', c.ctid) FROM call AS c \\gexec
SELECT json_build_object('deals', $POLICIES, 'companies', $POLICIES_COMPANIES, 'rounds', $ROUNDS, 'rows', json_agg(json_build_object(
    'who', p.who, 'list', p.list, 'rows', p.rows, 'rows_read', p.rows_read, 'buffers', p.buffers, 'ms', p.ms,
    'ratio', round(p.ms[1] / greatest(p.ms[2], 0.001), 2)) ORDER BY p.list, p.who DESC)) FROM page AS p;
END
    } >"$SCRATCH/policies.sql"
    sql -q -At -d policies -f "$SCRATCH/policies.sql" | grep '^{' >"$SCRATCH/policies.json"
    forgotten=$(policies_forgotten)
    [ -z "$forgotten" ] || {
        echo "bench: nobody has a page of" $forgotten "(tests/bench/policies.sql, or a reason in policies.bash)" >&2
        return 1
    }
}

print_policies() {
    jq -r '
        "Pages of lists with \(.deals) deals of \(.companies) companies: under the caller\u0027s policies, and the same without.\n",
        (["list", "who", "rows", "rows read", "", "buffers", "", "ms", "", "ratio"] | @tsv),
        (.rows[] | [.list, .who, .rows[0]] + .rows_read + .buffers + .ms + [.ratio] | @tsv)' "$1" |
        awk -F '\t' 'NF < 2 { print; next }
            { printf "%-24s %-12s %5s %9s %9s %8s %8s %8s %8s %6s\n", $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 }'
    cat <<END

ms: of the processor, the least of the rounds, both in turn. rows read: of scans, with what filters left out. buffers: pages of the cache, those that
functions read among them. salesperson: one of 400 of the largest company; manager: over 200; vendor: of 20 principals. Without policies
a statement has the same conditions, and finds what they let through of anybody's.
END
}
