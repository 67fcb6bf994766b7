# What breaks nng, protobuf-c and libpq: each against the real server, which must go on serving.

load ../helper

peer() {
    run --separate-stderr timeout 90 "$BUILD/tests/peer" "$SERVER" "$CA" "$@"
}

still_serves() {
    peer check
    [ "$status" -eq 0 ] || complain "the server does not serve any more"
    json admin whoami
}

@test "hazards A2: garbage, HTTP and hang-ups do not kill the listener" {
    for text in 'GET / HTTP/1.1' 'garbage' ''; do
        for _ in {1..20}; do
            printf '%s\r\n\r\n' "$text" >"/dev/tcp/${SERVER%:*}/${SERVER##*:}" || true
        done
    done
    still_serves
}

@test "hazards A2: another protocol inside TLS is cut off" {
    peer text $'GET / HTTP/1.1\r\n\r\n'
    ok
    still_serves
}

@test "hazards A4: a peer that never reads is cut off, and the others go on" {
    "$BUILD/tests/peer" "$SERVER" "$CA" noread 3>&- &
    local greedy=$!
    still_serves
    wait "$greedy"
    still_serves
}

@test "hazards A4: a peer that says goodbye and does not read its answers does not end the server" {
    local pid
    pid=$(cat "$DATA.pid")
    for _ in 1 2 3; do
        peer farewell 40
        ok
        still_serves
    done
    kill -0 "$pid"
}

@test "hazards A6: a message that declares too many bytes ends its connection" {
    for bytes in 1048577 4294967296 18446744073709551615; do
        peer declare "$bytes"
        ok
    done
    still_serves
}

@test "hazards A6: empty sub-messages cannot take the memory" {
    peer empties 500000
    ok
    [[ $output == "8 "* ]] || complain "no RESOURCE_EXHAUSTED"
    still_serves
}

@test "hazards A6: bytes that are no request are refused" {
    local -A answers=(
        [ff]="3 " [0a]="3 " [0a05]="3 " [0aff]="3 "
        [0a01ff]="3 method: is not valid UTF-8"
        [0a0361006200]="3 " # NUL in the method's name
        [1200]="12 " # an empty request
        [0a0178]="12 the server has no method"
    )
    for hex in "${!answers[@]}"; do
        peer bytes "$hex"
        ok
        [[ $output == "${answers[$hex]}"* ]] || complain "$hex"
    done
    still_serves
}

@test "hazards: a change is acknowledged only when it is committed" {
    local id
    id=$(new_deal sales)
    sql "CREATE FUNCTION jiayi.refuse_late() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN RAISE EXCEPTION ''at the very end''; END';
         CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON jiayi.deal DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION jiayi.refuse_late()"
    as sales deal move "$id" contacted
    sql "DROP TRIGGER late ON jiayi.deal; DROP FUNCTION jiayi.refuse_late()"
    was_refused 23 "the server failed; tell its operator the request id "
    [[ $stderr =~ \ [0-9a-f]{32}$ ]] || complain "the request id is not told"
    json sales deal show "$id"
    is .stage new
}

@test "hazards: a lock that is held past the deadline ends the call, and nothing is changed" {
    local id
    id=$(new_deal sales)
    hold_deal "$id"
    as sales --timeout 1 deal move "$id" contacted
    [ "$status" -eq "$DEADLINE_EXCEEDED" ] || complain "exit status $status"
    [[ $stderr = *deadline* ]] || complain 'no deadline is named'
    eventually hold_is_over
    release
    json sales deal show "$id"
    is .stage new
    is .version 1
}

@test "hazards: lost database connections are made again, and calls begun again" {
    local id
    id=$(new_deal sales)
    for _ in 1 2 3; do
        sql "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'jiayi_app'"
        json sales deal show "$id"
        sql "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'jiayi_app'"
        json sales deal log "$id" --kind call --text "once"
    done
    is .text once
    [ "$(sql "SELECT count(*) FROM jiayi.activity WHERE deal_id = $id")" = 3 ]
}

@test "hazards A10: a flood of sign-ins leaves those who are signed in alone" {
    local i
    for i in {1..40}; do
        echo "wrong password $i" | "$JIAYI" --profile "flood$i" --timeout 20 login --server "$SERVER" --ca "$CA" \
            --user "nobody$i@acme.example" --password-file - >/dev/null 2>&1 3>&- &
    done
    for i in {1..20}; do
        json sales whoami
    done
    wait
    still_serves
}

@test "SIGTERM: a call that outlasts the drain is told UNAVAILABLE, and nothing is left behind" {
    local id
    server_stop "$DATA" >&2
    server_start "$DATA" --drain-timeout-s 1 >&2
    sign_in sales sales@acme.example
    id=$(new_deal sales)
    hold_deal "$id"
    # PostgreSQL ends the youngest sessions first: the server's begin after the lock's, which else might be let go, and the
    # change be made, before the end came to it.
    sql "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'jiayi_app'"
    "$JIAYI" --profile sales --timeout 30 deal move "$id" contacted >"$HERE/move.out" 2>&1 3>&- &
    local caller=$!
    eventually hold_is_felt
    server_stop "$DATA" >&2
    kill "$caller" 2>/dev/null || true
    wait "$caller" || true
    echo "\\q" >&"${LOCK[1]}" || true
    [ -z "$LOCK_PID" ] || wait "$LOCK_PID" || true
    [ -z "$(processes_in "$DATA")" ]
    server_start "$DATA" >&2
    sign_in sales sales@acme.example
    json sales deal show "$id"
    is .stage new
}

@test "SIGTERM: peers that leave while the server hangs up on them do not make it fail" {
    local peer
    server_stop "$DATA" >&2
    for _ in 1 2 3; do
        server_start "$DATA" >&2 # a child of this shell, which learns how it ended
        "$BUILD/tests/peer" "$SERVER" "$CA" rush 900 >"$HERE/rush.out" 3>&- &
        peer=$!
        eventually grep -q ready "$HERE/rush.out"
        server_stop "$DATA" >&2
        wait "$peer"
        : >"$HERE/rush.out"
    done
    server_start "$DATA" >&2
}

@test "hazards A1: who was told to come again later is cut off like others when it stops in mid-message" {
    server_stop "$DATA" >&2
    server_start "$DATA" --receive-timeout-ms 300 >&2
    peer stall
    ok
    [[ $output == "16 "* ]] || complain "no UNAUTHENTICATED"
    server_stop "$DATA" >&2
    server_start "$DATA" >&2
}
