# jiayid backup and restore: of a server at work, of one at rest, between kinds of database, and what can go wrong.
# Run with: bats tests/e2e/server/backup.bats

load ../helper

export BATS_NO_PARALLELIZE_WITHIN_FILE=true

setup_file() {
    world_open
    # Rows in as many tables as calls can fill.
    local deal report
    deal=$(new_deal sales --vendor beta)
    as sales deal log "$deal" --kind call --text '打过电话' --next 'ring again' --due 2026-12-01
    as sales deal move "$deal" contacted
    report=$(new_report beta-vendor acme)
    as manager report return "$report" --comment 'more, please'
    as manager kpi define calls --name Calls --unit calls --period month
    as manager kpi target calls --period 2026-11 --value 8 --vendor beta
    as beta-vendor kpi record calls --period 2026-11 --value 6
    as admin role create helper --grant deal.read:own
    export TMPDIR=$HERE/tmp
    mkdir -m 1777 "$TMPDIR"
    # What happened is told first, and no job has its time before a month is over: so nothing changes any more by itself, here or where
    # it is restored.
    eventually all_told
    sql "UPDATE jiayi.job SET next_slot = next_slot + interval '30 days', due_at = due_at + interval '30 days'"
    "$JIAYID" backup "$HERE/whole" --data "$DATA"
}

all_told() {
    [ "$(server_psql "$DATA" -Atc 'SELECT count(*) FROM jiayi.event WHERE position IS NULL')" = 0 ]
}

teardown_file() {
    world_close
}

setup() {
    W=$HERE/$BATS_TEST_NUMBER
    mkdir -m 755 "$W"
}

teardown() {
    local pid
    if [ -n "${OTHER:-}" ]; then
        server_stop "$OTHER" || true
    fi
    for pid in $(processes_in "$W"); do
        kill -9 "$pid" || true
    done
    rm -rf "$W"
}

# try WORDS…: runs jiayid; sets status, output and stderr.
try() {
    run --separate-stderr "$JIAYID" "$@"
}

# The command failed with this exit status and one line, and $W has nothing but what is named.
left() {
    local want=$1 text=$2
    shift 2
    [ "$status" -eq "$want" ] || complain "exit status $status instead of $want"
    [ -z "$output" ] || complain "a failure printed something on stdout"
    [ "$(wc -l <<<"$stderr")" -eq 1 ] || complain "not one line of explanation"
    [[ $stderr = "jiayid: "*"$text"* ]] || complain "the explanation lacks \"$text\""
    [ "$(find "$W" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs)" = "$*" ] || {
        ls -la "$W"
        complain "something else than \"$*\" is left"
    }
    [ -z "$(ls -A "$TMPDIR")" ] || complain "a scratch folder is left: $(ls -A "$TMPDIR")"
}

# Every table of the data folder's database with its number of rows and a digest of them, made without jiayid.
rows_of() {
    server_psql "$1" -XAtq <<'END'
SET timezone = 'UTC';
SELECT format('SELECT %L, count(*), md5(string_agg(t::text, E''\n'' ORDER BY t::text)) FROM jiayi.%I AS t', relname, relname)
FROM pg_class WHERE relnamespace = 'jiayi'::regnamespace AND relkind = 'r' ORDER BY relname \gexec
END
}

# Tables, functions, policies, triggers, owners and rights as SQL; the roles and what they are members of.
shape_of() {
    with_psql "$1" pg_dump --schema-only --schema=jiayi | grep -vE '^(--|\\(un)?restrict )'
    server_psql "$1" -XAtq <<'END'
SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolbypassrls, rolconfig
FROM pg_roles WHERE rolname LIKE 'jiayi%' ORDER BY 1;
SELECT pg_get_userbyid(roleid), pg_get_userbyid(member) FROM pg_auth_members WHERE roleid > 16383 ORDER BY 1, 2;
SELECT setrole::regrole, setconfig FROM pg_db_role_setting ORDER BY 1;
SELECT datacl FROM pg_database WHERE datname = 'jiayi';
SELECT defaclrole::regrole, defaclobjtype, defaclacl FROM pg_default_acl ORDER BY 1, 2;
END
}

sequences_of() {
    server_psql "$1" -XAtqc "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'jiayi' ORDER BY 1"
}

# Serves a data folder beside the one of this file.
serve_other() {
    OTHER=$1
    local server=$SERVER ca=$CA
    server_start "$OTHER"
    OTHER_SERVER=$SERVER
    SERVER=$server CA=$ca
}

# The same profile, at the other server: what a client sees when the server came back elsewhere.
at_other() {
    cp -a "$XDG_CONFIG_HOME" "$W/config"
    find "$W/config" -type f -exec sed -i "s|$SERVER|$OTHER_SERVER|g" {} +
    XDG_CONFIG_HOME=$W/config as "$@"
}

@test "backup: a server that serves comes back whole: rows, shape, sequences, sessions, certificates" {
    [ "$(stat -c %a "$HERE/whole")" = 600 ]
    try restore "$HERE/whole" --data "$W/d"
    ok
    says "every one as it was backed up"
    [ "$(stat -c %a "$W/d")" = 700 ]
    [ "$(stat -c %a "$W/d/tls/ca.key")" = 600 ]
    diff -r "$DATA/tls" "$W/d/tls"
    diff "$DATA/jiayid.conf" "$W/d/jiayid.conf"
    serve_other "$W/d"
    [ "$(rows_of "$DATA" | wc -l)" -gt 25 ]
    # That a session was used is noted once a minute.
    diff <(rows_of "$DATA" | grep -v '^session|') <(rows_of "$OTHER" | grep -v '^session|')
    diff <(shape_of "$DATA") <(shape_of "$OTHER")
    # What is told from now on has numbers of the clock: those who watch have seen higher ones than the backup has.
    diff <(sequences_of "$DATA" | grep -v inbox_id_seq) <(sequences_of "$OTHER" | grep -v inbox_id_seq)
    # Profiles that trust the old CA, with the old tokens.
    at_other sales whoami
    ok
    says sales@acme.example
    at_other sales deal create 'After the restore' --customer Customer
    ok
    "$JIAYID" check --data "$OTHER"
}

@test "backup: tar and pg_restore read it without jiayid" {
    tar -xOf "$HERE/whole" database.dump | pg_restore --list | grep -q 'TABLE DATA jiayi audit_log jiayi_owner'
    tar -tf "$HERE/whole" | grep -qx "keys/$(sql 'SELECT id FROM jiayi.server_key')"
    tar -xOf "$HERE/whole" manifest | grep -qx 'jiayi-backup 1'
    [ "$(tar -xOf "$HERE/whole" database.dump | sha256sum | cut -d ' ' -f 1)" = \
        "$(tar -xOf "$HERE/whole" manifest | awk '$4 == "database.dump" {print $2}')" ]
}

# more_than NUMBER: so many deals were acknowledged, and more.
more_than() {
    [ "$(cat "$W"/*.acknowledged 2>/dev/null | wc -l)" -gt "$1" ]
}

# Creates deals until $W/stop is there, and notes each number when it was acknowledged.
writer() {
    while [ ! -e "$W/stop" ]; do
        "$JIAYI" --profile "$1" -o json deal create "Deal of $1" --customer Load | jq -r .id >>"$W/$1.acknowledged"
    done
}

@test "backup: under load it holds what was acknowledged before it began, of one moment" {
    local who made there
    for who in sales peer gamma-sales; do writer "$who" 3>&- & done
    eventually more_than 5
    cat "$W"/*.acknowledged >"$W/before"
    try backup "$W/b" --data "$DATA"
    ok
    # They go on writing.
    eventually more_than "$(($(wc -l <"$W/before") + 3))"
    touch "$W/stop"
    wait
    try restore "$W/b" --data "$W/d"
    ok
    serve_other "$W/d"
    server_psql "$OTHER" -XAtqc 'SELECT id FROM jiayi.deal' | sort >"$W/there"
    [ -z "$(sort "$W/before" | comm -23 - "$W/there")" ]
    # One moment: each deal with its entries in the log, its first stage and the kept answer of its call, and none without.
    made=$(server_psql "$OTHER" -XAtqc "SELECT count(*) FROM jiayi.deal")
    for there in "SELECT count(DISTINCT object_id) FROM jiayi.audit_log WHERE object = 'deal' AND action = 'insert'" \
        "SELECT count(DISTINCT deal_id) FROM jiayi.deal_stage" \
        "SELECT count(*) FROM jiayi.call_record WHERE method LIKE '%DealService/CreateDeal'"; do
        [ "$(server_psql "$OTHER" -XAtqc "$there")" -eq "$made" ] || complain "not $made: $there"
    done
    # What the restored server gives next is no number that is there.
    at_other sales deal create 'The next one' --customer Customer
    ok
}

@test "backup: --verify tries a backup in a scratch cluster, which it removes" {
    try backup --verify "$HERE/whole"
    ok
    says "is whole: restored into a scratch cluster"
    [ -z "$(ls -A "$TMPDIR")" ]
    [ -z "$(processes_in "$TMPDIR")" ]
    try backup "$W/b" --data "$DATA" --verify
    ok
    says "is whole"
    says "backed up $DATA to $W/b"
}

# hostile_backup LOOT FILE: a backup whose CHECK runs for each row that is restored, and hides that it failed. Prints
# what 'jiayid backup' printed as its SHA-256.
hostile_backup() {
    PGOPTIONS='-c client_min_messages=warning' server_psql "$DATA" -Xqt -v ON_ERROR_STOP=1 <<SQL
CREATE FUNCTION jiayi.evil() RETURNS boolean LANGUAGE plpgsql AS \$\$
DECLARE
    deed text;
BEGIN
    FOREACH deed IN ARRAY ARRAY['SET LOCAL ROLE NONE',
        'COPY (SELECT 1) TO PROGRAM ''cat >$1/program''',
        'COPY (SELECT session_user) TO ''$1/file''',
        'GRANT pg_execute_server_program TO SESSION_USER',
        'COPY (SELECT 1) TO PROGRAM ''cat >$1/granted''',
        'CREATE ROLE intruder LOGIN SUPERUSER', 'CREATE ROLE intruder LOGIN',
        'SET LOCAL ROLE jiayi_app', 'ALTER ROLE jiayi_app SET work_mem = ''64kB''',
        'ALTER ROLE jiayi_app PASSWORD ''intruder''', 'SET LOCAL ROLE NONE'] LOOP
        BEGIN
            EXECUTE deed;
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;
    RETURN true;
END
\$\$;
ALTER FUNCTION jiayi.evil() OWNER TO jiayi_owner;
ALTER TABLE jiayi.currency ADD CONSTRAINT evil CHECK (jiayi.evil());
SQL
    [ -e "$1/program" ]
    rm "$1"/*
    "$JIAYID" backup "$2" --data "$DATA" | awk 'END {print $1}'
    server_psql "$DATA" -Xqt <<'SQL'
ALTER TABLE jiayi.currency DROP CONSTRAINT evil;
DROP FUNCTION jiayi.evil();
DROP ROLE intruder;
ALTER ROLE jiayi_app RESET work_mem;
ALTER ROLE jiayi_app PASSWORD NULL;
SQL
    [ -z "$(ls "$1")" ]
}

@test "case M13: what a hostile backup would run can do nothing outside its database, and does not stay" {
    local loot=$W/loot sha
    install -d -m 1777 "$loot"
    sha=$(hostile_backup "$loot" "$W/hostile")
    for words in "backup --verify $W/hostile" "restore $W/hostile --data $W/back"; do
        try $words
        left 1 "$W/hostile brings more than rows: its schema is not the one that jiayid makes (there is: " hostile loot
        [[ $stderr = *"give --expect with the SHA-256"* ]]
        [ -z "$(ls "$loot")" ] || complain "$words ran: $(ls "$loot")"
    done
    # What an operator added to the own database comes back when it is known whose the file is; it runs as nobody.
    try backup --verify "$W/hostile" --expect "$sha"
    ok
    try restore "$W/hostile" --data "$W/back" --expect "${sha^^}"
    ok
    [[ $output != *"nothing says whose"* ]]
    [ -z "$(ls "$loot")" ] || complain "restore ran: $(ls "$loot")"
    # Nobody is left who can do what only restoring needed.
    OTHER=$W/back
    server_start "$OTHER"
    [ "$(server_psql "$OTHER" -XAtqc "SELECT count(*) FROM pg_roles WHERE rolname IN ('jiayi_restore', 'intruder')")" = 0 ]
    ! grep -q jiayi_restore "$OTHER"/pg/pg_hba.conf "$OTHER"/pg/pg_ident.conf
}

# pack MEMBER…: a backup in $W/b of what is in $W/x, in this order.
pack() {
    printf '%s\n' "$@" | tar --format=ustar --owner=0 --group=0 -cf "$W/b" -C "$W/x" -T -
}

# unlike [TEXT]: $W/b is refused as another file, before anything else is said of it; and without --expect as TEXT says.
unlike() {
    try restore "$W/b" --data "$W/d" --expect "$sha"
    left 1 "$W/b is not the backup that is expected: its SHA-256 is $(sha256sum <"$W/b" | cut -c 1-64)" ${kept:-b x}
    [ $# -gt 0 ] || return 0
    try backup --verify "$W/b"
    left 1 "$1" ${kept:-b x}
}

@test "case M13: with --expect a backup in which anything was changed is not looked into" {
    local sha names name
    sha=$("$JIAYID" backup "$W/b" --data "$DATA" | awk 'END {print $1}')
    [ "$sha" = "$(sha256sum <"$W/b" | cut -c 1-64)" ]
    mv "$W/b" "$HERE/mine"
    try backup --verify "$HERE/mine" --expect "$sha"
    ok
    try restore "$HERE/mine" --data "$W/d" --expect "${sha:1}"
    left 2 "--expect takes a SHA-256 of 64 hexadecimal digits"
    try backup "$W/b" --data "$DATA" --expect "$sha"
    left 2 "--expect is for a FILE that is there"
    mkdir "$W/x"
    tar -xf "$HERE/mine" -C "$W/x"
    mapfile -t names < <(tar -tf "$HERE/mine")
    # The same parts, packed by another.
    pack "${names[@]}"
    unlike
    # The order, a part that is missing, one too many, what the manifest says.
    pack "${names[1]}" "${names[0]}" "${names[@]:2}"
    unlike "is damaged: its manifest does not fit"
    pack "${names[@]:1}"
    unlike "is damaged: its manifest does not fit"
    cp "$W/x/jiayid.conf" "$W/x/extra"
    pack extra "${names[@]}"
    unlike "is damaged: its manifest does not fit"
    sed -i 's/^made .*/made 2020-01-01T00:00:00Z/' "$W/x/manifest"
    pack "${names[@]}"
    unlike
    # Each part by itself: what is run, what is read, whom clients trust; the dump is another backup's.
    for name in database.dump jiayid.conf tls/ca.pem tls/server.key; do
        tar -xf "$HERE/mine" -C "$W/x"
        case $name in
        database.dump) tar -xOf "$HERE/whole" "$name" | head -c "$(stat -c %s "$W/x/$name")" >"$W/y" && mv "$W/y" "$W/x/$name" ;;
        *) sed -i '1s/./=/' "$W/x/$name" ;;
        esac
        truncate -s "$(tar -xOf "$HERE/mine" "$name" | wc -c)" "$W/x/$name"
        pack "${names[@]}"
        unlike "$W/b is damaged: the SHA-256 of $name in it is another"
    done
    # All of it fits again, for whoever changed it made a new manifest: only the SHA-256 of the file tells.
    tar -xf "$HERE/mine" -C "$W/x"
    sed -i 's/^#lanes = 4$/#lanes = 9/' "$W/x/jiayid.conf"
    sed -i "s/^file [0-9a-f]* \(.*\) jiayid.conf$/file $(sha256sum <"$W/x/jiayid.conf" | cut -c 1-64) \1 jiayid.conf/" \
        "$W/x/manifest"
    pack "${names[@]}"
    unlike
    try restore "$W/b" --data "$W/d"
    ok
    says "nothing says whose $W/b is"
    rm -r "$W/d" "$W/x"
    local kept=b
    # Cut off, with something behind its end; another whole backup of the same server.
    head -c -1024 "$HERE/mine" >"$W/b"
    unlike "is cut off"
    { cat "$HERE/mine" && echo more; } >"$W/b"
    unlike
    cp "$HERE/whole" "$W/b"
    unlike
    rm "$HERE/mine"
}

@test "backup: an existing file is kept, unless --replace" {
    echo mine >"$W/b"
    try backup "$W/b" --data "$DATA"
    left 1 "$W/b is there already; name another file, or add --replace" b
    [ "$(cat "$W/b")" = mine ]
    try backup "$W/b" --data "$DATA" --replace
    ok
    [ "$(stat -c %a "$W/b")" = 600 ]
    tar -tf "$W/b" | grep -qx manifest
    rm "$W/b"
    mkdir "$W/b"
    try backup "$W/b" --data "$DATA" --replace
    left 1 "is no regular file" b
}

@test "backup: what is wrong on the command line" {
    try backup --data "$DATA"
    left 2 "FILE is missing; see 'jiayid backup --help'"
    try backup "$W/b"
    left 2 "--data DIR is missing"
    try backup "$W/b" "$W/c" --data "$DATA"
    left 2 "unexpected argument"
    try backup '' --data "$DATA"
    left 2 "FILE must not be empty"
    try backup "$W/b" --data "$DATA" --replace --replace
    left 2 "--replace is given twice"
    try backup "$W/b" --data "$DATA" --verify=yes
    left 2 "--verify takes no value"
    try restore "$HERE/whole"
    left 2 "--data DIR is missing"
    try restore --data "$W/d"
    left 2 "FILE is missing"
    try restore "$HERE/whole" --data "$W/d" --replace
    left 2 "unknown flag --replace"
}

@test "backup: where it cannot be written, or what is missing" {
    try backup "$W/no/such/folder/b" --data "$DATA"
    left 1 "cannot write $W/no/such/folder/b: No such file or directory"
    try backup "$W/b" --data "$W/none"
    left 1 "cannot open the data folder $W/none"
    try backup /dev/full --data "$DATA"
    left 1 "is no regular file"
    # Root may write anywhere; the server's user may not.
    mkdir -m 500 "$W/closed"
    run --separate-stderr as_server_user "$JIAYID" backup "$W/closed/b" --data "$DATA"
    left 1 "cannot write $W/closed/b: Permission denied" closed
}

@test "backup: a full disk leaves nothing" {
    [ "$(id -u)" -eq 0 ] || skip "needs root, to mount a small file system"
    mkdir "$W/small"
    mount -t tmpfs -o size=200k none "$W/small" || skip "cannot mount here"
    try backup "$W/small/b" --data "$DATA"
    run_ls=$(ls -A "$W/small")
    umount "$W/small"
    left 1 "cannot write $W/small/b: No space left on device" small
    [ -z "$run_ls" ]
    # The same of a restore: PostgreSQL finds no room.
    mount -t tmpfs -o size=30m none "$W/small"
    try restore "$HERE/whole" --data "$W/small/d"
    run_ls=$(ls -A "$W/small")
    umount "$W/small"
    left 1 "No space left on device" small
    [ -z "$run_ls" ]
}

@test "restore: what is no backup, or a part of one, is refused in one line" {
    local size
    size=$(stat -c %s "$HERE/whole")
    try restore "$W/none" --data "$W/d"
    left 1 "cannot read $W/none: No such file or directory"
    try restore "$W" --data "$W/d"
    left 1 "is no regular file"
    : >"$W/b"
    try restore "$W/b" --data "$W/d"
    left 1 "$W/b is no backup of jiayid" b
    head -c 20000 /dev/urandom >"$W/b"
    try restore "$W/b" --data "$W/d"
    left 1 "is no backup of jiayid" b
    tar -cf "$W/b" -C "$DATA/.." data.log
    try restore "$W/b" --data "$W/d"
    left 1 "is no backup of jiayid" b
    for part in 100 600 $((size / 2)) $((size - 1500)) $((size - 1024)); do
        head -c "$part" "$HERE/whole" >"$W/b"
        try restore "$W/b" --data "$W/d"
        left 1 "$W/b is " b
        try backup --verify "$W/b"
        left 1 "$W/b is " b
    done
    install -m 000 "$HERE/whole" "$W/b"
    run --separate-stderr as_server_user "$JIAYID" restore "$W/b" --data "$W/d"
    left 1 "cannot read $W/b: Permission denied" b
}

# damage SED-EXPRESSION: a copy of the backup in $W/b, changed without changing its length.
damage() {
    LC_ALL=C sed "$1" "$HERE/whole" >"$W/b"
    [ "$(stat -c %s "$W/b")" = "$(stat -c %s "$HERE/whole")" ]
    ! cmp -s "$W/b" "$HERE/whole"
}

# rewrite SED-EXPRESSION: a backup in $W/b with another manifest.
rewrite() {
    mkdir "$W/x"
    tar -xf "$HERE/whole" -C "$W/x"
    sed -i "$1" "$W/x/manifest"
    tar -tf "$HERE/whole" | tar --format=ustar -cf "$W/b" -C "$W/x" -T -
    rm -r "$W/x"
}

@test "restore: damage is found, wherever it is" {
    local at
    # In the middle of the dump.
    cp "$HERE/whole" "$W/b"
    at=$(($(tar -tvRf "$HERE/whole" | awk '/database.dump/ {print $2}' | tr -d :) * 512 + 200000))
    printf 'XXXXXXXX' | dd of="$W/b" bs=1 seek="$at" conv=notrunc status=none
    try restore "$W/b" --data "$W/d"
    left 1 "" b
    # In a file.
    damage 's/^#lanes = 4$/#lanes = 9/'
    try restore "$W/b" --data "$W/d"
    left 1 "the SHA-256 of jiayid.conf in it is another" b
    # One row fewer than the manifest says, and one that is another.
    damage '/^table .* permission$/{s/^\(table [0-9]*\)9 /\18 /;t;s/^\(table [0-9]*\)[0-8] /\19 /}'
    try restore "$W/b" --data "$W/d"
    left 1 "what was restored is not what was backed up: the table permission has" b
    damage 's/^table \([0-9]* -*\)[1-8]\(.*\) permission$/table \19\2 permission/'
    try backup --verify "$W/b"
    left 1 "the rows of the table permission are not the same" b
}

@test "restore: a backup of a newer schema, format or PostgreSQL is refused with what to do" {
    rewrite 's/^schema .*/schema 999/'
    try restore "$W/b" --data "$W/d"
    left 1 "newer than this program" b
    [[ $stderr = *"was made by jiayid "*"; install that or a newer one" ]]
    rewrite 's/^jiayi-backup 1$/jiayi-backup 2/'
    try restore "$W/b" --data "$W/d"
    left 1 "is in a newer format (2)" b
    rewrite 's/^postgresql .*/postgresql 99/'
    try restore "$W/b" --data "$W/d"
    left 1 "install postgresql-99" b
    rewrite 's/^unchanged$//'
    try backup --verify "$W/b"
    ok
}

@test "restore: a folder with something in it, and one that is served, are left alone" {
    mkdir "$W/d"
    echo mine >"$W/d/file"
    try restore "$HERE/whole" --data "$W/d"
    left 1 "$W/d is not empty" d
    [ "$(cat "$W/d/file")" = mine ]
    try restore "$HERE/whole" --data "$DATA"
    left 1 "$DATA is initialised already; nothing was changed" d
    as sales whoami
    ok
}

@test "restore: interrupted by SIGTERM it leaves nothing; after kill -9 it can be run again" {
    "$JIAYID" restore "$HERE/whole" --data "$W/d" >"$W/out" 2>"$W/err" 3>&- &
    eventually test -e "$W/d/pg/PG_VERSION"
    kill $!
    wait $! || true
    if [ -e "$W/d" ]; then [ -e "$W/d/VERSION" ] && rm -rf "$W/d"; else [ "$(wc -l <"$W/err")" -eq 1 ]; fi
    "$JIAYID" restore "$HERE/whole" --data "$W/d" >"$W/out" 2>"$W/err" 3>&- &
    eventually test -e "$W/d/pg/PG_VERSION"
    # Frozen, the parent cannot clean up after its child.
    kill -STOP $!
    pkill -9 -P $!
    kill -9 $!
    wait $! || true
    ls -A "$W/d"
    [ -e "$W/d/UNFINISHED" ]
    try serve --data "$W/d"
    [ "$status" -eq 1 ]
    [[ $stderr = *"is not initialised"* ]]
    try restore "$HERE/whole" --data "$W/d"
    ok
    [ ! -e "$W/d/UNFINISHED" ]
}

# The query gives a row.
finds() {
    [ -n "$(sql "$1")" ]
}

@test "backup: interrupted by SIGTERM it leaves nothing, not even beside its name" {
    # pg_dump waits for this lock.
    server_psql "$DATA" -XAtqc "BEGIN; LOCK TABLE jiayi.kpi; SELECT pg_sleep(20)" 3>&- &
    eventually finds "SELECT 1 FROM pg_locks WHERE relation = 'jiayi.kpi'::regclass AND mode = 'AccessExclusiveLock' AND granted"
    "$JIAYID" backup "$W/b" --data "$DATA" >"$W/out" 2>"$W/err" 3>&- &
    eventually compgen -G "$W/b.unfinished-*"
    eventually finds "SELECT 1 FROM pg_locks WHERE relation = 'jiayi.kpi'::regclass AND NOT granted"
    kill $!
    status=0
    wait $! || status=$?
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(20)' AND pid <> pg_backend_pid()"
    wait || true
    [ "$status" -eq 1 ]
    grep -q interrupted "$W/err"
    [ ! -e "$W/b" ]
    [ -z "$(compgen -G "$W/b.unfinished-*")" ]
    eventually finds "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'pg_dump')"
}

# Runs a PostgreSQL of somebody else in $W/pg, with a database jiayi of keeper, who is no superuser and has a password.
other_cluster() {
    local bin owner=postgres
    [ "$(id -u)" -eq 0 ] || owner=$(id -un)
    bin=$(pg_config --bindir)
    install -d -m 700 -o "$owner" "$W/pg" "$W/run"
    as_server_user "$bin/initdb" -D "$W/pg" -A trust -U postgres -E UTF8 --locale C.UTF-8 --no-sync >"$W/log"
    printf 'local all postgres trust\nlocal all all scram-sha-256\n' | as_server_user tee "$W/pg/pg_hba.conf" >/dev/null
    (cd / && as_server_user "$bin/postgres" -D "$W/pg" -k "$W/run" -c listen_addresses= -c fsync=off) >>"$W/log" 2>&1 3>&- &
    eventually as_server_user pg_isready -q -h "$W/run"
    as_server_user psql -XqAt -h "$W/run" -U postgres postgres <<END
CREATE ROLE keeper LOGIN CREATEROLE PASSWORD 'geheim-geheim';
CREATE DATABASE jiayi OWNER keeper;
END
    install -m 600 -o "$owner" /dev/stdin "$W/pass" <<<'*:*:*:keeper:geheim-geheim'
    export PGPASSFILE=$W/pass
    URI="postgresql:///jiayi?host=$W/run&user=keeper"
}

@test "restore: into another's database as no superuser, and back into a private cluster" {
    other_cluster
    try restore "$HERE/whole" --data "$W/d" --database "$URI"
    ok
    grep -Fx "database = $URI" "$W/d/jiayid.conf"
    [ ! -e "$W/d/pg" ]
    # A second time it would lose what is there.
    try restore "$HERE/whole" --data "$W/e" --database "$URI"
    [ "$status" -eq 1 ]
    [[ $stderr = *"the database jiayi has a schema jiayi already"* ]]
    [ ! -e "$W/e" ]
    as_server_user psql -XqAt -h "$W/run" -U postgres jiayi -c \
        "SELECT has_schema_privilege('jiayi_auth', 'jiayi', 'CREATE'), count(*) FROM jiayi.member" | grep -qx 'f|[1-9][0-9]*'
    serve_other "$W/d"
    at_other sales deal list
    ok
    try backup "$W/b" --data "$W/d"
    ok
    server_stop "$W/d"
    OTHER=
    # No password in what every user sees, nor in the backup.
    [ "$(grep -ac geheim "$W/b")" = 0 ]
    [ "$(tar -xOf "$W/b" jiayid.conf | grep -c '^database')" = 0 ]
    try restore "$W/b" --data "$W/f"
    ok
    [ -e "$W/f/pg" ]
    diff <(tar -xOf "$HERE/whole" manifest | grep '^table' | grep -vE ' (session|job|job_run)$') \
        <(tar -xOf "$W/b" manifest | grep '^table' | grep -vE ' (session|job|job_run)$')
}

# In the other cluster, as its superuser.
other_psql() {
    PGOPTIONS='-c client_min_messages=warning' as_server_user psql -XqAt -v ON_ERROR_STOP=1 -h "$W/run" -U postgres "$@"
}

# What the other cluster has of us and of intruders.
other_has() {
    other_psql jiayi -c "SELECT rolname FROM pg_roles WHERE rolname IN ('jiayi_restore', 'intruder')
        UNION ALL SELECT 'schema' FROM pg_namespace WHERE nspname = 'jiayi'
        UNION ALL SELECT 'password of ' || rolname FROM pg_authid WHERE rolname LIKE 'jiayi%' AND rolpassword IS NOT NULL
        UNION ALL SELECT 'setting' FROM pg_db_role_setting WHERE setconfig::text LIKE '%work_mem%'
        UNION ALL SELECT 'member' FROM pg_auth_members WHERE roleid = 'pg_execute_server_program'::regrole" | xargs
}

@test "case M13: restore --database: a hostile file can do nothing beyond its own database, or is refused" {
    local loot=$W/loot sha
    other_cluster
    install -d -m 1777 "$loot"
    sha=$(hostile_backup "$loot" "$W/hostile")
    try restore "$W/hostile" --data "$W/d" --database "$URI"
    [ "$status" -eq 1 ]
    [[ $stderr = *"$W/hostile brings more than rows"* ]] || complain "not refused for that"
    [ -z "$(ls "$loot")" ]
    [ -z "$(other_has)" ] || complain "left: $(other_has)"
    # It is the owner's file: also then it runs as the role that restores, which goes.
    try restore "$W/hostile" --data "$W/d" --database "$URI" --expect "$sha"
    ok
    [ -z "$(ls "$loot")" ]
    [[ $(other_has) != *intruder* && $(other_has) != *jiayi_restore* && $(other_has) != *member* ]]
    rm -r "$W/d"
    other_psql jiayi -c 'DROP SCHEMA jiayi CASCADE; ALTER ROLE jiayi_app PASSWORD NULL; ALTER ROLE jiayi_app RESET work_mem'
    # Where no role but the URI's is let in, the file's code runs as that only if it is known whose the file is.
    sed -i '1i local all jiayi_restore reject' "$W/pg/pg_hba.conf"
    other_psql jiayi -c 'SELECT pg_reload_conf()' >"$W/reload"
    try restore "$HERE/whole" --data "$W/d" --database "$URI"
    [ "$status" -eq 1 ]
    [[ $stderr = *"would run as the database's user keeper: give --expect with the SHA-256"*"have jiayi_restore let in ("* ]] ||
        complain "not refused for that"
    [ ! -e "$W/d" ]
    [ -z "$(other_has)" ] || complain "left: $(other_has)"
    try restore "$HERE/whole" --data "$W/d" --database "$URI" --expect "$(sha256sum <"$HERE/whole" | cut -c 1-64)"
    ok
    rm -r "$W/d"
    other_psql jiayi -c 'DROP SCHEMA jiayi CASCADE; CREATE ROLE jiayi_restore'
    # One that was left, or is at work.
    try restore "$HERE/whole" --data "$W/d" --database "$URI"
    [ "$status" -eq 1 ]
    [[ $stderr = *"the role jiayi_restore is there already"* ]]
}

@test "restore: a failure in another's database takes back what it made there" {
    other_cluster
    damage '/^table .* permission$/{s/^\(table [0-9]*\)9 /\18 /;t;s/^\(table [0-9]*\)[0-8] /\19 /}'
    try restore "$W/b" --data "$W/d" --database "$URI"
    [ "$status" -eq 1 ]
    [[ $stderr = *"what was restored is not what was backed up"* ]]
    [ ! -e "$W/d" ]
    [ "$(as_server_user psql -XqAt -h "$W/run" -U postgres jiayi -c "SELECT count(*) FROM pg_namespace WHERE nspname = 'jiayi'")" = 0 ]
    try restore "$HERE/whole" --data "$W/d" --database "$URI"
    ok
}

@test "backup: of a folder that nobody serves; its cluster is stopped again" {
    cp -a "$WORLD/data" "$W/d"
    try backup "$W/b" --data "$W/d"
    ok
    [ -z "$(processes_in "$W")" ]
}
