# What runs the server: systemd's protocol, limits, being process 1; and the files in deploy.
# Run with: bats tests/e2e/server/deploy.bats

load ../helper

export BATS_NO_PARALLELIZE_WITHIN_FILE=true

setup() {
    W=$HERE/$BATS_TEST_NUMBER
    mkdir -m 755 "$W"
    PID=
    LISTENER=
}

teardown() {
    [ -z "$PID" ] || kill -9 "$PID" 2>/dev/null || true
    [ -z "$LISTENER" ] || kill "$LISTENER" 2>/dev/null || true
    processes_end "$W"
    rm -rf "$W"
}

# Serves a copy of the world's folder in $W/d with what stands before it (env, prlimit, unshare); sets PID.
serve() {
    cp -a "$WORLD/data" "$W/d"
    "$@" "$JIAYID" serve --data "$W/d" --listen 127.0.0.1:0 >"$W/out" 2>"$W/err" 3>&- &
    PID=$!
    eventually is_listening
    grep -q '^listening' "$W/out" || { cat "$W/err"; return 1; }
}

is_listening() {
    grep -q '^listening' "$W/out" || ! kill -0 "$PID" 2>/dev/null
}

ends_well() {
    local status=0
    wait "$PID" || status=$?
    PID=
    [ "$status" -eq 0 ] || { cat "$W/err"; return 1; }
}

# A service manager's end of the protocol: each message as a line of $W/messages, its parts separated by spaces.
manager() {
    perl -MIO::Socket::UNIX -e '
        my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die $!;
        chmod 0666, $ARGV[0]; $| = 1;
        while (defined $s->recv(my $m, 4096)) { $m =~ s/\n/ /g; print "$m\n" }' "$W/notify" >"$W/messages" 3>&- &
    LISTENER=$!
    eventually test -S "$W/notify"
}

said() {
    grep -q "$1" "$W/messages"
}

@test "systemd: hears of start, ready, reload, watchdog and stop, in this order" {
    manager
    serve env NOTIFY_SOCKET="$W/notify" WATCHDOG_USEC=400000
    eventually said '^READY=1 STATUS=listening on tls+tcp://127.0.0.1:'
    eventually said '^WATCHDOG=1'
    kill -HUP "$PID"
    eventually said '^RELOADING=1 MONOTONIC_USEC=[0-9]* '
    eventually is_ready_again
    kill "$PID"
    ends_well
    said '^STOPPING=1'
    [ "$(grep -oE '^(STATUS=starting|READY=1|RELOADING=1|STOPPING=1)' "$W/messages" | uniq | xargs)" = \
        'STATUS=starting READY=1 RELOADING=1 READY=1 STOPPING=1' ]
}

is_ready_again() {
    [ "$(grep -c '^READY=1' "$W/messages")" -eq 2 ]
}

@test "systemd: without a watchdog none is fed" {
    manager
    serve env NOTIFY_SOCKET="$W/notify"
    kill "$PID"
    ends_well
    run ! said WATCHDOG
    said '^STOPPING=1'
}

@test "systemd: a server that hangs is not reported alive" {
    manager
    serve env NOTIFY_SOCKET="$W/notify" WATCHDOG_USEC=200000
    eventually said '^WATCHDOG=1'
    kill -STOP "$PID"
    eventually is_stopped
    # What it said before comes before this.
    perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Type => SOCK_DGRAM, Peer => $ARGV[0])->send("STOPPED")' "$W/notify"
    eventually said STOPPED
    sleep 0.5
    run ! fed_since
    kill -CONT "$PID"
    eventually fed_since
    kill "$PID"
    ends_well
}

is_stopped() {
    grep -q '^State:.T' "/proc/$PID/status"
}

fed_since() {
    sed '1,/STOPPED/d' "$W/messages" | grep -q '^WATCHDOG=1'
}

@test "serve: the limit of descriptors is raised to what is allowed" {
    serve prlimit --nofile=256:4000
    [ "$(awk '/^Max open files/ {print $4, $5}' "/proc/$PID/limits")" = '4000 4000' ]
    kill "$PID"
    ends_well
}

@test "serve: a second SIGTERM ends the wait for calls" {
    local client
    serve prlimit --nofile=4096:4096
    SERVER=$(sed -n 's|^listening on tls+tcp://||p' "$W/out")
    cp -a "$XDG_CONFIG_HOME" "$W/config"
    find "$W/config" -type f -exec sed -i -E "s|127.0.0.1:[0-9]+|$SERVER|g" {} +
    server_psql "$W/d" -XAtqc "BEGIN; LOCK TABLE jiayi.customer; SELECT pg_sleep(600)" 3>&- >/dev/null 2>&1 &
    eventually customer_is_locked
    XDG_CONFIG_HOME=$W/config "$JIAYI" --profile sales --timeout 30 deal create Held --customer Nobody >"$W/answer" 2>&1 3>&- &
    client=$!
    eventually waits_for_customer
    kill "$PID"
    eventually grep -q event=draining "$W/err"
    # It would wait for 30 seconds.
    kill "$PID"
    ends_well
    grep -q event=drain_hurried "$W/err"
    status=0
    wait "$client" || status=$?
    # It asks again for as long as it may, and the end of that may come while it does.
    [ "$status" -eq "$UNAVAILABLE" ] || [ "$status" -eq "$DEADLINE_EXCEEDED" ] || { cat "$W/answer"; false; }
}

customer_is_locked() {
    [ -n "$(server_psql "$W/d" -XAtqc "SELECT 1 FROM pg_locks WHERE relation = 'jiayi.customer'::regclass AND mode = 'AccessExclusiveLock' AND granted")" ]
}

waits_for_customer() {
    [ -n "$(server_psql "$W/d" -XAtqc "SELECT 1 FROM pg_locks WHERE relation = 'jiayi.customer'::regclass AND NOT granted")" ]
}

@test "serve: as process 1 it collects orphans" {
    [ "$(id -u)" -eq 0 ] || skip "needs root"
    unshare --pid --fork --mount-proc true || skip "no namespaces here"
    serve unshare --pid --fork --mount-proc
    first=$(pgrep -P "$PID")
    nsenter -t "$first" -p -m sh -c 'for i in 1 2 3; do (sleep 0.1 &); done'
    sleep 0.5
    eventually no_zombies "$first"
    # Its own PostgreSQL is not taken for one of them: a death is still seen.
    pkill -9 -P "$first" -x postgres
    eventually grep -q event=cluster_restarted "$W/err"
    eventually no_zombies "$first"
    # Nor does it hide those that died with it.
    kill -STOP "$first"
    pgrep --ns "$first" --nslist pid -x postgres | xargs kill -9
    kill -CONT "$first"
    eventually restarted_twice
    eventually no_zombies "$first"
    kill "$first"
    ends_well
}

restarted_twice() {
    [ "$(grep -c event=cluster_restarted "$W/err")" -eq 2 ]
}

no_zombies() {
    ! ps -o stat= --ppid "$1" | grep -q Z
}

@test "config: a key of an earlier release is passed over" {
    cp -a "$WORLD/data" "$W/d"
    echo 'contexts = 512' >>"$W/d/jiayid.conf"
    run --separate-stderr "$JIAYID" check --data "$W/d"
    ok
    [[ $stderr = *"event=config"*"retired_key=contexts"* ]]
}

@test "operator: a new password, another operator, and none for who is no e-mail address" {
    echo 'a new secret' >"$W/pw"
    cp -a "$XDG_CONFIG_HOME" "$W/config"
    export XDG_CONFIG_HOME=$W/config
    as operator whoami
    ok
    run --separate-stderr "$JIAYID" operator "$OPERATOR" --data "$DATA" --password-file "$W/pw"
    ok
    [[ $output = "$OPERATOR has a new password; sessions ended: "[1-9]* ]]
    refused "$UNAUTHENTICATED" "sign in" operator whoami
    run "$JIAYI" --profile operator login --server "$SERVER" --ca "$CA" --user "$OPERATOR" --password-file "$(password_file operator)"
    [ "$status" -ne 0 ]
    "$JIAYI" --profile operator login --server "$SERVER" --ca "$CA" --user "$OPERATOR" --password-file "$W/pw"
    run --separate-stderr "$JIAYID" operator second@jiayi.example --data "$DATA" --password-file - <"$W/pw"
    ok
    says "second@jiayi.example is an operator now"
    "$JIAYI" --profile second login --server "$SERVER" --ca "$CA" --user second@jiayi.example --password-file "$W/pw"
    as second company list
    ok
    run --separate-stderr "$JIAYID" operator second --data "$DATA" --password-file "$W/pw"
    was_refused 2 "must be an e-mail address"
    echo short >"$W/pw"
    run --separate-stderr "$JIAYID" operator "$OPERATOR" --data "$DATA" --password-file "$W/pw"
    was_refused 1 "must have 8 to 256 characters, has 5"
}

@test "deploy: systemd says that the unit is hardened, and takes it" {
    command -v systemd-analyze >/dev/null || skip "no systemd-analyze here"
    run systemd-analyze security --offline=true --threshold=20 --no-pager "$ROOT/deploy/jiayid.service"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    echo "$output" | tail -n 1
    # Unknown keys and values are told on standard error, with status 0.
    sed "s|/usr/local/bin/jiayid|$JIAYID|" "$ROOT/deploy/jiayid.service" >"$W/jiayid.service"
    run systemd-analyze verify --man=no "$W/jiayid.service"
    [ -z "$(grep -F "$W/jiayid.service" <<<"$output")" ] || { echo "$output"; false; }
}

@test "deploy: docker-compose takes docker-compose.yml" {
    command -v docker-compose >/dev/null || skip "no docker-compose here"
    run docker-compose -f "$ROOT/docker-compose.yml" config
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    # The database is nobody's but the server's.
    [ "$(grep -c 'published\|7443:7443' <<<"$output")" -eq 1 ]
    [ "$(grep -c '^    read_only: true' <<<"$output")" -eq 3 ]
}

@test "deploy: the Dockerfile installs what ./dev build does, and the libraries of the programs" {
    [ -z "${SANITIZED:-}" ] || skip "the $SANITIZED sanitizer's libraries are not for users"
    local package library missing=
    for package in $(sed -n '/^FOR_BUILD="/,/"/p' "$ROOT/dev" | sed 's/FOR_BUILD=//' | tr -d '"'); do
        [ "$package" = libcmocka-dev ] || grep -qw -- "$package" "$ROOT/deploy/Dockerfile" || missing+=" $package"
    done
    # The direct needs of both programs; their packages need the rest.
    for library in $(objdump -p "$JIAYID" "$JIAYI" | awk '/NEEDED/ {print $2}' | sort -u); do
        case $library in libc.so.* | ld-linux* | lib[au]san.so.*) continue ;; esac
        package=$(dpkg -S "*/$library" 2>/dev/null | sed -n '1s/:.*//p')
        grep -qw -- "$package" "$ROOT/deploy/Dockerfile" || missing+=" $package ($library)"
    done
    [ -z "$missing" ] || { echo "not in deploy/Dockerfile:$missing"; false; }
}
