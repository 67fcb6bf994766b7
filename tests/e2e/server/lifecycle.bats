# The life of a server: init, serve, check, signals, kill -9, taking over what is left of a cluster.
# Run with: bats tests/e2e/server/lifecycle.bats    (BUILD=folder of jiayid; as root, or as any user)

bats_require_minimum_version 1.5.0

load ../../eventually
export PATIENCE_S=30 # for eventually

PASSWORD='correct horse battery staple'

# The tests share a data folder.
export BATS_NO_PARALLELIZE_WITHIN_FILE=true

setup_file() {
    export BUILD="${BUILD:-$BATS_TEST_DIRNAME/../../../build}"
    export JIAYID="$BUILD/jiayid"
    OWNER=$(id -un)
    [ "$(id -u)" -ne 0 ] || OWNER=postgres
    # Short, as a Unix socket's path has few bytes; open, as another user works below it.
    # In memory where there is room: a cluster waits for the disk often.
    local base=/tmp
    [ "$(df --output=avail -k /dev/shm 2> /dev/null | tail -n 1)" -lt 1000000 ] 2> /dev/null || base=/dev/shm
    [ -w "$base" ] || base=/tmp
    ROOT=$(mktemp -d "${SCRATCH:-$base}/jl.XXXXXX")
    export OWNER ROOT
    chmod 755 "$ROOT"
    printf '%s\n' "$PASSWORD" > "$ROOT/pw"
    "$JIAYID" init --data "$ROOT/made" --operator operator@example.com --password-file "$ROOT/pw" \
        --hostname jiayi.example.com
}

teardown_file() {
    rm -rf "$ROOT"
}

setup() {
    W="$ROOT/$BATS_TEST_NUMBER"
    mkdir -m 755 "$W"
    D="$W/d"
    SERVER=
}

teardown() {
    local pid
    [ -z "$SERVER" ] || kill -9 "$SERVER" 2> /dev/null || true
    for pid in $(cluster "$D") $(cluster "$W/other"); do
        kill -9 "$pid" 2> /dev/null || true
    done
    [ -z "$KEPT" ] || kill "$KEPT" 2> /dev/null || true
    rm -rf "$W"
}

# The data folder that init made. What a test leaves of its cluster, the next one takes over.
made() {
    D="$ROOT/made"
}

# A copy of it, for tests that change what is in it.
fresh() {
    cp -a "$ROOT/made" "$D"
}

as_owner() {
    if [ "$(id -u)" -eq 0 ]; then
        runuser -u "$OWNER" -- "$@"
    else
        "$@"
    fi
}

as_root_only() {
    [ "$(id -u)" -eq 0 ] || skip "needs root"
}

sql() {
    as_owner psql -XqAt -v ON_ERROR_STOP=1 -h "$D/run" -U postgres -d jiayi -c "$1"
}

init() {
    run --separate-stderr "$JIAYID" init --data "$D" --operator operator@example.com --password-file "$ROOT/pw" "$@"
}

# The processes of the cluster in a data folder. One that has no program any more has ended, though it has its folder for a
# moment more.
cluster() {
    local proc
    find /proc -maxdepth 2 -path '/proc/[0-9]*/cwd' -lname "$1/pg" -printf '%h\n' 2> /dev/null |
        while read -r proc; do
            [ ! -e "$proc/exe" ] || echo "${proc#/proc/}"
        done
}

cluster_is_gone() {
    [ -z "$(cluster "$D")" ]
}

postmaster() {
    head -n 1 "$D/pg/postmaster.pid"
}

# The process is no longer of the cluster; it may be a zombie still.
is_gone() {
    ! cluster "$D" | grep -qx "$1"
}

is_listening() {
    grep -q '^listening on tls+tcp://' "$W/out" || ! kill -0 "$SERVER"
}

# Starts a server in the background and waits until it takes calls.
serve() {
    : > "$W/out"
    "$JIAYID" serve --data "$D" --listen 127.0.0.1:0 "$@" > "$W/out" 2> "$W/err" 3>&- &
    SERVER=$!
    eventually is_listening
    grep '^listening on tls+tcp://127.0.0.1:' "$W/out" || { cat "$W/err"; return 1; }
}

# Ends the server with a signal; it must exit with 0.
stop() {
    local status=0
    kill -"${1:-TERM}" "$SERVER"
    wait "$SERVER" || status=$?
    SERVER=
    [ "$status" -eq 0 ]
}

# A refusal: one line on standard error, nothing on standard output.
refused() {
    echo "status $status, out: $output, err: $stderr"
    [ "$status" -eq "$1" ]
    [ -z "$output" ]
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ "$stderr" == jiayid:* ]]
    [[ "$stderr" == *"$2"* ]]
}

# --- init

@test "init: the folder is the user's alone" {
    [ "$(stat -c '%a %U' "$ROOT/made")" = "700 $OWNER" ]
    [ -z "$(find "$ROOT/made" ! -user "$OWNER")" ]
    [ -z "$(find "$ROOT/made" -perm /077 ! -path '*/tls/*.pem')" ]
    [ "$(stat -c %a "$ROOT/made/jiayid.conf")" = 600 ]
    [ "$(stat -c %a "$ROOT/made/tls/server.key")" = 600 ]
    openssl verify -CAfile "$ROOT/made/tls/ca.pem" -verify_hostname jiayi.example.com "$ROOT/made/tls/server.pem"
    openssl verify -CAfile "$ROOT/made/tls/ca.pem" -verify_ip ::1 "$ROOT/made/tls/server.pem"
}

@test "init: the password is nowhere in the folder" {
    ! grep -r -F "$PASSWORD" "$ROOT/made"
}

@test "init: a second time changes nothing and says so" {
    made
    before=$(cd "$D" && find . -type f -exec sha256sum {} + | sort)
    init
    refused 1 "is initialised already; nothing was changed"
    [ "$before" = "$(cd "$D" && find . -type f -exec sha256sum {} + | sort)" ]
}

@test "init: an empty folder is taken, one with something in it is not" {
    mkdir "$D"
    init
    [ "$status" -eq 0 ]
    [[ "$output" == *"jiayid serve --data $D"* ]]
    mkdir "$W/full"
    touch "$W/full/file"
    D="$W/full" init
    refused 1 "is not empty"
    [ "$(ls -A "$W/full")" = file ]
    D="$W/full/file" init
    refused 1 "is not a folder"
    D="$W/no/such/parent" init
    refused 1 "cannot make the data folder"
}

@test "init: what is wrong on the command line is told before anything is made" {
    for email in '' operator operator@ @example.com 'a b@example.com' 'a@b@c' $'a\n@example.com' $'\xff@example.com'; do
        run --separate-stderr "$JIAYID" init --data "$D" --operator "$email" --password-file "$ROOT/pw"
        refused 2 "operator"
    done
    init --hostname 'not a name'
    refused 2 "--hostname"
    init --data "$W/other"
    refused 2 "--data is given twice"
    init --lanes 4
    refused 2 "unknown flag --lanes"
    init --nonsense
    refused 2 "unknown flag --nonsense"
    init --hostname
    refused 2 "--hostname needs a value"
    init word
    refused 2 "unexpected argument 'word'"
    run --separate-stderr "$JIAYID" init --data "$D" --password-file "$ROOT/pw"
    refused 2 "--operator EMAIL is missing"
    run --separate-stderr "$JIAYID" begin
    refused 2 "unknown command 'begin'"
    run --separate-stderr "$JIAYID"
    refused 2 "a command is missing"
    [ ! -e "$D" ]
}

@test "init: a database's password on the command line is refused and not repeated" {
    for uri in postgresql://jiayi:geheim@127.0.0.1/jiayi 'host=127.0.0.1 password=geheim' \
        'postgresql://127.0.0.1/jiayi?password=geheim' postgresql://jiayi:geheim%zz@127.0.0.1/jiayi; do
        init --database "$uri"
        refused 2 "--database"
        [[ "$stderr" != *geheim* ]]
    done
    [ ! -e "$D" ]
}

@test "serve, check: a password on the command line is refused for every connection and not repeated" {
    local command key
    for command in serve check; do
        for key in database database-app database-login database-job; do
            run --separate-stderr "$JIAYID" "$command" --data "$D" "--$key" postgresql://jiayi:geheim@127.0.0.1/jiayi
            refused 2 "--$key holds a password"
            [[ "$stderr" != *geheim* ]]
        done
    done
}

@test "init: the password file is checked before anything is made" {
    bad() {
        run --separate-stderr "$JIAYID" init --data "$D" --operator operator@example.com --password-file "$W/bad"
    }
    bad
    refused 1 "cannot read the password file"
    printf 'short\nlong enough on the second line\n' > "$W/bad"
    bad
    refused 1 "must have 8 to 256 characters, has 5"
    printf '甲乙甲乙甲乙甲\n' > "$W/bad"
    bad
    refused 1 "has 7"
    : > "$W/bad"
    bad
    refused 1 "has 0"
    head -c 257 /dev/zero | tr '\0' x > "$W/bad"
    bad
    refused 1 "has 257"
    head -c 100000 /dev/zero | tr '\0' x > "$W/bad"
    bad
    refused 1 "or more"
    printf 'long\0enough\n' > "$W/bad"
    bad
    refused 1 "UTF-8 text without NUL"
    printf 'long enough \xff\n' > "$W/bad"
    bad
    refused 1 "UTF-8 text without NUL"
    run --separate-stderr "$JIAYID" init --data "$D" --operator operator@example.com --password-file "$W"
    refused 1 "cannot read the password file"
    [ ! -e "$D" ]
}

@test "init: the password comes from standard input too, without its line end" {
    printf '甲乙甲乙甲乙甲乙\r\nmore\n' > "$W/in"
    run --separate-stderr "$JIAYID" init --data "$D" --operator operator@example.com --password-file - < "$W/in"
    [ "$status" -eq 0 ]
}

@test "init: a failure leaves an existing folder as it was" {
    D="$W/$(printf 'x%.0s' $(seq 100))"
    mkdir -m 755 "$D"
    before=$(stat -c '%a %U %G' "$D")
    init
    refused 1 "a Unix socket in it allows at most 89"
    [ "$before" = "$(stat -c '%a %U %G' "$D")" ]
    [ -z "$(ls -A "$D")" ]
}

@test "init: a failure removes the folder that it made" {
    D="$W/a,b"
    init
    refused 1 "must hold no comma"
    [ ! -e "$D" ]
    D="$W/d"
    init --database 'postgresql://nobody@127.0.0.1:1/none'
    refused 1 "cannot connect to the database"
    [ ! -e "$D" ]
}

@test "init: SIGTERM in the middle leaves nothing" {
    "$JIAYID" init --data "$D" --operator operator@example.com --password-file "$ROOT/pw" > "$W/out" 2> "$W/err" 3>&- &
    SERVER=$!
    eventually test -e "$D/pg/PG_VERSION"
    kill "$SERVER"
    wait "$SERVER" || true
    SERVER=
    # It may have been just done when the signal came.
    if [ ! -e "$D/VERSION" ]; then
        [ ! -e "$D" ]
        [ "$(wc -l < "$W/err")" -eq 1 ]
    fi
    cluster_is_gone
}

@test "init: after kill -9 in the middle it can be run again" {
    "$JIAYID" init --data "$D" --operator operator@example.com --password-file "$ROOT/pw" > "$W/out" 2> "$W/err" 3>&- &
    SERVER=$!
    eventually test -e "$D/pg/PG_VERSION"
    # Frozen, the parent does not see its child die, and cannot clean up.
    kill -STOP "$SERVER"
    pkill -9 -P "$SERVER"
    kill -9 "$SERVER"
    SERVER=
    [ -e "$D/UNFINISHED" ]
    run --separate-stderr "$JIAYID" serve --data "$D"
    refused 1 "is not initialised"
    init
    [ "$status" -eq 0 ]
    [ ! -e "$D/UNFINISHED" ]
}

# --- serve

@test "serve: a folder that is not initialised is refused" {
    run --separate-stderr "$JIAYID" serve --data "$D"
    refused 1 "cannot open the data folder"
    mkdir "$D"
    [ "$(id -u)" -ne 0 ] || chown "$OWNER" "$D"
    run --separate-stderr "$JIAYID" serve --data "$D"
    refused 1 "is not initialised; run 'jiayid init --data $D' first"
}

@test "serve: bad flags are refused with their bounds" {
    for flag in "--lanes 0" "--lanes x" "--listen 127.0.0.1" "--listen ::1:7443" "--log-level loud" "--tls-min-version 1.1"; do
        run --separate-stderr "$JIAYID" serve --data "$ROOT/made" $flag
        refused 2 "${flag%% *} "
    done
}

@test "serve: bad lines of the configuration are named" {
    fresh
    printf 'lanes = 4\nlane = 2\n' > "$D/jiayid.conf"
    run --separate-stderr "$JIAYID" serve --data "$D"
    refused 1 "$D/jiayid.conf:2: unknown key 'lane'"
    printf 'database = postgresql://jiayi:geheim@127.0.0.1/jiayi\n' > "$D/jiayid.conf"
    chmod 640 "$D/jiayid.conf"
    run --separate-stderr "$JIAYID" serve --data "$D"
    refused 1 "chmod 600"
    [[ "$stderr" != *geheim* ]]
}

@test "serve: prints one line, and SIGTERM leaves no process" {
    made
    serve
    [ "$(wc -l < "$W/out")" -eq 1 ]
    [ -n "$(cluster "$D")" ]
    stop TERM
    cluster_is_gone
    [ ! -e "$D/pg/postmaster.pid" ]
    serve
    stop INT
    cluster_is_gone
}

@test "serve: an IPv6 address" {
    [ -e /proc/net/if_inet6 ] && grep -q '^00000000000000000000000000000001' /proc/net/if_inet6 || skip "no IPv6 here"
    made
    "$JIAYID" serve --data "$D" --listen '[::1]:0' > "$W/out" 2> "$W/err" 3>&- &
    SERVER=$!
    eventually is_listening
    grep -E '^listening on tls\+tcp://\[::1\]:[0-9]+$' "$W/out"
    stop
}

@test "serve: root is given up for good" {
    as_root_only
    made
    serve
    id=$(id -u postgres)
    [ "$(awk '$1 == "Uid:" {print $2, $3, $4, $5}' "/proc/$SERVER/status")" = "$id $id $id $id" ]
    id=$(id -g postgres)
    [ "$(awk '$1 == "Gid:" {print $2, $3, $4, $5}' "/proc/$SERVER/status")" = "$id $id $id $id" ]
    [ "$(awk '$1 == "Groups:" {$1 = ""; print}' "/proc/$SERVER/status" | tr ' ' '\n' | grep -cx 0)" -eq 0 ]
    [ "$(awk '$1 == "CapEff:" {print $2}' "/proc/$SERVER/status")" = 0000000000000000 ]
    [ "$(awk '$1 == "NoNewPrivs:" {print $2}' "/proc/$SERVER/status")" = 1 ]
    for pid in $(cluster "$D"); do
        [ "$(stat -c %U "/proc/$pid")" = postgres ]
    done
    stop
}

@test "serve: --user is for root, not root, and the folder's owner" {
    made
    if [ "$(id -u)" -ne 0 ]; then
        run --separate-stderr "$JIAYID" serve --data "$D" --user nobody
        refused 1 "only root"
        return
    fi
    run --separate-stderr "$JIAYID" serve --data "$D" --user nobody
    refused 1 "belongs to the user postgres, not to nobody"
    run --separate-stderr "$JIAYID" serve --data "$D" --user root
    refused 1 "does not run as root"
    run --separate-stderr "$JIAYID" serve --data "$D" --user no-such-user
    refused 1 "there is no user no-such-user"
}

@test "serve: another user, and a folder that it may not enter" {
    as_root_only
    D="$W/d"
    init --user nobody
    [ "$status" -eq 0 ]
    [ "$(stat -c %U "$D")" = nobody ]
    serve --user nobody
    stop
    mkdir -m 700 "$W/closed"
    D="$W/closed/d"
    init
    refused 1 "the user postgres may not enter $W/closed on the way to the data folder"
    [ ! -e "$D" ]
}

@test "serve: a second server, an init and a check on the same folder" {
    made
    serve
    run --separate-stderr "$JIAYID" serve --data "$D" --listen 127.0.0.1:0
    refused 1 "$D is being served by process $SERVER"
    init
    refused 1 "is initialised already"
    run --separate-stderr "$JIAYID" check --data "$D"
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    kill -0 "$SERVER"
    stop
}

@test "serve: SIGHUP is no end" {
    made
    serve
    kill -HUP "$SERVER"
    eventually grep -q 'event=reload' "$W/err"
    kill -0 "$SERVER"
    stop
}

@test "serve: a cluster that dies is started again" {
    made
    serve
    old=$(postmaster)
    kill -9 "$old"
    eventually grep -q 'event=cluster_restarted' "$W/err"
    [ "$(postmaster)" != "$old" ]
    [ "$(sql 'SELECT 1')" = 1 ]
    stop
    cluster_is_gone
}

@test "serve: a cluster's environment is not ours" {
    made
    export PGHOST=/nonexistent PGPORT=1 PGOPTIONS='-c search_path=nowhere' PGDATABASE=none PGUSER=none PGDATA=/nonexistent
    serve
    stop
}

# --- taking over

@test "take-over: after kill -9 of the server" {
    made
    serve
    old=$(postmaster)
    kill -9 "$SERVER"
    serve
    is_gone "$old"
    stop
    cluster_is_gone
}

@test "take-over: the cluster goes down by itself when the server is killed" {
    made
    serve
    kill -9 "$SERVER"
    SERVER=
    eventually cluster_is_gone
}

@test "take-over: of a frozen postmaster" {
    made
    serve
    old=$(postmaster)
    kill -STOP "$old"
    kill -9 "$SERVER"
    serve
    is_gone "$old"
    stop
    cluster_is_gone
}

@test "take-over: of a cluster all of whose processes are frozen" {
    made
    serve
    cluster "$D" | xargs kill -STOP
    kill -9 "$SERVER"
    serve
    stop
    cluster_is_gone
}

@test "take-over: of orphans whose postmaster is dead" {
    made
    serve
    old=$(postmaster)
    # Frozen, they do not notice that it died.
    cluster "$D" | grep -vx "$old" | xargs kill -STOP
    kill -9 "$SERVER" "$old"
    [ -n "$(cluster "$D")" ]
    serve
    stop
    cluster_is_gone
}

@test "take-over: after everything was killed at once" {
    fresh
    serve
    sql 'CREATE TABLE public.kept (v int); INSERT INTO public.kept VALUES (7)'
    { cluster "$D"; echo "$SERVER"; } | xargs kill -9 || true
    eventually cluster_is_gone
    [ -e "$D/pg/postmaster.pid" ]
    serve
    [ "$(sql 'SELECT v FROM public.kept')" = 7 ]
    stop
}

@test "take-over: the number in postmaster.pid belongs to another process by now" {
    made
    serve
    { cluster "$D"; echo "$SERVER"; } | xargs kill -9 || true
    eventually cluster_is_gone
    as_owner sleep 1000 3>&- &
    KEPT=$!
    # Not what as_owner runs before it.
    eventually pgrep -P "$KEPT" 'runuser|sleep'
    other=$(pgrep -P "$KEPT" 'runuser|sleep' || echo "$KEPT")
    sed -i "1s/.*/$other/" "$D/pg/postmaster.pid"
    [ ! -e "$D/run/.s.PGSQL.5432.lock" ] || sed -i "1s/.*/$other/" "$D/run/.s.PGSQL.5432.lock"
    serve
    kill -0 "$other"
    stop
    kill "$other"
}

@test "take-over: of a cluster that was started by hand, while it starts" {
    made
    bin=$(as_owner pg_config --bindir)
    as_owner "$bin/postgres" -D "$D/pg" -k "$D/run" -c listen_addresses= > "$W/pg" 2>&1 3>&- &
    serve
    stop
    cluster_is_gone
}

@test "take-over: another process in the cluster's folder is left alone" {
    made
    (cd "$D/pg" && exec sleep 1000 3>&-) &
    KEPT=$!
    serve
    stop
    kill -0 "$KEPT"
}

@test "take-over: an empty postmaster.pid" {
    made
    as_owner touch "$D/pg/postmaster.pid"
    serve
    stop
}

# --- check

@test "check: without a server it starts the cluster and stops it" {
    made
    run --separate-stderr "$JIAYID" check --data "$D"
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    cluster_is_gone
    serve
    stop
}

@test "check: does not migrate" {
    fresh
    serve
    last=$(sql "DELETE FROM jiayi.schema_migration WHERE version = (SELECT max(version) FROM jiayi.schema_migration) RETURNING name")
    stop
    run --separate-stderr "$JIAYID" check --data "$D"
    refused 1 "lacks $last"
}

# --- migrations

@test "migrate: a database that is newer than the program is refused" {
    fresh
    serve
    sql "INSERT INTO jiayi.schema_migration (version, name, sha256) VALUES (9999, '9999_future.sql', '')"
    stop
    run --separate-stderr "$JIAYID" serve --data "$D" --listen 127.0.0.1:0 --log-level error
    refused 1 "newer than this program"
    cluster_is_gone
}

@test "migrate: a migration that changed after it was applied is refused" {
    fresh
    serve
    sql "UPDATE jiayi.schema_migration SET sha256 = 'x' WHERE version = 2"
    stop
    run --separate-stderr "$JIAYID" serve --data "$D" --listen 127.0.0.1:0 --log-level error
    refused 1 "the migration 0002_"
    [[ "$stderr" == *"has changed since"* ]]
}

# --- --database

# A cluster of somebody else, on a socket in $W/other/run.
other_cluster() {
    local bin
    bin=$(as_owner pg_config --bindir)
    install -d -m 700 ${OWNER:+-o "$OWNER"} "$W/other" "$W/other/run"
    as_owner "$bin/initdb" -D "$W/other/pg" -A trust -U postgres -E UTF8 --locale C.UTF-8 --no-sync > "$W/initdb"
    as_owner "$bin/postgres" -D "$W/other/pg" -k "$W/other/run" -c listen_addresses= -c fsync=off > "$W/pg" 2>&1 3>&- &
    eventually as_owner pg_isready -q -h "$W/other/run"
}

other_sql() {
    as_owner psql -XqAt -v ON_ERROR_STOP=1 -h "$W/other/run" -U "$1" -d "$2" -c "$3"
}

@test "database: another's cluster, as a user that is no superuser" {
    other_cluster
    other_sql postgres postgres "CREATE ROLE keeper LOGIN CREATEROLE"
    other_sql postgres postgres "CREATE DATABASE jiayi OWNER keeper"
    uri="postgresql:///jiayi?host=$W/other/run&user=keeper"
    init --database "$uri"
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    [ ! -e "$D/pg" ]
    grep -Fx "database = $uri" "$D/jiayid.conf"
    serve
    [ "$(other_sql keeper jiayi "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'jiayid' AND datname = 'jiayi'")" -gt 0 ]
    # Case H5: what the server may not do there, check tells; the statement that it prints does it, and
    # nothing that works on the database misses the right.
    run --separate-stderr "$JIAYID" check --data "$D"
    [ "$status" -eq 0 ]
    [[ $output = *"warning: every role of this database may call set_config()"* ]]
    other_sql postgres jiayi "$(grep -o 'REVOKE EXECUTE.*' <<<"$output")"
    run --separate-stderr "$JIAYID" check --data "$D"
    [ "$status" -eq 0 ]
    [[ $output != *set_config* ]]
    [[ $output = *"warning: calls connect as keeper, who can also be "*"jiayi_owner"*"name in database_app"* ]]
    [[ $output = *"name in database_login"* ]]
    run other_sql jiayi_app jiayi "SELECT set_config('jiayi.member_id', '1', true)"
    [[ $output = *"permission denied for function set_config"* ]]
    "$JIAYID" backup "$W/backed" --data "$D"
    stop
    # The lanes are roles that can be nobody else.
    other_sql postgres postgres "CREATE ROLE lane LOGIN IN ROLE jiayi_app; CREATE ROLE porter LOGIN IN ROLE jiayi_login;
        CREATE ROLE clerk LOGIN IN ROLE jiayi_job"
    local base="postgresql:///jiayi?host=$W/other/run"
    as_owner tee -a "$D/jiayid.conf" <<<"database_app = $base&user=lane
database_login = $base&user=porter
database_job = $base&user=clerk" >/dev/null
    run --separate-stderr "$JIAYID" check --data "$D"
    [ "$status" -eq 0 ]
    [[ $output != *warning* ]] || { echo "$output"; false; }
    serve
    [ "$(other_sql postgres jiayi "SELECT string_agg(DISTINCT usename, ' ' ORDER BY usename) FROM pg_stat_activity
         WHERE application_name = 'jiayid'")" = "clerk lane porter" ]
    run other_sql lane jiayi "SELECT set_config('role', 'jiayi_owner', true)"
    [[ $output = *"permission denied"* ]]
    stop
    run "$JIAYID" backup "$W/again" --data "$D"
    [ "$status" -eq 0 ]
    [ -z "$(tar -xOf "$W/again" jiayid.conf | grep '^database')" ]
    # Not ours: it runs on.
    [ "$(other_sql keeper jiayi 'SELECT count(*) FROM jiayi.schema_migration')" -gt 0 ]
    # A second server on the same database.
    rm -rf "$D"
    init --database "$uri"
    [ "$status" -eq 0 ]
    [[ "$output" == *"was an operator of the database already"* ]]
}

@test "case H5: a private cluster from before the role that signs in lets it in at the next start, once" {
    init
    [ "$status" -eq 0 ]
    sed -i /jiayi_login/d "$D/pg/pg_hba.conf" "$D/pg/pg_ident.conf"
    for _ in 1 2; do
        serve
        stop
        [ "$(grep -c jiayi_login "$D/pg/pg_hba.conf")" -eq 1 ]
        [ "$(grep -c jiayi_login "$D/pg/pg_ident.conf")" -eq 1 ]
    done
}

@test "database: what cannot be used is refused, and init leaves nothing" {
    other_cluster
    other_sql postgres postgres "CREATE ROLE poor LOGIN"
    other_sql postgres postgres "CREATE ROLE keeper LOGIN CREATEROLE"
    other_sql postgres postgres "CREATE DATABASE poor OWNER poor"
    other_sql postgres postgres "CREATE DATABASE ascii OWNER keeper ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'"
    other_sql postgres postgres "CREATE DATABASE taken OWNER keeper"
    other_sql keeper taken "CREATE SCHEMA jiayi"
    uri="postgresql:///%s?host=$W/other/run&user=%s"
    init --database "$(printf "$uri" poor poor)"
    refused 1 "the database's user poor may not create roles"
    init --database "$(printf "$uri" ascii keeper)"
    refused 1 "the database ascii is in SQL_ASCII"
    init --database "$(printf "$uri" poor keeper)"
    refused 1 "the user keeper may not create a schema"
    init --database "$(printf "$uri" taken keeper)"
    refused 1 "has a schema jiayi that is not of this program"
    init --database "$(printf "$uri" none keeper)"
    refused 1 'database "none" does not exist'
    [ ! -e "$D" ]
}

# --- help

@test "help: every command, and every key of the configuration" {
    run "$JIAYID" --help
    [ "$status" -eq 0 ]
    for command in init serve check 'backup FILE' 'restore FILE' 'operator EMAIL'; do
        [[ "$output" == *"jiayid $command --data DIR"* ]]
        command=${command% *}
        run "$JIAYID" "$command" --help
        [ "$status" -eq 0 ]
        [[ "$output" == *"--database URI"* ]]
        run "$JIAYID" --help
    done
    run "$JIAYID" serve --help
    [[ "$output" == *"--queue-limit N"*"(1 to 1000000, default 4096)"* ]]
    run "$JIAYID" --version
    [[ "$output" == "jiayid "* ]]
}
