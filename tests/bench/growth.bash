# What calls cost as the database grows: the same calls on two databases side by side, few deals and many. Sourced by bench.sh.

GROWTH_CALLERS=${GROWTH_CALLERS:-1 16}
GROWTH_WHO=${GROWTH_WHO:-salesperson manager admin vendor small}
GROWTH_WHAT=${GROWTH_WHAT:-get first deep filtered inbox todo tasks comments}

# growth_load NAME DEALS: a database with so many deals, its server running.
growth_load() {
    local began=$SECONDS uri="postgresql:///$1?host=$SCRATCH&port=$PG_PORT&user=postgres" said
    say "loading $2 deals"
    "$PG_BIN/createdb" "$1"
    server_init "$SCRATCH/$1" --database "$uri" >/dev/null
    sql -q -d "$1" -v deals="$2" -f tests/bench/growth.sql
    sql -q -d "$1" -v deals="$2" -f tests/bench/growth_said.sql &
    said=$!
    sql -q -d "$1" -v deals="$2" -f tests/bench/growth_done.sql
    wait $said
    sql -q -d "$1" -f tests/bench/growth_end.sql
    server_begin "$1"
    printf '%s\n' "$SERVER" "$CA" "$SERVER_PID" >"$SCRATCH/$1.server"
    say "loaded in $((SECONDS - began)) s"
}

growth_calls() { # database deals
    local who what
    for who in $GROWTH_WHO; do
        for what in $GROWTH_WHAT; do
            sql -q -At -F ' ' -d "$1" -v deals="$2" -v who="$who" -v what="$what" -f tests/bench/growth_calls.sql >"$SCRATCH/$1.$who.$what"
        done
    done
}

growth_run() { # database who what callers round
    local op
    case $3 in
    first | deep | filtered) op='list' ;;
    *) op=$3 ;;
    esac
    mapfile -t there <"$SCRATCH/$1.server"
    SERVER=${there[0]} CA=${there[1]} SERVER_PID=${there[2]}
    run_load "$op" "$4" "$5" --calls "$SCRATCH/$1.$2.$3"
    # who what callers round database rate p50_ms p99_ms server_us postgres_us
    echo "$2 $3 $4 $5 $1 $(tail -n 1 "$SCRATCH/rows" | cut -d' ' -f4-8)" >>"$SCRATCH/growth"
}

part_growth() {
    local round who what callers order
    [ "$(df --output=avail -k "$SCRATCH" | tail -n 1)" -gt $((DEALS * 3)) ] || {
        say "$DEALS deals need about $((DEALS / 333333)) GB in ${SCRATCH%/*}"
        return 1
    }
    # Nothing of this has to outlast a crash.
    sql -q -c 'ALTER SYSTEM SET fsync = off' -c 'SELECT pg_reload_conf()' >/dev/null
    growth_load few "$FEW_DEALS"
    growth_load many "$DEALS"
    growth_calls few "$FEW_DEALS"
    growth_calls many "$DEALS"
    # Once unmeasured, so that what is asked for is in the cache.
    for who in $GROWTH_WHO; do
        for what in $GROWTH_WHAT; do
            for database in few many; do growth_run "$database" "$who" "$what" 16 0; done
        done
    done
    : >"$SCRATCH/growth"
    for ((round = 1; round <= ROUNDS; round++)); do
        for who in $GROWTH_WHO; do
            for what in $GROWTH_WHAT; do
                for callers in $GROWTH_CALLERS; do
                    order="few many"
                    [ $((round % 2)) -eq 1 ] || order="many few"
                    for database in $order; do growth_run "$database" "$who" "$what" "$callers" "$round"; done
                done
            done
            say "growth, round $round of $ROUNDS: $who done"
        done
    done
    server_stop "$SCRATCH/few"
    server_stop "$SCRATCH/many"
    growth_figures >"$SCRATCH/growth.json"
}

growth_figures() {
    awk -v few="$FEW_DEALS" -v many="$DEALS" "$AWK_MEDIAN"'
        function get(what) { return median(seen[k, what]) }
        function pair(title, few, many) {
            return sprintf("\"%s\":[%s,%s,%.2f]", title, few, many, few > 0 ? many / few : 0)
        }
        {
            k = $1 " " $2 " " $3
            if (!(k in known)) { known[k] = 1; order[++n] = k }
            seen[k, $5, "rate"] = seen[k, $5, "rate"] " " $6
            seen[k, $5, "p50"] = seen[k, $5, "p50"] " " $7
            seen[k, $5, "cpu"] = seen[k, $5, "cpu"] " " $9 + $10
            seen[k, $5, "pg"] = seen[k, $5, "pg"] " " $10
        }
        END {
            printf "{\"few\":%d,\"many\":%d,\"rows\":[", few, many
            for (i = 1; i <= n; i++) {
                k = order[i]
                split(k, part, " ")
                printf "%s{\"who\":\"%s\",\"what\":\"%s\",\"callers\":%d,", (i > 1 ? "," : ""), part[1], part[2], part[3]
                printf "%s,%s,%s,%s}", pair("rate", median(seen[k, "few", "rate"]), median(seen[k, "many", "rate"])), \
                    pair("p50_ms", median(seen[k, "few", "p50"]), median(seen[k, "many", "p50"])), \
                    pair("cpu_us", median(seen[k, "few", "cpu"]), median(seen[k, "many", "cpu"])), \
                    pair("pg_us", median(seen[k, "few", "pg"]), median(seen[k, "many", "pg"]))
            }
            print "]}"
        }' "$SCRATCH/growth"
}

print_growth() {
    jq -r '
        "Cost with \(.few) deals, with \(.many), and the ratio.\n",
        (["who", "what", "callers", "p50 ms", "", "ratio", "cpu us", "", "ratio", "calls/s", "", "ratio"] | @tsv),
        (.rows[] | [.who, .what, .callers] + .p50_ms + (.cpu_us | map(. * 100 | round / 100)) + (.rate | map(. * 100 | round / 100)) | @tsv)' "$1" |
        awk -F '\t' 'NF < 2 { print; next }
            { printf "%-11s %-8s %7s %8s %8s %6s %9s %9s %6s %9s %9s %6s\n", $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 }'
    cat <<END

get: GetDeal; first, deep: a page of 50 deals, the newest and from the middle on; filtered: by owner and stage; inbox, todo (of those
below as well), tasks: the first 50; comments: the newest 50 of 60 on a deal. salesperson, manager, admin: of
the company that has half of all deals; vendor: of one that a fifth of those are shared with; small: salespeople of companies of
5,000 deals. cpu us: the server's and PostgreSQL's for one call. As many different deals are asked for of few as of many (1,000, the
pages of 100 callers, and comments on 10 deals), so that caches are warm.
END
}
