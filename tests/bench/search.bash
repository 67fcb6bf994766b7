# What searches cost, by who asks and how common the words are: on what `--policies` measures on, with the index made. Sourced by bench.sh.

# Who asks, by the number of the session (tests/bench/policies.sql).
SEARCH_WHO="salesperson=4 manager=2 admin=1 vendor=404"
# How common, and the words: one of thirty deals, of three hundred, of 20,000, none. Albanian with its accents and without them.
SEARCH_WORDS='common 港口
common cranes
common çelësa
common celesa
middle 深圳 港口
middle harbour cranes
middle porti çelësa
middle porti celesa
rare 鸭嘴
rare quokka
none 斑马
none zebra'

search_load() {
    local began=$SECONDS
    [ ! -e "$SCRATCH/search.loaded" ] || return 0
    policies_load
    say "making the index"
    sql -q -d policies -f tests/bench/search_index.sql >/dev/null
    say "made in $((SECONDS - began)) s"
    touch "$SCRATCH/search.loaded"
}

part_search() {
    local who
    search_load
    {
        cat tests/bench/search_page.sql
        printf 'CREATE TEMP TABLE asked AS SELECT * FROM (VALUES\n'
        while read -r common words; do
            for who in $SEARCH_WHO; do
                printf "    (%d, '%s', '%s', '%s'),\n" "${who#*=}" "${who%=*}" "$common" "$words"
            done
        done <<<"$SEARCH_WORDS" | sed '$s/,$//'
        printf ') AS v(p, who, common, words);\n'
        cat <<END
SELECT format('SELECT pg_temp.search(%s, %L, %L, %L, $ROUNDS)', a.p, a.who, a.common, a.words) FROM asked AS a \\gexec
SELECT json_build_object('deals', $POLICIES, 'companies', $POLICIES_COMPANIES, 'rounds', $ROUNDS, 'rows', jsonb_agg(to_jsonb(p))) FROM page AS p;
END
    } >"$SCRATCH/search.sql"
    sql -q -At -d policies -f "$SCRATCH/search.sql" | grep '^{' >"$SCRATCH/search.json"
}

print_search() {
    jq -r '
        "First pages of searches with \(.deals) deals of \(.companies) companies.\n",
        (["who", "words", "", "found", "buffers", "cpu ms", "clock ms"] | @tsv),
        (.rows[] | [.who, .common, .words, .found, .buffers, .cpu_ms, .clock_ms] | @tsv)' "$1" |
        awk -F '\t' 'NF < 2 { print; next } { printf "%-12s %-7s %6s %8s %8s %8s  %s\n", $1, $2, $4, $5, $6, $7, $3 }'
    cat <<END

Of the statement in PostgreSQL: the mean of its CPU, and the shortest clock. A word that is common is in one deal of thirty, one that is
rare in one of 20,000; of both words together one of 300 has each.
END
}
