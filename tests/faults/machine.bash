# shellcheck shell=bash disable=SC2034
# What the machine does to a server: it stops, its disk is full, its clock steps, its certificate expires. Read by run.

# now_us: on the clock of the history.
now_us() {
    awk '{ printf "%.0f\n", $1 * 1000000 }' /proc/uptime
}

# hold SECONDS: keeps follow-ups from being logged for so long; returns when a call waits for that.
hold() {
    local tries
    sql -c "BEGIN; LOCK TABLE jiayi.activity IN SHARE MODE; SELECT pg_sleep($1)" >/dev/null 2>&1 &
    for ((tries = 0; tries < 600; tries++)); do
        [ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")" -eq 0 ] || return 0
        sleep 0.02
    done
    fail "no call came to wait for the lock"
}

# SIGTERM under load: what is in flight is answered, or told to try again, and the server ends in its time of grace.
fault_sigterm() {
    begin
    hold 1.5
    TERMS+=("$(now_us)")
    kill -TERM "$SERVER_PID"
    server_ends 35 || fail "jiayid did not end in its 30 s of grace"
    [ "$STATUS" -eq 0 ] || fail "jiayid ended with $STATUS"
    SERVER_FLAGS=(--drain-timeout-s 1)
    server_up
    more 60
    hold 60 # longer than there is grace
    TERMS+=("$(now_us)")
    kill -TERM "$SERVER_PID"
    server_ends 8 || fail "jiayid did not end soon after its 1 s of grace"
    [ "$STATUS" -eq 0 ] || fail "jiayid ended with $STATUS"
    sql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()" >/dev/null
    server_up
    more 60
}

# Of the calls that were in flight at a SIGTERM, those whose first attempt was never answered.
check_terms() {
    local t dropped
    for t in "${TERMS[@]}"; do
        dropped=$(sql -c "SELECT method, id, sent, unanswered FROM faults.call
            WHERE begins < $t - 20000 AND ends > $t AND unanswered > 0 AND sent - unanswered < 2")
        [ -z "$dropped" ] || fail "in flight at SIGTERM and not answered: $dropped"
    done
}

# small FOLDER MEGABYTES: puts a folder of the cluster on a file system of its own with so much room. The mount is seen
# by this run alone and goes with it.
small() {
    local folder=$DIR/data/pg/$1
    cp -a "$folder" "$folder.full"
    mount -t tmpfs -o "size=$(($(du -sm "$folder" | cut -f 1) + $2))m,mode=700,uid=postgres,gid=postgres" jiayi "$folder"
    cp -a "$folder.full/." "$folder/"
    rm -rf "$folder.full"
}

# fill FOLDER: takes all the room that is left.
fill() {
    cat /dev/zero >"$DIR/data/pg/$1/filler" 2>/dev/null || true
}

# The disk with the tables is full: changes are refused with RESOURCE_EXHAUSTED (exit status 18), reads work.
fault_disk-tables() {
    local tries status=0
    small base 16
    begin
    cli sales deal list >/dev/null
    fill base
    for ((tries = 0; tries < 100; tries++)); do
        status=0
        cli junior deal create "Deal $tries" --customer "$(head -c 150 /dev/zero | tr '\0' x)" --timeout 1 >/dev/null 2>"$DIR/refusal" ||
            status=$?
        [ $status -ne 18 ] || break
    done
    [ $status -eq 18 ] || fail "with the disk full, deal create ended with $status: $(cat "$DIR/refusal")"
    grep -q 'no room' "$DIR/refusal" || fail "the refusal says: $(cat "$DIR/refusal")"
    for tries in 1 2 3; do
        cli sales deal list >/dev/null 2>"$DIR/refusal" || fail "with the disk full, deal list says: $(cat "$DIR/refusal")"
        cli manager kpi list >/dev/null 2>"$DIR/refusal" || fail "with the disk full, kpi list says: $(cat "$DIR/refusal")"
        sleep 0.3
    done
    rm "$DIR/data/pg/base/filler"
    more 60
}

# The disk with the log of the private cluster is full: PostgreSQL ends in a PANIC; jiayid starts it until there is room.
fault_disk-log() {
    private
    small pg_wal 40
    server_up
    clients_up
    more 60
    fill pg_wal
    for _ in {1..20}; do server_psql "$DIR/data" -qc 'SELECT pg_switch_wal(); CREATE TABLE t(); DROP TABLE t' || break; done \
        >/dev/null 2>&1
    await_log cluster_ended
    nap 500 3000
    rm "$DIR/data/pg/pg_wal/filler"
    more 60
    await_log cluster_restarted
    kill -0 "$SERVER_PID" || fail "jiayid ended"
}

# jiayid runs the cluster itself.
private() {
    DATABASE=()
}

# await_log EVENT: until jiayid's log has it.
await_log() {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        ! grep -q "event=$1" "$DIR/jiayid.log" || return 0
        sleep 0.1
    done
    fail "jiayid's log has no $1"
}

# jiayid's own PostgreSQL is killed, with and without its children: jiayid says so and brings it back.
fault_private-killed() {
    local postmaster pids
    private
    server_up
    clients_up
    more 60
    kill -KILL "$(head -1 "$DIR/data/pg/postmaster.pid")"
    more 60
    await_log cluster_ended
    await_log cluster_restarted
    postmaster=$(head -1 "$DIR/data/pg/postmaster.pid")
    mapfile -t pids < <(ps -o pid= --ppid "$postmaster")
    kill -KILL "$postmaster" "${pids[@]}"
    more 60
    [ "$(grep -c event=cluster_restarted "$DIR/jiayid.log")" -eq 2 ] || fail "the cluster was not started twice"
}

# What makes a process see the clock of the file DIR/clock. Deadlines go by the monotonic one, which no step touches.
false_clock() {
    local library
    library=$(find /usr/lib -name libfaketimeMT.so.1 | head -1)
    echo +0 >"$DIR/clock"
    CLOCK=("LD_PRELOAD=$library" "FAKETIME_TIMESTAMP_FILE=$DIR/clock" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1)
}

# step OFFSET: such as +1d.
step() {
    echo "$1" >"$DIR/clock.new"
    mv "$DIR/clock.new" "$DIR/clock"
    more 60
}

# PostgreSQL's clock goes a day forth and two back. Sessions that were idle for a day have ended, and nothing else.
fault_clock-database() {
    false_clock
    PG_ENV=("${CLOCK[@]}")
    begin
    jobs_come '1 hour'
    EXPIRY=("$(now_us)")
    step +1d
    jobs_are_run
    back_in
    EXPIRY+=("$(now_us)")
    step +0
    step -1d
    step +0
}

# Until the session of each of workload.c's clients has ended and the client, signed in again, has got on. One that opened its
# session under a later step's clock would see it end with the step after that.
back_in() {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        [ "$(awk -F '[:,]' '/"code":16,/ { ended[$2]; next } $2 in ended { back[$2] } END { print length(back) }' \
            "$DIR/history")" -lt 8 ] || return 0
        sleep 0.1
    done
    fail "not every client had to sign in again, and did"
}

# The server's does: nothing ends.
fault_clock-server() {
    false_clock
    SERVER_ENV=("${CLOCK[@]}")
    EXPIRY=(0 0)
    begin
    step +1d
    step +0
    step -1d
}

# Sessions ended while the clock stood a day ahead, if at all then, and at no other time.
check_expiry() {
    local said
    said=$(sql -c "SELECT count(*) FILTER (WHERE begins BETWEEN ${EXPIRY[0]} - 1000000 AND ${EXPIRY[1]}),
                          count(*) FILTER (WHERE begins NOT BETWEEN ${EXPIRY[0]} - 1000000 AND ${EXPIRY[1]})
                   FROM faults.call WHERE code = 16")
    if [ "${EXPIRY[0]}" -eq 0 ]; then
        [ "$said" = '0|0' ] || fail "sessions ended in time and out of time: $said"
    else
        [[ $said =~ ^[1-9][0-9]*\|0$ ]] || fail "sessions ended in time and out of time: $said"
    fi
}

# certificate DAYS-AGO DAYS: a certificate of the server's authority, from so many days ago, good for so many days, in
# the server's place; and SIGHUP.
certificate() {
    local tls=$DIR/data/tls before
    openssl req -new -key "$tls/server.key" -subj /CN=jiayid -out "$DIR/request.pem" 2>/dev/null
    faketime -f "-${1}d" openssl x509 -req -in "$DIR/request.pem" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -days "$2" \
        -extfile <(echo 'subjectAltName = DNS:localhost, IP:127.0.0.1') -out "$DIR/certificate.pem" 2>/dev/null
    cat "$DIR/certificate.pem" "$tls/ca.pem" >"$tls/server.pem"
    before=$(grep -c event=reload "$DIR/jiayid.log" || true)
    kill -HUP "$SERVER_PID"
    for _ in {1..250}; do
        [ "$(grep -c event=reload "$DIR/jiayid.log")" -eq "$before" ] || return 0
        sleep 0.02
    done
    fail "SIGHUP: the log says nothing of it"
}

# The certificate that a new connection sees.
shown_certificate() {
    openssl s_client -connect "127.0.0.1:$PORT" -CAfile "$DIR/data/tls/ca.pem" </dev/null 2>/dev/null | openssl x509 -noout -serial
}

# An expired certificate is refused by the client, in clear words; a new one counts from SIGHUP on, and no call is dropped.
fault_certificates() {
    local status=0 old
    begin
    cli sales deal list >/dev/null
    certificate 10 5
    more 60
    cli sales deal list >/dev/null 2>"$DIR/refusal" || status=$?
    [ $status -eq 24 ] && grep -q 'its certificate has expired; its operator has to renew it' "$DIR/refusal" ||
        fail "of an expired certificate the client says ($status): $(cat "$DIR/refusal")"
    old=$(shown_certificate)
    certificate 0 90
    more 60
    cli sales deal list >/dev/null || fail "with the new certificate the client fails"
    [ "$old" ] && [ "$old" != "$(shown_certificate)" ] || fail "the certificate shown is the old one: $old"
    UNDROPPED=1
}

# No call had to be sent twice.
check_undropped() {
    local again
    again=$(sql -c "SELECT method, id, code, sent, unanswered FROM faults.call WHERE sent <> 1 OR unanswered > 0 LIMIT 5")
    [ -z "$again" ] || fail "calls were dropped: $again"
}
