#!/usr/bin/env bats
# What contracts share, on two servers of one database: it begins and stops at one moment on both, that of the database's clock,
# and a call in flight has the moment at which it began. (To the microsecond, on one: tests/sql/contract.sql.)

load ../helper
load ../contracts

export BATS_NO_PARALLELIZE_WITHIN_FILE=true

# The second server's own clock is three hours ahead.
setup_file() {
    local library
    world_open
    library=$(find /usr/lib -name libfaketimeMT.so.1 | head -1)
    [ -n "$library" ]
    # The sanitizers want to be loaded first.
    export AHEAD=
    [ -n "${SANITIZED:-}" ] || AHEAD="env LD_PRELOAD=$library FAKETIME=+3h FAKETIME_DONT_FAKE_MONOTONIC=1"
}

teardown_file() {
    world_close
}

teardown() {
    second_close
}

# at 1|2 PROFILE WORDS…: asked of the one server or of the other.
at() {
    local config=$XDG_CONFIG_HOME
    [ "$1" = 1 ] || config=$SECOND_CONFIG
    shift
    XDG_CONFIG_HOME=$config as "$@"
}

# The database's clock, in microseconds.
moment() {
    sql 'SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint'
}

# What the vendor sees of DEAL at a server by a question, yes or no: the deal, a list with it, the principal's stages.
sees() { # 1|2 show|list|stages
    case $2 in
    show) at "$1" "$VENDOR" deal show "$DEAL" ;;
    list) at "$1" "$VENDOR" -o json deal list ;;
    stages) at "$1" "$VENDOR" stage list --company acme ;;
    esac
    case $2:$status in
    show:0 | stages:0) SEEN=yes ;;
    show:"$NOT_FOUND" | stages:"$FAILED_PRECONDITION") SEEN=no ;;
    list:0) SEEN=$(jq -r --arg deal "$DEAL" 'if any(.deals[]?; .id == $deal) then "yes" else "no" end' <<<"$output") ;;
    *) complain "$2 at server $1" ;;
    esac
}

# both_see yes|no
both_see() {
    local server question
    for server in 1 2; do
        for question in show list stages; do
            sees $server $question
            [ "$SEEN" = "$1" ] || complain "$question at server $server: $SEEN instead of $1"
        done
    done
}

# edge COLUMN BEFORE AFTER: that column of CONTRACT comes to pass, and both servers are asked in turns until each has answered
# each question after it. A call's moment lies between two looks at the database's clock: only where the edge does too it
# may answer either.
edge() {
    local edge server question from to
    declare -A after=()
    sql "UPDATE jiayi.contract SET $1 = clock_timestamp() + interval '1 hour' WHERE id = $CONTRACT"
    both_see "$2"
    sql "UPDATE jiayi.contract SET $1 = clock_timestamp() + interval '3 seconds' WHERE id = $CONTRACT"
    edge=$(sql "SELECT (extract(epoch FROM $1) * 1000000)::bigint FROM jiayi.contract WHERE id = $CONTRACT")
    to=$(moment)
    while [ ${#after[@]} -lt 6 ]; do
        for question in show list stages; do
            for server in 1 2; do
                from=$to
                sees $server $question
                to=$(moment)
                if [ "$to" -lt "$edge" ]; then
                    [ "$SEEN" = "$2" ] || complain "$question at server $server: $SEEN $((edge - to)) µs before $1"
                elif [ "$from" -ge "$edge" ]; then
                    [ "$SEEN" = "$3" ] || complain "$question at server $server: $SEEN $((from - edge)) µs after $1"
                    after[$server$question]=yes
                fi
            done
        done
    done
}

# shared SLUG: one more vendor, the second server, a deal that is shared with it and a contract that both have signed.
shared() {
    VENDOR=$1
    partner "$VENDOR"
    CONTRACT=$(signed "$VENDOR" '{"duties": [{"title": "Report", "side": "vendor", "due": "2031-01-31"}]}')
    DEAL=$(new_deal sales --vendor "$VENDOR")
    DETACH=$AHEAD second
}

@test "clock: what is shared begins, rests, goes on and expires at one moment on two servers, whatever their own clocks say" {
    shared alpha
    edge from_at no yes
    both_see yes
    at 1 admin contract suspend "$CONTRACT" --reason 'An audit.'
    ok
    both_see no
    at 2 admin contract resume "$CONTRACT"
    ok
    both_see yes
    at 2 admin partner suspend alpha
    ok
    both_see no
    at 1 admin partner resume alpha
    ok
    both_see yes
    edge to_at yes no
    # Whoever of the two writes it down, that changes nothing.
    sql "UPDATE jiayi.job SET next_slot = date_trunc('minute', now()), due_at = now() WHERE name = 'expiry'"
    eventually expired
    both_see no
    [ "$(sql "SELECT count(*) FROM jiayi.event WHERE kind = 'contract.expired' AND on_id = $CONTRACT")" = 1 ]
}

expired() {
    [ "$(sql "SELECT state FROM jiayi.contract WHERE id = $CONTRACT")" = expired ]
}

@test "clock: a contract that is ended at one server is over at the other with the answer" {
    shared bravo
    both_see yes
    at 2 bravo contract end "$CONTRACT" --reason 'Enough.'
    ok
    both_see no
    for server in 1 2; do
        at $server bravo deal log "$DEAL" --kind note --text late
        was_refused $NOT_FOUND "no deal $DEAL"
        at $server admin deal share "$DEAL" --vendor bravo
        was_refused $FAILED_PRECONDITION 'no contract with bravo is in force'
        # What both signed stays readable.
        at $server bravo contract show "$CONTRACT"
        ok
    done
}

# What waits for a lock in the middle of a call's statement on deals.
WAITING="pg_stat_activity AS a WHERE a.wait_event_type = 'Lock' AND a.query ILIKE '%deal%'"

# asked N: for eventually: as many calls do.
asked() {
    [ "$(sql "SELECT count(*) FROM $WAITING")" = "$1" ]
}

# flight SERVER FILE WORDS…: a call of the vendor's, in the background.
flight() {
    local server=$1 file=$2
    shift 2
    (
        at "$server" "$VENDOR" "$@"
        echo "$status" >"$file"
    ) 3>&- &
    FLIGHTS+=($!)
}

@test "clock: a reading call in flight answers by its snapshot; the next one, at either server, by the new" {
    local server FLIGHTS=()
    shared charly
    # A lock on what says who shares stops the calls in the middle of their statement; the contract rests meanwhile.
    hold "LOCK TABLE jiayi.partnership IN ACCESS EXCLUSIVE MODE; UPDATE jiayi.contract SET state = 'suspended' WHERE id = $CONTRACT"
    for server in 1 2; do flight $server "$BATS_TEST_TMPDIR/$server" --timeout 60 deal show "$DEAL"; done
    eventually asked 2
    release
    wait "${FLIGHTS[@]}"
    [ "$(cat "$BATS_TEST_TMPDIR"/[12])" = $'0\n0' ] || complain 'a call in flight was answered by what came later'
    both_see no
}

@test "clock: a call that began before a contract's last second answers after it as before" {
    local server seconds FLIGHTS before=
    shared delta
    for seconds in 3 12 48; do
        FLIGHTS=()
        sql "UPDATE jiayi.contract SET to_at = clock_timestamp() + interval '$seconds seconds' WHERE id = $CONTRACT"
        hold 'SET LOCAL idle_in_transaction_session_timeout = 0; LOCK TABLE jiayi.partnership IN ACCESS EXCLUSIVE MODE'
        for server in 1 2; do flight $server "$BATS_TEST_TMPDIR/$server" --timeout 120 deal show "$DEAL"; done
        eventually asked 2
        before=$(sql "SELECT count(*) FROM $WAITING AND a.xact_start < (SELECT c.to_at FROM jiayi.contract AS c WHERE c.id = $CONTRACT)")
        PATIENCE_S=120 eventually over
        release
        wait "${FLIGHTS[@]}"
        [ "$before" != 2 ] || break
    done
    [ "$before" = 2 ]
    [ "$(cat "$BATS_TEST_TMPDIR"/[12])" = $'0\n0' ] || complain 'a call in flight was answered by the clock of its end'
    both_see no
}

over() {
    [ "$(sql "SELECT clock_timestamp() > to_at FROM jiayi.contract WHERE id = $CONTRACT")" = t ]
}

@test "clock: a change in flight is done whole where it began in time, and the next is refused" {
    local FLIGHTS=() server
    shared echo
    hold_deal "$DEAL"
    for server in 1 2; do
        flight $server "$BATS_TEST_TMPDIR/$server" --timeout 60 deal log "$DEAL" --kind note --text "in flight $server"
    done
    eventually asked 2
    at 2 admin contract suspend "$CONTRACT" --reason 'An audit.'
    ok
    release
    wait "${FLIGHTS[@]}"
    [ "$(cat "$BATS_TEST_TMPDIR"/[12])" = $'0\n0' ] || complain "$(cat "$BATS_TEST_TMPDIR"/[12])"
    [ "$(sql "SELECT string_agg(text, ', ' ORDER BY text) FROM jiayi.activity WHERE deal_id = $DEAL")" = 'in flight 1, in flight 2' ]
    for server in 1 2; do
        at $server echo deal log "$DEAL" --kind note --text 'too late'
        was_refused $NOT_FOUND "no deal $DEAL"
    done
}
