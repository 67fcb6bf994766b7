#!/usr/bin/env bats
# gRPC, as clients speak it that nobody here wrote: python3-grpcio of Debian, with stubs by protoc.

load ../helper
. "$ROOT/tests/peers/peers.bash"

setup_file() {
    world_open
    peers_need python
    TOKEN=$(client token sales@acme.example "$(password_file sales)")
    export TOKEN
}

client() {
    timeout 120 /usr/bin/python3 "$ROOT/tests/peers/grpc_client.py" "$PEERS/python" "$SERVER" "$CA" "$@"
}

plays() {
    run client "$@"
    ok
}

@test "grpc: the main job, signed in by password" {
    plays main_job sales@acme.example "$(password_file sales)"
    # It is the same deal for everybody.
    json sales deal show "$output"
    is .stage quoted
    is .title 深圳港口自动化
}

@test "grpc: errors have codes, texts in the caller's language, and details" {
    plays errors "$TOKEN"
}

@test "grpc: a change is done once for each request_id" {
    plays exactly_once "$TOKEN"
}

# The table of deals is locked, so that a change waits.
waits_while_locked() {
    local lock
    server_psql "$DATA" -XAtqc "BEGIN; LOCK jiayi.deal; SELECT pg_sleep(6)" >/dev/null 3>&- &
    lock=$!
    sleep 0.3
    plays "$@"
    wait "$lock"
}

@test "grpc: the caller's deadline ends a call, and cancelling it" {
    waits_while_locked deadline "$TOKEN"
    waits_while_locked cancel "$TOKEN"
    json sales deal list --search late
    is '.deals | length' 0
}

@test "grpc: long messages, several at once, and compressed ones" {
    plays sizes "$TOKEN"
}

@test "grpc: a thousand calls at once on one connection" {
    plays crowd "$TOKEN" 1000
}

@test "grpc: health" {
    plays health serving
}

@test "grpc: reflection, v1 and v1alpha" {
    plays reflection v1
    plays reflection v1alpha
}

@test "grpc: who speaks only HTTP/1.1 is told so" {
    run curl -sS --http1.1 --cacert "$CA" "https://$SERVER/" -w '%{http_code}'
    ok
    says 'speaks HTTP/2 alone'
    says 505
    run curl -sS --cacert "$CA" -X PUT "https://$SERVER/" -w '%{http_code}'
    ok
    says 405
    run curl -sS --cacert "$CA" "https://$SERVER/jiayi.v1.ServerService/Check" -d x -w '%{http_code}'
    ok
    says 415
}

server_again() {
    server_stop "$DATA"
    rm "$DATA.out"
    "$JIAYID" serve --data "$DATA" --listen "$SERVER" --log-level debug >"$DATA.out" 2>>"$DATA.log" 3>&- &
    echo $! >"$DATA.pid"
    eventually grep -q 'listening on' "$DATA.out"
}

# leaves PART: the server goes down once the peer is ready.
leaves() {
    local peer
    timeout 100 /usr/bin/python3 "$ROOT/tests/peers/h2_peer.py" "$SERVER" "$CA" --token "$TOKEN" "$1" >"$HERE/$1" 2>&1 3>&- &
    peer=$!
    eventually grep -q 'ready\|Error' "$HERE/$1"
    server_again
    wait "$peer" || complain "$(cat "$HERE/$1")"
}

@test "grpc: a server that goes waits until who calls has heard so" {
    leaves leave_slowly
}

@test "grpc: a server that goes lets its last answer be read, whatever else is said meanwhile" {
    leaves read_late
}

@test "grpc: who comes when a server takes nothing more learns that nothing was begun" {
    local lock
    server_psql "$DATA" -XAtqc "BEGIN; LOCK jiayi.deal; SELECT pg_sleep(5)" >/dev/null 3>&- &
    lock=$!
    eventually locked
    leaves come_late
    wait "$lock"
}

locked() {
    [ "$(server_psql "$DATA" -XAtqc "SELECT count(*) FROM pg_locks WHERE relation = 'jiayi.deal'::regclass AND mode = 'AccessExclusiveLock' AND granted")" = 1 ]
}

@test "grpc: a server that goes loses no call, and its health says so" {
    local caller watcher
    client load "$TOKEN" "$HERE/enough" >"$HERE/load" 3>&- &
    caller=$!
    client health drain >"$HERE/watch" 3>&- &
    watcher=$!
    eventually grep -q calling "$HERE/load"
    eventually grep -q watching "$HERE/watch"
    for _ in 1 2; do
        sleep 1
        server_again
    done
    wait "$watcher"
    touch "$HERE/enough"
    wait "$caller" || complain "$(cat "$HERE/load")"
}

@test "grpc: a server that goes loses no call of gRPC's own library, and none is done twice" {
    local caller
    peers_need cc
    "$PEERS/cc/client" "$SERVER" "$CA" sales@acme.example "$(password_file sales)" load "$HERE/done" >"$HERE/cc" 2>&1 3>&- &
    caller=$!
    eventually grep -q calling "$HERE/cc"
    for _ in $(seq "${RESTARTS:-3}"); do
        sleep 1
        server_again
    done
    touch "$HERE/done"
    wait "$caller" || complain "$(cat "$HERE/cc")"
    [ "$(sql "SELECT count(*) FROM jiayi.deal WHERE title = 'Load'")" = "$(sed -n 's/.* \([0-9]*\) deals made.*/\1/p' "$HERE/cc")" ] ||
        complain "$(cat "$HERE/cc"), and in the database $(sql "SELECT count(*) FROM jiayi.deal WHERE title = 'Load'")"
}
