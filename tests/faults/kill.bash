# shellcheck shell=bash disable=SC2034
# The server is killed at the points of a call. Read by run.

# Nothing happens; then faults are planted into the history and the database, of which the checker has to find each.
fault_checker() {
    begin
    more 400
    PLANTS=1
}

check_plants() {
    local missed
    missed=$(sql -f tests/faults/plants.sql)
    [ -z "$missed" ] || fail "planted and not found: $missed"
    NOTE="$(sql -c 'SELECT count(*) FROM faults.plant') planted faults found; "
}

# kill_at POINT: the server is killed at the N-th passage of a point of its code (server/base/fault.h), twice.
kill_at() {
    local round
    JIAYID=$KILLABLE
    pg_up || fail "PostgreSQL did not start"
    for round in 1 2; do
        chosen 60 400
        SERVER_ENV=("JIAYI_FAULT=$1:$N")
        server_up
        [ $round -gt 1 ] || clients_up
        server_ends 60 || fail "the server never came to $1 number $N"
        [ "$STATUS" -eq 137 ] || fail "the server ended with $STATUS"
        NOTE+="$1 number $N; "
    done
    SERVER_ENV=()
    server_up
    more 60
}

fault_kill-decode() { kill_at after_decode; }
fault_kill-authorize() { kill_at after_authorize; }
fault_kill-statement() { kill_at after_statement; }
fault_kill-sent() { kill_at sync_sent; }
fault_kill-sync() { kill_at after_sync; }
fault_kill-reply() { kill_at before_reply; }
