# A cluster of our own, and what pgbench runs on it. Sourced by bench.sh.
# shellcheck disable=SC2034 # what is set here is used by the others

say() {
    echo "bench: $*" >&2
}

# Whatever ends a run early is said: a signal, or the command that failed.
sweep() {
    local status=$?
    set +e
    trap - EXIT ERR
    trap '' HUP INT TERM
    case $status in
    0) ;;
    129 | 130 | 143) say "stopped by $(kill -l $((status - 128)))" ;;
    *) say "stopped with status $status${FAILED:+: $FAILED}" ;;
    esac
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
shared_buffers = $(wants growth && echo 2GB || echo 256MB)
random_page_cost = 1.1
max_wal_size = 4GB
$(! wants growth || printf 'wal_level = minimal\nmax_wal_senders = 0')
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

# server_begin NAME: starts the server of $SCRATCH/NAME; sets SERVER, CA and SERVER_PID.
server_begin() {
    local more=()
    # All connections are from one address here.
    [[ $("$JIAYID" serve --help) != *--connections-per-address* ]] || more+=(--connections-per-address 16384)
    server_start "$SCRATCH/$1" "${more[@]}"
    SERVER_PID=$(cat "$SCRATCH/$1.pid")
}

sql() {
    "$PG_BIN/psql" -X -v ON_ERROR_STOP=1 "$@"
}

# --- What pgbench runs: the server's own statements, as `jiayid check --print` tells them.

# statement METHOD HEADER NAME=EXPRESSION...: one statement of a method; its parameters become pgbench's expressions.
# HEADER is the line before it, up to the parameters, such as "DealService/ListDeals.sql +owner +stage".
statement() {
    local method=$1 header=$2 text
    shift 2
    text=$("$JIAYID" check --data "$SCRATCH/data" --print "DealService/$method" |
        HEADER="-- DealService/${header#DealService/}" VALUES=$(printf '%s\n' "$@") awk '
            BEGIN {
                n = split(ENVIRON["VALUES"], list, "\n")
                for (i = 1; i <= n; i++) named[substr(list[i], 1, index(list[i], "=") - 1)] = substr(list[i], index(list[i], "=") + 1)
            }
            index($0, "-- DealService/") == 1 {
                header = ENVIRON["HEADER"]
                taken = $0 == header || index($0, header " -- $") == 1
                for (n = split($0, word, " "); taken && n > 0; n--)
                    if (match(word[n], /^\$[0-9]+=/))
                        name[substr(word[n], 1, RLENGTH - 1)] = substr(word[n], RLENGTH + 1)
                next
            }
            taken {
                line = ""
                while (match($0, /\$[0-9]+/)) {
                    number = substr($0, RSTART, RLENGTH)
                    if (!(name[number] in named)) { print "no value for " name[number] > "/dev/stderr"; exit 1 }
                    line = line substr($0, 1, RSTART - 1) named[name[number]]
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

# authorize PERMISSION METHOD [SHA256]: as server/call/flight.c begins every call, with the token hash worked out in SQL. Of a
# call that changes something, which has a digest, the method is noted.
authorize() {
    local no noted=NULL
    no=$(sql -Atc "SELECT no FROM jiayi.permission WHERE name = '$1'")
    [ $# -lt 3 ] || noted="'DealService/$2'"
    printf 'SELECT jiayi.authorize(%s::bytea, %s::integer, %s::bytea, %s::bytea, %s::text, %s::text, %s::text);\n' \
        "sha256(lpad(:u::text, 43, '0')::bytea)" "$no" 'uuid_send(gen_random_uuid())' "${3:-NULL}" "$noted" "'10000'" "'127.0.0.1'"
}

pgbench_scripts() {
    local stage="(ARRAY['new', 'contacted', 'quoted', 'negotiating', 'deciding'])[:s]" sha
    sha="'\\x$(printf '%064d' 0)'"
    {
        printf '%s\n' '\set u random(1, 200)' '\set id :u + 200 * random(0, 499)' '\startpipeline'
        authorize deal.read GetDeal
        statement GetDeal GetDeal.sql deal_id=:id
        statement GetDeal GetDeal.activities.sql deal_id=:id page.limit=101
        echo '\endpipeline'
    } >"$SCRATCH/get.pgbench"
    {
        printf '%s\n' '\set u random(1, 200)' '\set s random(1, 5)' '\set limit 51' '\startpipeline'
        authorize deal.read ListDeals
        statement ListDeals 'ListDeals.sql +owner +stage' "owner=('u' || :u::text || '@bench.example')" "stage=$stage" page.limit=:limit
        echo '\endpipeline'
    } >"$SCRATCH/list.pgbench"
    {
        # Each client moves the 500 deals of a member in turn, again and again, to the stage after the one they are in.
        printf '%s\n' '\set n :k % 500' '\set s (:n + :k / 500 + 1) % 5 + 1' '\set u 10 + 21 * :client_id' '\set id :u + 200 * :n' \
            '\set k :k + 1' '\startpipeline'
        authorize deal.move MoveDeal "$sha"
        statement MoveDeal MoveDeal.sql "stage=$stage" reason=NULL internal=NULL deal_id=:id "request_sha256=$sha"
        echo '\endpipeline'
    } >"$SCRATCH/move.pgbench"
}

