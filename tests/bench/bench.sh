#!/usr/bin/env bash
# Measures the server against pgbench, which runs the same SQL with no server before it: what this machine can do at
# most. Starts a PostgreSQL cluster and a jiayid of its own in a scratch folder, and takes both away again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. tests/run.bash

usage() {
    cat <<'END'
usage: tests/bench/bench.sh [--json] [--rounds N] [--seconds S]

  --json       prints one JSON object instead of the tables
  --rounds N   rounds; the figures are medians over them (3)
  --seconds S  measured seconds of each run (3)

From the environment: OPS and CALLERS choose what runs ("get list move", "1 16 64"); QUIET_WAIT is how many seconds
in all the runs wait for other processes to rest (120); CLI_RUNS is how often the client is run (30).
END
}

JSON=
ROUNDS=3
MEASURED=3
OPS=${OPS:-get list move}
CALLERS=${CALLERS:-1 16 64}
QUIET_WAIT=${QUIET_WAIT:-120}
CLI_RUNS=${CLI_RUNS:-30}
CLIENTS=8 # of pgbench; as many connections as jiayid has lanes
WARMUP=0.5
PG_BIN=$(pg_config --bindir)

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

# --- A cluster and a server of our own.

say() {
    echo "bench: $*" >&2
}

sweep() {
    local status=$?
    set +e
    trap - EXIT
    trap '' HUP INT TERM
    [ ! -e "$SCRATCH/pg/postmaster.pid" ] || as_server_user "$PG_BIN/pg_ctl" -D "$SCRATCH/pg" -m immediate stop >/dev/null 2>&1
    (exit $status)
    scratch_sweep
}

cluster_start() {
    mkdir -m 700 "$SCRATCH/pg"
    PG_PORT=$(free_port)
    PG_URI="postgresql:///jiayi?host=$SCRATCH&port=$PG_PORT&user=postgres"
    export PGHOST=$SCRATCH PGPORT=$PG_PORT PGUSER=postgres PGDATABASE=jiayi
    [ "$(id -u)" -ne 0 ] || chown postgres "$SCRATCH" "$SCRATCH/pg"
    (cd / && as_server_user "$PG_BIN/initdb" -D "$SCRATCH/pg" -A trust -U postgres -E UTF8 --locale=C.UTF-8) >"$SCRATCH/initdb.log"
    as_server_user tee -a "$SCRATCH/pg/postgresql.conf" >/dev/null <<END
listen_addresses = '127.0.0.1'
port = $PG_PORT
unix_socket_directories = '$SCRATCH'
shared_buffers = 256MB
max_wal_size = 4GB
autovacuum = off
END
    (cd / && as_server_user "$PG_BIN/pg_ctl" -D "$SCRATCH/pg" -l "$SCRATCH/pg/log" -w start) >/dev/null
    POSTMASTER=$(head -1 "$SCRATCH/pg/postmaster.pid")
    "$PG_BIN/createdb" jiayi
}

# PostgreSQL speaks TLS with the server's own certificate, so that both sides of the comparison do the same work.
cluster_tls() {
    local name
    for name in server.pem server.key; do
        as_server_user cp "$SCRATCH/data/tls/$name" "$SCRATCH/pg/$name"
    done
    sql -q -c "ALTER SYSTEM SET ssl_cert_file = 'server.pem'" -c "ALTER SYSTEM SET ssl_key_file = 'server.key'" \
        -c "ALTER SYSTEM SET ssl = on" -c "SELECT pg_reload_conf()" >/dev/null
}

sql() {
    "$PG_BIN/psql" -X -v ON_ERROR_STOP=1 "$@"
}

# --- What pgbench runs: the server's own statements, as `jiayid check --print` tells them.

# statement METHOD HEADER NUMBER=EXPRESSION...: one statement of a method; its parameters become pgbench's expressions.
# HEADER is the line before it, up to the parameters, such as "DealService/ListDeals.sql +owner +stage".
statement() {
    local method=$1 header=$2 text
    shift 2
    text=$("$JIAYID" check --data "$SCRATCH/data" --print "DealService/$method" |
        awk -v header="-- DealService/$header" '
            index($0, "-- DealService/") == 1 { taken = $0 == header || index($0, header " -- $") == 1; next }
            taken' |
        PARAMS=$(printf '%s\n' "$@") awk '
            BEGIN {
                n = split(ENVIRON["PARAMS"], list, "\n")
                for (i = 1; i <= n; i++) value[substr(list[i], 1, index(list[i], "=") - 1)] = substr(list[i], index(list[i], "=") + 1)
            }
            {
                line = ""
                while (match($0, /\$[0-9]+/)) {
                    number = substr($0, RSTART + 1, RLENGTH - 1)
                    if (!(number in value)) { print "no value for $" number > "/dev/stderr"; exit 1 }
                    line = line substr($0, 1, RSTART - 1) value[number]
                    $0 = substr($0, RSTART + RLENGTH)
                }
                print line $0
            }')
    [ -n "$text" ] || {
        echo "bench: jiayid check --print has no $header" >&2
        return 1
    }
    printf '%s\n' "$text"
}

# authorize PERMISSION METHOD [SHA256]: as server/lane.c begins every call, with the token hash worked out in SQL.
authorize() {
    printf 'SELECT member, company FROM jiayi.authorize(%s::bytea, %s::text, %s::bytea, %s::bytea, %s::text, %s::integer, %s::text);\n' \
        "sha256(lpad(:u::text, 43, '0')::bytea)" "'$1'" 'uuid_send(gen_random_uuid())' "${3:-NULL}" "'DealService/$2'" 10000 "'127.0.0.1'"
}

pgbench_scripts() {
    local stage="(ARRAY['new', 'contacted', 'quoted', 'negotiating', 'deciding'])[:s]" sha
    sha="'\\x$(printf '%064d' 0)'"
    {
        printf '%s\n' '\set u random(1, 200)' '\set id :u + 200 * random(0, 499)' '\startpipeline'
        authorize deal.read GetDeal
        statement GetDeal GetDeal.sql 1=:id
        statement GetDeal GetDeal.activities.sql 1=:id
        echo '\endpipeline'
    } >"$SCRATCH/get.pgbench"
    {
        printf '%s\n' '\set u random(1, 200)' '\set s random(1, 5)' '\set limit 51' '\startpipeline'
        authorize deal.read ListDeals
        statement ListDeals 'ListDeals.sql +owner +stage' "1=('u' || :u::text || '@bench.example')" "2=$stage" 3=:limit
        echo '\endpipeline'
    } >"$SCRATCH/list.pgbench"
    {
        # Each client moves the 500 deals of a member in turn, again and again, to the stage after the one they are in.
        printf '%s\n' '\set n :k % 500' '\set s (:n + :k / 500 + 1) % 5 + 1' '\set u 10 + 21 * :client_id' '\set id :u + 200 * :n' \
            '\set k :k + 1' '\startpipeline'
        authorize deal.move MoveDeal "$sha"
        statement MoveDeal MoveDeal.sql "1=$stage" 2=NULL 3=:id "4=$sha"
        echo '\endpipeline'
    } >"$SCRATCH/move.pgbench"
}

# --- Measuring.

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
        tail -n 20 "$SCRATCH/err" "$SCRATCH/data.log" >&2
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
run_pgbench() { # op round
    rm -f "$SCRATCH"/log.*
    PGOPTIONS='-c search_path=jiayi,pg_catalog -c timezone=UTC -c datestyle=ISO -c jit=off -c role=jiayi_app' \
        measured "$PG_BIN/pgbench" -n -M prepared -c "$CLIENTS" -j 2 -T "$MEASURED" -D k=0 -l --log-prefix="$SCRATCH/log" \
        -f "$SCRATCH/$1.pgbench"
    grep -q '^number of failed transactions: 0 ' "$SCRATCH/out"
    cat "$SCRATCH"/log.* | cut -d' ' -f3 | sort -n |
        awk -v head="$1 0 $2 $(awk '/^tps/ { print $3 }' "$SCRATCH/out")" -v used="$USED" '
            { a[NR] = $1 }
            END {
                split(used, u, " ")
                print head, a[int(NR * .50) + 1] / 1e3, a[int(NR * .99) + 1] / 1e3, 0, u[1] * 1e6 / NR, u[2] * 1e6 / NR, u[3]
            }' >>"$SCRATCH/rows"
}

run_load() { # op callers round
    measured "$BUILD/tests/load" --server "$SERVER" --ca "$CA" --pid "$SERVER_PID" --op "$1" --callers "$2" \
        --warmup "$WARMUP" --seconds "$MEASURED"
    # What PostgreSQL and the load took in the warm-up is left out in proportion.
    awk -v head="$1 $2 $3" -v used="$USED" -v share="$(awk "BEGIN { print $MEASURED / ($MEASURED + $WARMUP) }")" '{
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

# --- The whole client, against psql: each a process that connects over TLS, reads one deal and ends.

# Prints the milliseconds that a command took; its output must show the deal.
milliseconds() {
    local began=$EPOCHREALTIME ended
    "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" || {
        cat "$SCRATCH/err" >&2
        return 1
    }
    ended=$EPOCHREALTIME
    grep -q 'Deal 8 of member 8' "$SCRATCH/out"
    awk -v began="$began" -v ended="$ended" 'BEGIN { printf "%.2f\n", (ended - began) * 1000 }'
}

run_cli() {
    local i jiayi psql uri="postgresql://postgres@127.0.0.1:$PG_PORT/jiayi?sslmode=verify-ca&sslrootcert=$SCRATCH/ca.pem"
    cp "$CA" "$SCRATCH/ca.pem"
    "$JIAYI" --profile bench login --server "$SERVER" --ca "$CA" --user u8@bench.example --password-file "$(password_file operator)" \
        >/dev/null
    wait_quiet
    : >"$SCRATCH/cli"
    for ((i = -2; i < CLI_RUNS; i++)); do # two to warm up
        jiayi=$(milliseconds "$JIAYI" --profile bench deal show 8)
        psql=$(milliseconds "$PG_BIN/psql" -X "$uri" -c 'SELECT * FROM jiayi.deal WHERE id = 8')
        echo "$i $jiayi $psql" >>"$SCRATCH/cli"
    done
    say "$CLI_RUNS runs of the client done"
}

# --- The figures.

# Medians as JSON.
figures() {
    awk '
        function median(list,   v, n, i, j, t) {
            n = split(list, v, " ")
            for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j] + 0 < v[j-1] + 0; j--) { t = v[j]; v[j] = v[j-1]; v[j-1] = t }
            return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
        }
        function add(what, value) { seen[k, what] = seen[k, what] " " value }
        function get(what) { return median(seen[k, what]) }
        BEGIN { name["get"] = "GetDeal"; name["list"] = "ListDeals"; name["move"] = "MoveDeal" }
        FILENAME ~ /cli$/ {
            if ($1 >= 0) { jiayi = jiayi " " $2; psql = psql " " $3; runs++ }
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
                    bench = bench sprintf("%s{\"op\":\"%s\",\"clients\":%d,\"rate\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f}", \
                        bench ? "," : "", name[part[1]], clients, get("rate"), get("p50"), get("p99"))
                else
                    rows = rows sprintf("%s{\"op\":\"%s\",\"callers\":%d,\"rate\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"cpu_us\":%.1f,\"ratio\":%.3f}", \
                        rows ? "," : "", name[part[1]], part[2], get("rate"), get("p50"), get("p99"), get("cpu"), get("ratio"))
            }
            printf "{\"rows\":[%s],\"pgbench\":[%s],\"cli\":{\"runs\":%d,\"jiayi_ms\":%.2f,\"psql_ms\":%.2f,\"ratio\":%.2f},", \
                rows, bench, runs, median(jiayi), median(psql), median(jiayi) / median(psql)
            printf "\"shares\":[%s],\"rounds\":%d,\"seconds\":%d,\"cores\":%d}\n", shares, rounds, seconds, cores
        }' clients="$CLIENTS" rounds="$ROUNDS" seconds="$MEASURED" cores="$(nproc)" "$SCRATCH/rows" "$SCRATCH/rows.sorted" "$SCRATCH/cli"
}

print_table() {
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
    jq -r '.cli | "\nA whole jiayi deal show \(.jiayi_ms) ms, psql -c over TLS \(.psql_ms) ms: ratio \(.ratio) (medians of \(.runs) runs each, in turn)."' "$1"
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

main() {
    [ -x "$JIAYID" ] && [ -x "$JIAYI" ] && [ -x "$BUILD/tests/load" ] || {
        say "build first: ./dev build"
        exit 1
    }
    scratch_make bench
    trap sweep EXIT
    say "loading 100,000 deals"
    cluster_start
    server_init "$SCRATCH/data" --database "$PG_URI" >/dev/null
    cluster_tls
    sql -q -f tests/bench/data.sql
    pgbench_scripts
    server_start "$SCRATCH/data"
    SERVER_PID=$(cat "$SCRATCH/data.pid")
    run_cli
    run_rounds
    server_stop "$SCRATCH/data"
    # pgbench first, then by callers, whichever order they ran in.
    awk '{ print ($1 == "get" ? 1 : $1 == "list" ? 2 : 3), $0 }' "$SCRATCH/rows" | sort -k1,1n -k3,3n -k4,4n | cut -d' ' -f2- >"$SCRATCH/rows.sorted"
    figures >"$SCRATCH/figures.json"
    if [ -n "$JSON" ]; then jq -c . "$SCRATCH/figures.json"; else print_table "$SCRATCH/figures.json"; fi
}

main
