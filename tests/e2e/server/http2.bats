#!/usr/bin/env bats
# What strangers may do by HTTP/2: each is bounded, and everybody else goes on. The frames are made by hand
# (tests/peers/h2_peer.py).

load ../helper

setup_file() {
    world_open --receive-timeout-ms 2000 --send-timeout-ms 2000 --handshake-timeout-ms 3000 --anonymous-idle-s 5
}

# What the server may hold beyond what it held, in KiB. A sanitizer keeps several bytes beside each, and what was freed for a while.
ROOM=16384
[ -z "${SANITIZED:-}" ] || ROOM=$((8 * ROOM))

h2_peer() {
    timeout 100 /usr/bin/python3 "$ROOT/tests/peers/h2_peer.py" "$SERVER" "$CA" "$@"
}

peer() {
    run h2_peer "$@"
    ok
}

memory() {
    awk '/^VmRSS/ { print $2 }' "/proc/$(cat "$DATA.pid")/status"
}

still_serves() {
    json admin whoami
}

# floods LIMIT PART...: each is ended before it has sent so many KiB, and leaves nothing behind.
floods() {
    local limit=$1 before part said bytes
    before=$(memory)
    for part in "${@:2}"; do
        peer "$part"
        read -r said bytes _ <<<"$output"
        [ "$said" = closed ] || complain "$part: the server took it all"
        [ "$bytes" -le $((limit * 1024)) ] || complain "$part: went on for $bytes bytes"
    done
    [ $(($(memory) - before)) -lt $ROOM ] || complain "the server holds $(memory) KiB, before $before"
    still_serves
}

@test "http2: what libraries do not ask is answered as gRPC says" {
    peer protocol
}

@test "http2: streams that are reset, by the peer or by the server, are counted" {
    floods 1024 rapid_reset made_reset
}

@test "http2: settings, pings, priorities, windows and unknown frames are no way to keep the server busy" {
    floods 1024 settings_flood ping_flood priority_flood unknown_flood window_flood
}

@test "http2: bodies of nothing, and heads without an end" {
    floods 1024 empty_data continuation_flood continuation_filled
}

@test "http2: heads that are large, or unpacked to much more" {
    floods 1024 header_bomb large_heads
}

@test "http2: more streams than there may be, and what is no HTTP/2" {
    floods 1024 eager_streams garbage
}

@test "http2: answers that nobody has a window for are bounded, and given up" {
    local before most=0 now greedy
    before=$(memory)
    h2_peer window_stall 3>&- &
    greedy=$!
    for _ in {1..20}; do
        now=$(memory)
        [ "$now" -le $most ] || most=$now
        sleep 0.2
    done
    wait "$greedy"
    [ $((most - before)) -lt $ROOM ] || complain "the server held $most KiB, before $before"
    still_serves
}

@test "http2: who drips, is silent or idles is cut off" {
    peer slow_body
    peer silent
    peer idle
    still_serves
}

@test "http2: what was refused is counted by its cause" {
    as operator server status -o json
    ok
    is '[.refusals[] | select(.cause == "overhead")] | length' 1
    is '[.refusals[] | select(.cause == "does_not_read")] | length' 1
}
