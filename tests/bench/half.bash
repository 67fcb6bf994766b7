# How long calls take at half of the most that can be had: an open loop, in which each call's time counts from when it should
# have begun, beside pgbench throttled to half of its own most. Sourced by bench.sh.

HALF_CALLERS=64

# The rate in the last row of $SCRATCH/rows.
last_rate() {
    tail -n 1 "$SCRATCH/rows" | cut -d' ' -f4
}

part_half() {
    local round op most pg_most
    : >"$SCRATCH/half"
    for ((round = 1; round <= ROUNDS; round++)); do
        for op in $OPS; do
            run_one "$op" 0 "$round"
            pg_most=$(last_rate)
            run_one "$op" "$HALF_CALLERS" "$round"
            most=$(last_rate)
            run_pgbench "$op" "$round" -R "$(half "$pg_most")"
            echo "$op pgbench $round $pg_most $(tail -n 1 "$SCRATCH/rows" | cut -d' ' -f4-8)" >>"$SCRATCH/half"
            [ "$op" != move ] || reset
            run_load "$op" "$HALF_CALLERS" "$round" --rate "$(half "$most")"
            echo "$op server $round $most $(tail -n 1 "$SCRATCH/rows" | cut -d' ' -f4-8)" >>"$SCRATCH/half"
            [ "$op" != move ] || reset
            say "half load, round $round of $ROUNDS: $op done"
        done
    done
    half_figures >"$SCRATCH/half.json"
}

half() {
    awk -v rate="$1" 'BEGIN { printf "%.0f\n", rate / 2 }'
}

half_figures() {
    awk "$AWK_MEDIAN"'
        function get(who, what) { return median(seen[op, who, what]) }
        BEGIN { name["get"] = "GetDeal"; name["list"] = "ListDeals"; name["move"] = "MoveDeal" }
        {
            if (!($1 in known)) { known[$1] = 1; order[++n] = $1 }
            for (i = 4; i <= 9; i++) seen[$1, $2, i] = seen[$1, $2, i] " " $i
            p99[$1, $2, $3] = $7
            if (($1, "server", $3) in p99 && ($1, "pgbench", $3) in p99)
                ratios[$1] = ratios[$1] " " p99[$1, "server", $3] / p99[$1, "pgbench", $3]
        }
        END {
            for (k = 1; k <= n; k++) {
                op = order[k]
                printf "%s{\"op\":\"%s\",\"most\":%.1f,\"rate\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,", (k > 1 ? "," : "["), \
                    name[op], get("server", 4), get("server", 5), get("server", 6), get("server", 7)
                printf "\"cpu_us\":%.1f,\"pg_us\":%.1f,\"pgbench_pg_us\":%.1f,", get("server", 8), get("server", 9), get("pgbench", 9)
                printf "\"pgbench_most\":%.1f,\"pgbench_rate\":%.1f,\"pgbench_p50_ms\":%.3f,\"pgbench_p99_ms\":%.3f,", \
                    get("pgbench", 4), get("pgbench", 5), get("pgbench", 6), get("pgbench", 7)
                printf "\"p99_ratio\":%.2f}", median(ratios[op])
            }
            print "]"
        }' "$SCRATCH/half"
}

print_half() {
    jq -r '
        "At half load, from when each call should have begun.\n",
        (["op", "calls/s", "p50 ms", "p99 ms", "pgbench/s", "p50 ms", "p99 ms", "ratio"] | @tsv),
        (.[] | [.op, .rate, .p50_ms, .p99_ms, .pgbench_rate, .pgbench_p50_ms, .pgbench_p99_ms, .p99_ratio] | @tsv)' "$1" |
        awk -F '\t' 'NF < 2 { print; next } { printf "%-10s %9s %8s %8s %10s %8s %8s %6s\n", $1, $2, $3, $4, $5, $6, $7, $8 }'
    echo "ratio: of the p99s in the same round."
}
