# Measuring: CPU, quiet, one run of pgbench or of the load. Sourced by bench.sh.
# shellcheck disable=SC2034 # what is set here is used by the others

AWK_MEDIAN='
    function median(list,   v, n, i, j, t) {
        n = split(list, v, " ")
        for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j] + 0 < v[j-1] + 0; j--) { t = v[j]; v[j] = v[j-1]; v[j-1] = t }
        return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
    }'

TICKS_PER_S=$(getconf CLK_TCK)

# CPU used so far, in clock ticks, a line each: by the whole machine, by PostgreSQL, by the server.
cpu_ticks() {
    awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 + $9; exit }' /proc/stat
    { cat /proc/[0-9]*/stat 2>/dev/null || true; } | awk -v postmaster="$POSTMASTER" -v server="$SERVER_PID" '
        { pid = $1; sub(/.*\) /, "") }
        pid == postmaster { postgres += $12 + $13 + $14 + $15 }
        $2 == postmaster { postgres += $12 + $13 }
        pid == server { served += $12 + $13 }
        END { print postgres + 0; print served + 0 }'
}

# Returns when the machine is nearly idle, or when there is no more time to wait.
wait_quiet() {
    local before now
    for (( ; QUIET_WAIT > 0; QUIET_WAIT--)); do
        mapfile -t before < <(cpu_ticks)
        sleep 1
        mapfile -t now < <(cpu_ticks)
        [ $((now[0] - before[0])) -ge $((TICKS_PER_S * $(nproc) / 10)) ] || return 0
    done
}

# Runs a command, its output in $SCRATCH/out. Sets USED: the seconds of CPU that PostgreSQL and the command itself took, and
# the percentage of the machine that other processes took.
measured() {
    local before after
    local TIMEFORMAT='%R %U %S'
    wait_quiet
    mapfile -t before < <(cpu_ticks)
    { time "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"; } 2>"$SCRATCH/time" || {
        say "failed: $*"
        tail -n 20 "$SCRATCH/err" "$SCRATCH"/*.log >&2
        return 1
    }
    mapfile -t after < <(cpu_ticks)
    USED=$(awk -v hz="$TICKS_PER_S" -v cores="$(nproc)" -v all=$((after[0] - before[0])) -v postgres=$((after[1] - before[1])) \
        -v server=$((after[2] - before[2])) '{
            left = (all - postgres - server) / hz - $2 - $3
            print postgres / hz, $2 + $3, (left > 0 ? left : 0) * 100 / (cores * $1)
        }' "$SCRATCH/time")
}

# Moved deals go back to where they were.
reset() {
    sql -q -f tests/bench/reset.sql
}

# Rows of $SCRATCH/rows: op callers round rate p50_ms p99_ms, then the CPU in us for one call that the server, PostgreSQL and the
# client took, then others; callers is 0 for pgbench.
run_pgbench() { # op round [pgbench's argument...]
    local op=$1 round=$2
    shift 2
    rm -f "$SCRATCH"/log.*
    PGOPTIONS='-c search_path=jiayi,pg_catalog -c timezone=UTC -c datestyle=ISO -c jit=off -c plan_cache_mode=force_generic_plan -c role=jiayi_app' \
        measured "$PG_BIN/pgbench" -n -M prepared -c "$CLIENTS" -j 2 -T "$MEASURED" -D k=0 -l --log-prefix="$SCRATCH/log" \
        -f "$SCRATCH/$op.pgbench" "$@"
    grep -q '^number of failed transactions: 0 ' "$SCRATCH/out"
    cat "$SCRATCH"/log.* | cut -d' ' -f3 | sort -n |
        awk -v head="$op 0 $round $(awk '/^tps/ { print $3 }' "$SCRATCH/out")" -v used="$USED" '
            { a[NR] = $1 }
            END {
                split(used, u, " ")
                print head, a[int(NR * .50) + 1] / 1e3, a[int(NR * .99) + 1] / 1e3, 0, u[1] * 1e6 / NR, u[2] * 1e6 / NR, u[3]
            }' >>"$SCRATCH/rows"
}

run_load() { # op callers round [load's argument...]
    local op=$1 callers=$2 round=$3
    shift 3
    measured "$LOAD" --server "$SERVER" --ca "$CA" --pid "$SERVER_PID" --op "$op" --callers "$callers" \
        --warmup "$WARMUP" --seconds "$MEASURED" "$@"
    # What PostgreSQL and the load took in the warm-up is left out in proportion.
    awk -v head="$op $callers $round" -v used="$USED" -v share="$(awk "BEGIN { print $MEASURED / ($MEASURED + $WARMUP) }")" '{
        split(used, u, " ")
        print head, $2, $3, $4, $5, u[1] * share * 1e6 / $1, u[2] * share * 1e6 / $1, u[3]
    }' "$SCRATCH/out" >>"$SCRATCH/rows"
}

run_one() { # op callers round
    if [ "$2" -eq 0 ]; then run_pgbench "$1" "$3"; else run_load "$1" "$2" "$3"; fi
    [ "$1" != move ] || reset
}

run_rounds() {
    local round op c order
    : >"$SCRATCH/rows"
    for ((round = 1; round <= ROUNDS; round++)); do
        for op in $OPS; do
            order="0 $CALLERS"
            [ $((round % 2)) -eq 1 ] || order=$(printf '%s\n' $order | tac)
            for c in $order; do run_one "$op" "$c" "$round"; done
            say "round $round of $ROUNDS: $op done"
        done
    done
}

