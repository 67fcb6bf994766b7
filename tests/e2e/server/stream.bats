#!/usr/bin/env bats
# Watching as a stream, over gRPC (python3-grpcio) and Connect (curl): what is told comes once and in its order, whatever
# happens to the session, the reader and the server. Held calls, which are beneath it: events.bats.

load ../helper
. "$ROOT/tests/peers/peers.bash"

export BATS_NO_PARALLELIZE_WITHIN_FILE=true

setup_file() {
    world_open
    peers_need python
    TOKEN=$(signed_in sales)
    export TOKEN
}

setup() {
    WATCHERS=()
    SEEN=$BATS_TEST_TMPDIR/seen
}

teardown() {
    local pid
    for pid in "${WATCHERS[@]}"; do kill "$pid" 2>/dev/null || true; done
}

# The token of a session of its own.
signed_in() {
    curl -sS --cacert "$CA" "https://$SERVER/jiayi.v1.AuthService/SignIn" -H 'content-type: application/json' \
        -d "{\"email\": \"$(email "$1")\", \"password\": \"$(cat "$(password_file "$1")")\"}" | jq -r .token
}

client() {
    timeout 120 /usr/bin/python3 "$ROOT/tests/peers/grpc_client.py" "$PEERS/python" "$SERVER" "$CA" "$@"
}

# by_grpc PART [ARG…]: in the background; what it prints is in $SEEN.
by_grpc() {
    rm -f "$SEEN" # what was seen before is not seen again
    client "$@" >"$SEEN" 2>"$SEEN.err" 3>&- &
    WATCHERS+=($!)
}

# envelope JSON: a message as a stream of Connect has it.
envelope() {
    local length
    length=$(printf '%s' "$1" | wc -c)
    # shellcheck disable=SC2059
    printf "\\0$(printf '\\x%02x' $((length >> 24)) $((length >> 16 & 255)) $((length >> 8 & 255)) $((length & 255)))"
    printf '%s' "$1"
}

# by_connect JSON [ARG…]: watches with curl; the messages are the lines of $SEEN.
by_connect() {
    envelope "$1" >"$BATS_TEST_TMPDIR/request"
    rm -f "$SEEN"
    curl -sSN --max-time 100 --cacert "$CA" -D "$SEEN.head" "https://$SERVER/jiayi.v1.InboxService/WatchInbox" \
        -H 'content-type: application/connect+json' -H "authorization: Bearer ${OTHER:-$TOKEN}" \
        --data-binary "@$BATS_TEST_TMPDIR/request" "${@:2}" 2>"$SEEN.err" 3>&- | "$ROOT/tests/peers/frames.py" >"$SEEN" 2>>"$SEEN.err" 3>&- &
    WATCHERS+=($!)
}

# by_sales DEAL STAGE: the manager moves it, so that sales is told.
moved() {
    as manager deal move "$1" "$2"
    ok
}

seen() {
    [ "$(grep -c "$1" "$SEEN")" = "${2:-1}" ]
}

held() {
    [ "$("$JIAYI" --profile operator -o json server status | jq .held_calls)" = "$1" ]
}

all_told() {
    [ "$(sql 'SELECT count(*) FROM jiayi.event WHERE position IS NULL')" = 0 ]
}

# come_back [ARG…]: the server is there again, where it was.
come_back() {
    rm -f "$DATA.out"
    "$JIAYID" serve --data "$DATA" --listen "$SERVER" --log-level debug "$@" >"$DATA.out" 2>>"$DATA.log" 3>&- &
    echo $! >"$DATA.pid"
    eventually grep -q 'listening on' "$DATA.out"
}

@test "stream: gRPC tells what happens, as it happens" {
    local deal
    deal=$(new_deal sales)
    eventually all_told
    by_grpc watch "$TOKEN" 3
    eventually seen watching
    moved "$deal" contacted
    eventually seen "deal/$deal contacted"
    moved "$deal" quoted
    moved "$deal" negotiating
    wait "${WATCHERS[0]}" || complain "$(cat "$SEEN.err")"
    [ "$(sed 1d "$SEEN" | xargs)" = "deal/$deal contacted deal/$deal quoted deal/$deal negotiating" ]
    # What is over costs nothing more.
    eventually held 0
}

@test "stream: Connect does, in JSON, with nothing but curl; and packed" {
    local deal cursor
    deal=$(new_deal sales)
    eventually all_told
    by_connect '{}'
    eventually seen cursor
    grep -qi '^content-type: application/connect+json' "$SEEN.head"
    moved "$deal" contacted
    eventually seen '"contacted"'
    moved "$deal" quoted
    eventually seen '"quoted"'
    [ "$(jq -r '.items[].to' "$SEEN" | xargs)" = 'contacted quoted' ]
    # From a cursor on: all that was told since then at once.
    cursor=$(head -n 1 "$SEEN" | jq -r .cursor)
    kill "${WATCHERS[@]}"
    eventually held 0
    by_connect "{\"since\": \"$cursor\"}"
    eventually seen '"quoted"'
    [ "$(head -n 1 "$SEEN" | jq -r '[.items[].to] | join(" ")')" = 'contacted quoted' ]
    # Packed: the first message of who asks from now on has a cursor, field 2.
    printf '\0\0\0\0\0' >"$BATS_TEST_TMPDIR/request"
    curl -sSN --max-time 5 --cacert "$CA" -D "$SEEN.head" "https://$SERVER/jiayi.v1.InboxService/WatchInbox" -o "$SEEN.packed" \
        -H 'content-type: application/connect+proto' -H 'connect-timeout-ms: 2000' -H "authorization: Bearer $TOKEN" \
        --data-binary "@$BATS_TEST_TMPDIR/request"
    grep -qi '^content-type: application/connect+proto' "$SEEN.head"
    [ "$(head -c 6 "$SEEN.packed" | od -An -tx1 | tr -d ' ' | cut -c11-)" = 10 ] || complain "$(od -An -tx1 "$SEEN.packed")"
    # It ends with what it failed with, as JSON: the deadline.
    grep -a -q '{"error":{"code":"deadline_exceeded"' "$SEEN.packed"
}

@test "stream: plain JSON is a held call as before; other types are for what they say" {
    run curl -sS --max-time 10 --cacert "$CA" "https://$SERVER/jiayi.v1.InboxService/WatchInbox" -H 'content-type: application/json' \
        -H "authorization: Bearer $TOKEN" -d '{}'
    ok
    is '.cursor != null' true
    run curl -sS --cacert "$CA" "https://$SERVER/jiayi.v1.DealService/GetDeal" -w ' %{http_code}' -H 'content-type: application/connect+json' \
        -H "authorization: Bearer $TOKEN" -d '{}'
    says ' 415'
}

@test "stream: a failure is in its end, whatever HTTP says" {
    OTHER=00 by_connect '{}'
    eventually seen '^end '
    [ "$(sed 's/^end //' "$SEEN" | jq -r .error.code)" = unauthenticated ]
    grep -q '^HTTP/2 200' "$SEEN.head"
    by_connect '{"since": "x"}' -H 'accept-language: zh-CN'
    eventually seen '^end .*invalid_argument'
    by_connect '{"since": -1}'
    eventually seen '^end .*invalid_argument'
    printf '\1\0\0\0\2{}' >"$BATS_TEST_TMPDIR/request"
    run curl -sS --cacert "$CA" "https://$SERVER/jiayi.v1.InboxService/WatchInbox" -H 'content-type: application/connect+json' \
        -H "authorization: Bearer $TOKEN" --data-binary "@$BATS_TEST_TMPDIR/request" -o "$SEEN.raw"
    grep -a -q unimplemented "$SEEN.raw"
    client watch_until "$TOKEN" 3
}

@test "stream: half a minute of nothing is told as well" {
    run client watch_beat "$TOKEN" 45
    ok
    [ "$output" = 1 ]
}

@test "stream: ends with its session" {
    local other
    other=$(signed_in sales)
    by_grpc watch_revoked "$other"
    OTHER=$other SEEN=$SEEN.connect by_connect '{}'
    eventually seen watching
    SEEN=$SEEN.connect eventually seen cursor
    sql "UPDATE jiayi.session SET revoked_at = now() WHERE token_hash = sha256(convert_to('$other', 'UTF8'))"
    wait "${WATCHERS[0]}" || complain "$(cat "$SEEN.err")"
    seen 'sign in first'
    SEEN=$SEEN.connect eventually seen '^end .*unauthenticated'
    eventually held 0
}

@test "stream: eight of one session; whose peer cancels one may have another" {
    coproc MANY { client watch_many "$TOKEN" 2>"$SEEN.err" 3>&-; }
    local line pid=$MANY_PID
    read -r -t 60 -u "${MANY[0]}" line
    [ "$line" = eight ] || complain "$(cat "$SEEN.err")"
    held 8
    echo 'go on' >&"${MANY[1]}"
    read -r -t 60 -u "${MANY[0]}" line
    eventually held 7
    echo 'go on' >&"${MANY[1]}"
    read -r -t 60 -u "${MANY[0]}" line
    [ "$line" = ninth ] || complain "$(cat "$SEEN.err")"
    held 8
    echo 'go on' >&"${MANY[1]}"
    wait "$pid"
    eventually held 0
}

@test "stream: a company has a quarter of held_limit, whichever way its people watch" {
    server_stop "$DATA"
    come_back --held-limit 8
    by_connect '{}'
    eventually seen cursor
    OTHER=$(signed_in manager) SEEN=$SEEN.manager by_connect '{}'
    SEEN=$SEEN.manager eventually seen cursor
    OTHER=$(signed_in admin) SEEN=$SEEN.admin by_connect '{}'
    SEEN=$SEEN.admin eventually seen '^end .*resource_exhausted.*too many calls of your company wait for news'
    # Another company has its own.
    OTHER=$(signed_in beta-vendor) SEEN=$SEEN.vendor by_connect '{}'
    SEEN=$SEEN.vendor eventually seen cursor
    held 3
    kill "${WATCHERS[@]}" 2>/dev/null || true
    eventually held 0
    WATCHERS=()
    server_stop "$DATA"
    come_back
}

@test "stream: who does not read is told nothing more until then, and then all" {
    local deal line pid
    deal=$(new_deal sales)
    eventually all_told
    coproc SLOW { timeout 60 /usr/bin/python3 "$ROOT/tests/peers/h2_peer.py" "$SERVER" "$CA" --token "$TOKEN" slow_watch negotiating 2>"$SEEN.err" 3>&-; }
    pid=$SLOW_PID
    read -r -t 30 -u "${SLOW[0]}" line
    [ "$line" = watching ] || complain "$(cat "$SEEN.err")"
    moved "$deal" contacted
    moved "$deal" quoted
    moved "$deal" negotiating
    eventually all_told
    echo 'go on' >&"${SLOW[1]}"
    read -r -t 30 -u "${SLOW[0]}" line || complain "$(cat "$SEEN.err")"
    [ "$line" = 3 ]
    wait "$pid"
    eventually held 0
}

@test "stream: a server that goes says so, and who comes again with the cursor misses nothing" {
    local deal
    deal=$(new_deal sales)
    eventually all_told
    by_grpc watch "$TOKEN" 4
    eventually seen watching
    moved "$deal" contacted
    eventually seen contacted
    SEEN=$SEEN.connect by_connect '{}'
    SEEN=$SEEN.connect eventually seen cursor
    server_stop "$DATA"
    grep -q 'end .*"unavailable"' "$SEEN.connect"
    come_back
    moved "$deal" quoted
    moved "$deal" negotiating
    moved "$deal" contacted
    wait "${WATCHERS[0]}" || complain "$(cat "$SEEN" "$SEEN.err")"
    seen again
    [ "$(grep '^deal/' "$SEEN" | awk '{print $2}' | xargs)" = 'contacted quoted negotiating contacted' ]
}
