# The attacks of ./dev attack, briefly, against a server with short timeouts and low limits: the good client's calls all succeed,
# also new ones; the attacker is cut off or refused as promised; descriptors are given back; the log has no secrets. The names tell
# the weakness of the stack that each defence stands before.

load ../helper

setup_file() {
    MONITOR=127.0.0.1:$(free_port)
    export MONITOR
    world_open
    server_stop "$DATA" >&2
    server_start "$DATA" --handshake-timeout-ms 1000 --receive-timeout-ms 1000 --send-timeout-ms 1000 --anonymous-idle-s 1 \
        --connections-per-address 40 --connections-limit 700 --calls-per-connection 8 --queue-limit 128 \
        --buffers-limit-bytes 8388608 --monitor-listen "$MONITOR" >&2
    cp "$ROOT/tests/bench/data.sql" "$ROOT/tests/attack/log.sql" "$HERE"
    server_psql "$DATA" -q -v deals=4000 -f "$HERE/data.sql" -f "$HERE/log.sql" >&2
}

# attack NAME SCALE SECONDS [COUNTS]: every promise must be kept, but those about time by ./dev asan and tsan; and COUNTS, such as
# cut,held=500, be reached, for which the attack lasts longer on a slow machine. The output is what the attack came to, as JSON.
attack() {
    run --separate-stderr "$BUILD/tests/attack" --brief --json --server "$SERVER" --ca "$CA" --pid "$(cat "$DATA.pid")" \
        --log "$DATA.log" --password-file "$(password_file operator)" --only "$1" --scale "$2" --seconds "$3" ${4:+--until "$4"}
    if [ -n "${SANITIZED:-}" ]; then
        # Much slower, it breaks promises that are about time. What the sanitizer has to tell counts: here, and at the server's end.
        [ "$status" -le 1 ] || complain "exit status $status"
        skip "promises about time are not for $SANITIZED sanitizers"
    fi
    ok
    is .broken ''
}

@test "attack A1: silent connections are cut off" {
    attack silent 0.05 1 cut
}

@test "attack A1: one address has no more than its share of the connections" {
    attack silent-one 0.1 1 cut
    grep -q 'event=refused cause=connections_per_address' "$DATA.log" || complain "nobody was turned away"
}

@test "attack A1: a dripped ClientHello is cut off" {
    attack drip-hello 0.1 1.5 cut
}

@test "attack A1: silence after the handshake, and after the greeting, is cut off" {
    attack silent-tls 0.02 1.5 cut
    attack silent-sp 0.02 2.5 cut
}

@test "attack A1: a dripped greeting and a dripped request are cut off" {
    attack drip-greeting 0.04 2 cut
    attack drip-message 0.04 2.5 cut
}

@test "attack A1: who was told to come again later is cut off like others when it stops in mid-message" {
    run --separate-stderr timeout 90 "$BUILD/tests/peer" "$SERVER" "$CA" stall
    ok
    [[ $output == "16 "* ]] || complain "no UNAUTHENTICATED"
}

@test "attack A2, A3: garbage, resets and half-closes at every stage leave the listener alive" {
    attack garbage 0.4 1.5 cut
}

@test "attack A2, A3: HTTP, and a TLS that is not spoken, are cut off at once" {
    attack http 0.2 1 cut
    attack tls12 0.2 1 cut
}

@test "attack: HTTP/2's floods are cut off, whatever they are of" {
    local flood
    for flood in resets made-resets nothing continue bomb heads odd streams; do attack h2-$flood 0.2 0.5 cut; done
    grep -q 'event=refused cause=overhead' "$DATA.log" || complain "nobody was turned away"
}

@test "attack A2, A11: frames that are none, and farewells amid calls, leave nothing behind" {
    attack h2-garbage 0.4 1 cut
    attack h2-goaway 0.4 1 'done'
}

@test "attack A1: silence in HTTP/2 is cut off, and one address has no more than its share" {
    attack h2-silent 0.02 1.5 cut
    attack h2-silent-one 0.1 1 cut
    grep -q 'event=refused cause=connections_per_address' "$DATA.log" || complain "nobody was turned away"
}

@test "attack A1: a dripped preface is cut off, dripped bodies come to nothing" {
    attack h2-drip-preface 0.04 2 cut
    attack h2-drip-body 0.04 2.5 held=20
}

@test "attack A4: whoever opens no window, or hardly any, or does not read, leaves others alone" {
    local before
    before=$(put_off)
    # Of eight calls at a time.
    attack h2-window 0.25 2 'done'
    attack h2-window-many 0.25 2 'done'
    attack h2-sip 0.25 2 'done'
    attack h2-no-read 0.25 2 'done'
    [ "$(put_off)" -gt "$before" ] || complain "no call waited"
    attack h2-dialogs 0.25 1.5 'done'
    eventually grep -Eq 'event=refused cause=does_not_read' "$DATA.log"
}

@test "attack A5: calls by gRPC meet the limits of all calls" {
    attack h2-company 1 1 'done'
    attack h2-costly 1 1 'done'
    attack h2-pipelined 1 1 'done'
    attack h2-strangers 1 1
}

@test "attack A6: long requests by HTTP/2, and JSON that is deep or long, leave memory to others" {
    attack h2-hoard 0.15 1.5 held=5
    attack h2-bulk 1 1 'done'
    attack h2-json 0.5 1 refused
}

@test "attack A10: wrong passwords by Connect are refused as others; strangers get the schema no more often by it" {
    attack h2-passwords 1 1
    attack h2-schema 1 1 'done,refused'
}

@test "attack A9, A13: connections of gRPC stay while they rest, and go, also in mid-answer" {
    attack h2-idle 0.1 1 held=200
    [ "$(jq .cut <<<"$output")" -eq 0 ] || complain "some were cut off"
    attack h2-vanish 0.3 1 'done'
}

# put_off: how many calls waited for their peer to read.
put_off() {
    curl -s -m 30 "http://$MONITOR/metrics" | awk '$1 == "jiayi_calls_put_off_total" { print $2 }'
}

@test "attack A4: who does not read is cut off, and has no page made that would wait to be read" {
    local before
    before=$(put_off)
    attack no-read 1 2 cut
    attack no-read-many 0.3 2 cut
    [ "$(put_off)" -gt "$before" ] || complain "no call waited"
}

@test "attack A4: who reads a byte at a time is cut off" {
    local before
    before=$(put_off)
    attack sip 0.3 2.5 cut
    [ "$(put_off)" -gt "$before" ] || complain "no call waited"
}

@test "attack A5: one connection's calls leave turns to others" {
    attack pipelined 1 1 'done'
}

@test "attack A5: one company's calls leave turns to others" {
    attack company 1 1 'done'
}

@test "attack A5: costly calls of one company leave turns to others" {
    attack heavy 1 1 'done'
    attack costly 1 1 'done'
}

@test "attack A5, A6: one company's longest requests leave turns and memory to others" {
    attack bulk 1 1 'done'
}

@test "attack A5: calls without a session leave turns to others" {
    attack tokens 1 1
    attack public 1 1
}

@test "attack A5: calls without a session from hundreds of addresses leave turns to others" {
    attack strangers 1 1
}

@test "attack: case L7: strangers of one network get the schema some times and then seldom; who is signed in gets it" {
    local i
    attack schema 1 1 'done,refused'
    grep -q 'event=refused cause=schema_rate' "$DATA.log" || complain "nobody was turned away"
    # More than a network of strangers is given at once.
    sign_in operator "$OPERATOR"
    for i in $(seq 80); do
        "$JIAYI" --profile operator api call ServerService/GetSchema '{}' --timeout 20 >"$HERE/schema" || complain "the $i-th failed"
    done
    [ "$(jq -r .file_descriptor_set "$HERE/schema" | base64 -d | sha256sum | cut -c 1-64)" = \
        "$(jq -r .sha256 "$HERE/schema" | base64 -d | od -An -tx1 | tr -d ' \n')" ]
}

@test "attack A6: a declared length beyond the limit ends its connection" {
    attack declared 0.5 1 cut,refused
}

@test "attack A6: requests that are never complete do not take the memory of others" {
    attack hoard 0.15 1.5 cut
}

@test "attack A6: 1 MiB of empty messages, and messages thousands deep, are refused" {
    attack empties 0.5 1
    attack nested 0.2 1 refused
}

@test "attack A9, A11: peers that vanish in mid-answer leave nothing behind" {
    attack vanish 0.3 1 'done'
}

@test "attack A10: wrong passwords are refused, and who is signed in notices nothing" {
    attack passwords 1 1
    attack passwords-one 0.2 1
    attack passwords-far 0.2 1
}

@test "attack A10: right passwords by the hundred leave others alone" {
    attack sign-ins 1 1
}

@test "attack A10: handshakes and tickets by the hundred leave others alone; who changes keys all the time is cut off" {
    attack handshakes 0.3 1 'done'
    attack tickets 0.3 1 'done'
    attack key-updates 0.1 1 cut
}

@test "attack A13: hundreds of idle connections that are signed in stay, and go" {
    attack idle 0.05 1 held=500
    [ "$(jq .cut <<<"$output")" -eq 0 ] || complain "some were cut off"
}
