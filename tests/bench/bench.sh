#!/usr/bin/env bash
# Measures the server against pgbench, which runs the same SQL with no server before it: what this machine can do at
# most. Starts a PostgreSQL cluster and a jiayid of its own in a scratch folder, and takes both away again.
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. tests/run.bash

usage() {
    cat <<'END'
usage: tests/bench/bench.sh [PART...] [--json] [--rounds N] [--seconds S]

  --most            the most calls per second, against pgbench, and the whole client against psql; what runs where no part
                    is named
  --doors           what a call costs the server by SP, gRPC, Connect and Connect's JSON
  --half            how long calls take at half of that rate, each from when it should have begun
  --held [N]        what each of N callers costs who waits for news, while there is none (2,000)
  --idle [N]        the server's memory for each of N connections that are only there, signed in (10,000)
  --growth [DEALS]  what calls cost with so many deals and twice as many follow-ups (10,000,000: takes 30 GB of disk
                    and a quarter of an hour to load), against 10,000
  --import [ROWS]   what an import of so many deals costs (100,000), against the same INSERTs by hand
  --policies [DEALS]
                    the page of each list under policies, against the same statement without (1,000,000 deals of 1,000
                    companies: 6 GB, five minutes to load)
  --search [DEALS]  first pages of searches, by who asks and how common the words are, on the same data (half an hour for the index)
  --sharing [CONTRACTS]
                    what it costs a vendor's call to know who shares with it (5,000 contracts with 20 principals)
  --start           what a start of the client costs, now and with six times the schema
  --all             every part
  --json            prints one JSON object instead of the tables
  --rounds N        rounds; the figures are medians over them (3)
  --seconds S       measured seconds of each run (3)

From the environment: BUILD is the build to measure, LOAD the program that calls it (the build's); OPS and CALLERS choose what
runs ("get list move", "1 16 64"), of --growth GROWTH_WHO, GROWTH_WHAT and GROWTH_CALLERS; QUIET_WAIT is how many seconds in all
the runs wait for other processes to rest (120); CLI_RUNS is how often the client is run (30).
END
}

PARTS=
LOAD=${LOAD:-$BUILD/tests/load}
IDLE=10000
HELD=2000
ROWS=100000
DEALS=10000000
POLICIES=1000000
SHARING=5000
JSON=
ROUNDS=3
MEASURED=3
OPS=${OPS:-get list move}
CALLERS=${CALLERS:-1 16 64}
QUIET_WAIT=${QUIET_WAIT:-120}
CLI_RUNS=${CLI_RUNS:-30}
CLIENTS=8 # of pgbench
WARMUP=0.5
FEW_DEALS=10000
PG_BIN=$(pg_config --bindir)
. tests/bench/cluster.bash
. tests/bench/measure.bash
. tests/bench/half.bash
. tests/bench/doors.bash
. tests/bench/idle.bash
. tests/bench/held.bash
. tests/bench/growth.bash
. tests/bench/import.bash
. tests/bench/start.bash
. tests/bench/policies.bash
. tests/bench/search.bash
. tests/bench/sharing.bash

while [ $# -gt 0 ]; do
    case $1 in
    --json) JSON=1 ;;
    --rounds | --seconds)
        [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || {
            echo "bench: $1 needs a number" >&2
            exit 2
        }
        [ "$1" = --rounds ] && ROUNDS=$2 || MEASURED=$2
        shift
        ;;
    --most | --doors | --half | --start) PARTS+=" ${1#--}" ;;
    --idle | --held | --growth | --import | --policies | --search | --sharing)
        PARTS+=" ${1#--}"
        if [[ ${2:-} =~ ^[1-9][0-9]*$ ]]; then
            case $1 in
            --idle) IDLE=$2 ;;
            --held) HELD=$2 ;;
            --import) ROWS=$2 ;;
            --policies | --search) POLICIES=$2 ;;
            --sharing) SHARING=$2 ;;
            *) DEALS=$2 ;;
            esac
            shift
        fi
        ;;
    --all) PARTS="most doors half idle held import growth policies search sharing start" ;;
    -h | --help)
        usage
        exit
        ;;
    *)
        usage >&2
        exit 2
        ;;
    esac
    shift
done
PARTS=${PARTS:-most}
POLICIES_COMPANIES=$((POLICIES < 40000 ? 40 : POLICIES / 1000))

# --- The whole client, against psql: each a process that connects over TLS, reads one deal and ends.

# Prints the milliseconds that a command took; its output must have the text $1.
milliseconds() {
    local wanted=$1 began=$EPOCHREALTIME ended
    shift
    "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" || {
        cat "$SCRATCH/err" >&2
        return 1
    }
    ended=$EPOCHREALTIME
    grep -q "$wanted" "$SCRATCH/out"
    awk -v began="$began" -v ended="$ended" 'BEGIN { printf "%.2f\n", (ended - began) * 1000 }'
}

run_cli() {
    local i show whoami psql uri="postgresql://postgres@127.0.0.1:$PG_PORT/jiayi?sslmode=verify-ca&sslrootcert=$SCRATCH/ca.pem"
    cp "$CA" "$SCRATCH/ca.pem"
    "$JIAYI" --profile bench login --server "$SERVER" --ca "$CA" --user u8@bench.example --password-file "$(password_file operator)" \
        >/dev/null
    wait_quiet
    : >"$SCRATCH/cli"
    for ((i = -2; i < CLI_RUNS; i++)); do # two to warm up
        show=$(milliseconds 'Deal 8 of member 8' "$JIAYI" --profile bench deal show 8)
        psql=$(milliseconds 'Deal 8 of member 8' "$PG_BIN/psql" -X "$uri" -c 'SELECT * FROM jiayi.deal WHERE id = 8')
        whoami=$(milliseconds u8@bench.example "$JIAYI" --profile bench whoami)
        echo "$i $show $psql $whoami" >>"$SCRATCH/cli"
    done
    say "$CLI_RUNS runs of the client done"
}

# --- The figures.

# Medians as JSON.
figures() {
    awk "$AWK_MEDIAN"'
        function add(what, value) { seen[k, what] = seen[k, what] " " value }
        function get(what) { return median(seen[k, what]) }
        BEGIN { name["get"] = "GetDeal"; name["list"] = "ListDeals"; name["move"] = "MoveDeal" }
        FILENAME ~ /cli$/ {
            if ($1 >= 0) { jiayi = jiayi " " $2; psql = psql " " $3; whoami = whoami " " $4; runs++ }
            next
        }
        NR == FNR { if ($2 == 0) base[$1, $3] = $4; next }
        {
            k = $1 " " $2
            if (!(k in known)) { known[k] = 1; order[++keys] = k }
            add("rate", $4); add("p50", $5); add("p99", $6); add("cpu", $7); add("postgres", $8); add("client", $9)
            add("others", $10); add("ratio", $4 / base[$1, $3])
        }
        END {
            for (i = 1; i <= keys; i++) {
                k = order[i]
                split(k, part, " ")
                shares = shares sprintf("%s{\"op\":\"%s\",\"callers\":%d,\"postgres_us\":%.1f,\"client_us\":%.1f,\"others_percent\":%.1f}", \
                    shares ? "," : "", name[part[1]], part[2], get("postgres"), get("client"), get("others"))
                if (part[2] == 0)
                    bench = bench sprintf("%s{\"op\":\"%s\",\"clients\":%d,\"rate\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"pg_us\":%.1f}", \
                        bench ? "," : "", name[part[1]], clients, get("rate"), get("p50"), get("p99"), get("postgres"))
                else
                    rows = rows sprintf("%s{\"op\":\"%s\",\"callers\":%d,\"rate\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"cpu_us\":%.1f,\"pg_us\":%.1f,\"ratio\":%.3f}", \
                        rows ? "," : "", name[part[1]], part[2], get("rate"), get("p50"), get("p99"), get("cpu"), get("postgres"), get("ratio"))
            }
            printf "{\"rows\":[%s],\"pgbench\":[%s],\"cli\":{\"runs\":%d,\"jiayi_ms\":%.2f,\"psql_ms\":%.2f,\"ratio\":%.2f,\"whoami_ms\":%.2f},", \
                rows, bench, runs, median(jiayi), median(psql), median(jiayi) / median(psql), median(whoami)
            printf "\"shares\":[%s],\"rounds\":%d,\"seconds\":%d,\"cores\":%d}\n", shares, rounds, seconds, cores
        }' clients="$CLIENTS" rounds="$ROUNDS" seconds="$MEASURED" cores="$(nproc)" "$SCRATCH/rows" "$SCRATCH/rows.sorted" "$SCRATCH/cli"
}

print_most() {
    jq -r '
        "Medians of \(.rounds) rounds of \(.seconds) s on \(.cores) cores.\n",
        (["op", "callers", "calls/s", "p50 ms", "p99 ms", "cpu us", "ratio", "pg us", "client us", "others %"] | @tsv),
        (.shares as $shares
         | def rest($op; $n): $shares[] | select(.op == $op and .callers == $n) | [.postgres_us, .client_us, .others_percent];
         ((.pgbench[] | [.op, "pgbench \(.clients)", (.rate | round), .p50_ms, .p99_ms, "-", "1"] + rest(.op; 0)),
          (.rows[] | [.op, .callers, (.rate | round), .p50_ms, .p99_ms, .cpu_us, .ratio] + rest(.op; .callers)))
         | @tsv)' "$1" | awk -F '\t' '
        NF < 2 { print; next }
        { printf "%-10s %9s %8s %8s %8s %8s %6s %8s %9s %8s\n", $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 }'
    jq -r '.cli | "\nA whole jiayi deal show \(.jiayi_ms) ms, psql -c over TLS \(.psql_ms) ms: ratio \(.ratio); jiayi whoami \(.whoami_ms) ms (medians of \(.runs) runs each, in turn)."' "$1"
    cat <<END

cpu us, pg us, client us: CPU for one call in the server, in PostgreSQL and in the load or pgbench; all share the cores.
ratio: calls/s against pgbench in the same round. others: the share of the machine that other processes took; where it is
not near 0, measure again.
pgbench runs the statements that the server sends, pipelined in one transaction, on $CLIENTS connections over the Unix
socket, under the same role and policies. It differs in this: it works out the token's hash, the request_id, the owner's
address and the stage in SQL; it has results as text, where the server has them binary; it looks at no row. The load's
callers have each a TLS connection and a session of their own; they check of every answer its status, request_id
and deals.
END
}

# --- The parts; each leaves its figures as $SCRATCH/PART.json.

part_most() {
    run_cli
    run_rounds
    # pgbench first, then by callers, whichever order they ran in.
    awk '{ print ($1 == "get" ? 1 : $1 == "list" ? 2 : 3), $0 }' "$SCRATCH/rows" | sort -k1,1n -k3,3n -k4,4n |
        cut -d' ' -f2- >"$SCRATCH/rows.sorted"
    figures >"$SCRATCH/most.json"
}

wants() {
    [[ " $PARTS " = *" $1 "* ]]
}

main() {
    local part
    [ -x "$JIAYID" ] && [ -x "$JIAYI" ] && [ -x "$LOAD" ] || {
        say "build first: ./dev build"
        exit 1
    }
    scratch_make bench
    trap sweep EXIT
    trap 'FAILED="${BASH_SOURCE[0]##*/}, line $LINENO: $BASH_COMMAND"' ERR
    ! wants start || part_start
    [ "${PARTS# }" = start ] || cluster_start
    if wants most || wants doors || wants half || wants idle || wants held || wants import; then
        say "loading 100,000 deals"
        server_init "$SCRATCH/data" --database "$PG_URI" >/dev/null
        cluster_tls
        sql -q -f tests/bench/data.sql
        pgbench_scripts
        server_begin data
        for part in most doors half idle held import; do
            ! wants $part || "part_$part"
        done
        server_stop "$SCRATCH/data"
    fi
    ! wants growth || part_growth
    ! wants policies || part_policies
    ! wants search || part_search
    ! wants sharing || part_sharing
    for part in most doors half idle held import growth policies search sharing start; do
        wants $part || continue
        if [ -n "$JSON" ]; then
            # The figures of --most stand at the top.
            jq -c "if \"$part\" == \"most\" then . else {$part: .} end" "$SCRATCH/$part.json" >>"$SCRATCH/all"
        else
            "print_$part" "$SCRATCH/$part.json"
            echo
        fi
    done
    [ -z "$JSON" ] || jq -cs add "$SCRATCH/all"
}

main
