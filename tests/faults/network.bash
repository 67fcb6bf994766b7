# shellcheck shell=bash disable=SC2034
# The network between clients, server and database is a bad one. Read by run.

# The network between the clients and the server becomes a bad one, and is good again.
fault_network-clients() {
    proxy_up "$PORT"
    CLIENT_PORT=$PROXY_PORT
    begin
    bad_network
}

# So does the one between the server and PostgreSQL.
fault_network-database() {
    proxy_up "$PG_PORT"
    DATABASE=(--database "postgresql://postgres@127.0.0.1:$PROXY_PORT/jiayi?sslmode=disable")
    begin
    backends_keep_watch
    bad_network
}

# PostgreSQL's ends of the connections: a network that is gone altogether is noticed in minutes, not after two hours.
backends_keep_watch() {
    local here state timer port n=0
    port=$(printf %04X "$PG_PORT")
    while read -r _ here _ state _ timer _; do
        [[ $here = *:$port && $state = 01 && $timer = 02:* ]] || continue
        [ $((16#${timer#02:})) -le 3000 ] || fail "a backend looks after its client only in $((16#${timer#02:} / 100)) s"
        n=$((n + 1))
    done </proc/net/tcp
    [ $n -gt 0 ] || fail "no backend looks after its client"
}

bad_network() {
    kill -USR1 "$PROXY_PID"
    more 400
    kill -USR1 "$PROXY_PID"
    more 60
}

# proxy_up PORT: a network to that port, good at first; sets PROXY_PORT.
proxy_up() {
    local tries
    PROXY_PORT=$(free_port)
    "$BUILD/tests/proxy" "$PROXY_PORT" "$1" "$SEED" >"$DIR/proxy.log" 2>&1 3>&- &
    PROXY_PID=$!
    for ((tries = 0; tries < 100; tries++)); do
        grep -q listening "$DIR/proxy.log" && return 0
        sleep 0.05
    done
    fail "the proxy did not start: $(cat "$DIR/proxy.log")"
}

# What the bad network did; something of each.
proxy_says() {
    kill -TERM "$PROXY_PID"
    wait "$PROXY_PID" || fail "the proxy failed: $(cat "$DIR/proxy.log")"
    NOTE=$(tail -n 1 "$DIR/proxy.log")
    [[ $NOTE =~ splits\ [1-9].*resets\ [1-9] ]] || fail "the network was too good: $NOTE"
    NOTE+="; "
}
