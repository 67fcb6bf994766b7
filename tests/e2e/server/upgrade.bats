# From earlier schemas to this program's, with data in every table, by the server itself; two servers at once; a
# migration that is killed; and the definitions, which come after the migrations.
# Run with: bats tests/e2e/server/upgrade.bats

load ../helper

export BATS_NO_PARALLELIZE_WITHIN_FILE=true
MIGRATIONS=$ROOT/server/sql/migrations

# One PostgreSQL for all, with a database for each schema; the folders have the certificates of the world.
setup_file() {
    local bin
    if [ -z "${WORLD:-}" ]; then
        SCRATCH=$(mktemp -d "$(scratch_root)/jiayi-e2e.XXXXXX")
        chmod 755 "$SCRATCH"
        export SCRATCH OWN_SCRATCH=$SCRATCH XDG_CONFIG_HOME=$SCRATCH/config
        mkdir -m 700 "$XDG_CONFIG_HOME"
        mkdir -m 755 "$SCRATCH/world"
        export WORLD=$SCRATCH/world
        server_init "$WORLD/data" >&2
    fi
    export HERE=$SCRATCH/upgrade XDG_CONFIG_HOME=$SCRATCH/upgrade/config
    mkdir -m 755 "$HERE"
    mkdir -m 700 "$XDG_CONFIG_HOME"
    bin=$(pg_config --bindir)
    local owner=postgres
    [ "$(id -u)" -eq 0 ] || owner=$(id -un)
    install -d -m 700 -o "$owner" "$HERE/pg" "$HERE/run"
    as_server_user "$bin/initdb" -D "$HERE/pg" -A trust -U postgres -E UTF8 --locale C.UTF-8 --no-sync >"$HERE/initdb"
    (cd / && as_server_user "$bin/postgres" -D "$HERE/pg" -k "$HERE/run" -c listen_addresses= -c fsync=off) \
        >"$HERE/log" 2>&1 3>&- &
    eventually as_server_user pg_isready -q -h "$HERE/run"
    # A hash of "secret-of-sales", which init makes as well as the server.
    on postgres -c 'CREATE DATABASE phc'
    install -d -m 755 "$HERE/phc"
    "$JIAYID" init --data "$HERE/phc/data" --operator sales@acme.example --password-file "$(password_file sales)" \
        --database "$(uri phc)" >&2
    # The key that rows of 0034 name, which all servers here have.
    install -d -m 700 -o "$owner" "$HERE/phc/data/keys"
    printf '%064d\n' 0 >"$HERE/phc/data/keys/66687aadf862bd77"
    chown "$owner" "$HERE/phc/data/keys/66687aadf862bd77"
    chmod 600 "$HERE/phc/data/keys/66687aadf862bd77"
    PHC=$(on phc -c 'SELECT phc FROM jiayi.credential')
    export PHC
    # The table of migrations as jiayid makes it after the first one; later ones may change it.
    statements sql_table migrate >"$HERE/schema_migration.sql"
    grep -q '^CREATE TABLE jiayi.schema_migration' "$HERE/schema_migration.sql"
}

# statements NAME MODULE: the SQL that the module has under that name.
statements() {
    perl -0ne 'print join("", $1 =~ /"((?:[^"\\]|\\.)*)"/g), ";\n" if /\b'"$1"'\[\] =(.*?");\n/s' "$(find "$ROOT/server" -name "$2.c")"
}

teardown_file() {
    processes_end "$HERE"
    rm -rf "${OWN_SCRATCH:-$HERE}"
}

setup() {
    W=$HERE/$BATS_TEST_NUMBER
    mkdir -m 755 "$W"
    STARTED=()
}

teardown() {
    local dir
    for dir in "${STARTED[@]}"; do
        server_stop "$dir" || true
    done
    rm -rf "$W"
}

# on DATABASE ARG…: psql as the superuser.
on() {
    as_server_user psql -XqAt -v ON_ERROR_STOP=1 -h "$HERE/run" -U postgres -d "$@"
}

uri() {
    echo "postgresql:///$1?host=$HERE/run&user=postgres"
}

newest() {
    find "$MIGRATIONS" -name '*.sql' -printf '%f\n' | sort | tail -n 1 | cut -c 1-4
}

# make DATABASE NNNN: a database with the migrations up to NNNN, as jiayid applies and notes them, data in all tables,
# those up to 0011 filled together and each later one after its migration, and the definitions of that release.
make() {
    local database=$1 last=$2 file name data=()
    on postgres -c "CREATE DATABASE $database"
    for file in "$MIGRATIONS"/*.sql; do
        name=$(basename "$file")
        [[ ! ${name%%_*} > $last ]] || break
        echo 'BEGIN;'
        cat "$file"
        echo 'RESET ROLE;'
        [ "${name%%_*}" != 0001 ] || {
            echo 'SET LOCAL ROLE jiayi_owner;'
            cat "$HERE/schema_migration.sql"
            echo 'RESET ROLE;'
        }
        echo "INSERT INTO jiayi.schema_migration (version, name, sha256)
              VALUES ($((10#${name%%_*})), '$name', '$(sha256sum <"$file" | cut -c 1-64)');"
        echo 'COMMIT;'
        data+=("$ROOT/tests/upgrade/${name%%_*}.sql")
        [[ $((10#${name%%_*})) -lt 11 && ${name%%_*} != "$last" ]] || {
            echo 'BEGIN; SET LOCAL search_path = jiayi, pg_catalog;'
            cat "${data[@]}" 2>/dev/null || true
            echo 'COMMIT;'
            data=()
        }
    done | PGOPTIONS='-c client_min_messages=warning' on "$database" -v phc="$PHC" >/dev/null
    [ ! -d "$ROOT/tests/upgrade/$last" ] || define "$database" "$ROOT/tests/upgrade/$last"
}

# define DATABASE FOLDER: the definitions of the folder, as jiayid applies and notes them.
define() {
    local file
    {
        echo 'BEGIN; SET LOCAL ROLE jiayi_owner;'
        statements sql_begin definitions
        statements sql_clear definitions
        for file in "$2"/*.sql; do
            sed '/^---- Tables$/,$d' "$file"
        done
        for file in "$2"/*.sql; do
            sed -n '/^---- Tables$/,$p' "$file"
        done
        statements sql_give definitions
        statements sql_forget definitions
        for file in "$2"/*.sql; do
            echo "INSERT INTO jiayi.schema_definition (name, sha256, version) SELECT '$(basename "$file")',
                  '$(sha256sum <"$file" | cut -c 1-64)', max(version) FROM jiayi.schema_migration;"
        done
        echo 'COMMIT;'
    } | PGOPTIONS='-c client_min_messages=warning' on "$1" >/dev/null
}

# keep DATABASE: notes every row as it is, in a schema beside; fails where a table is empty. What is noted of definitions is
# noted anew when they are applied.
keep() {
    local empty
    on "$1" <<'END'
CREATE SCHEMA kept;
SELECT format('CREATE TABLE kept.%I AS SELECT to_jsonb(t) AS row FROM jiayi.%I AS t', relname, relname)
FROM pg_class WHERE relnamespace = 'jiayi'::regnamespace AND relkind = 'r' AND relname <> 'schema_definition' \gexec
END
    empty=$(on "$1" <<'END'
SELECT format('SELECT %L WHERE NOT EXISTS (SELECT FROM kept.%I)', relname, relname)
FROM pg_class WHERE relnamespace = 'kept'::regnamespace AND relkind = 'r' \gexec
END
    )
    [ -z "$empty" ] || {
        echo "tests/upgrade has no rows for:" $empty
        return 1
    }
}

# lost DATABASE: prints every kept row that is not there any more with all of its values.
lost() {
    local table column
    # What may change by tests/upgrade/changed.tsv does not count.
    while IFS=$'\t' read -r table column _; do
        if [ "$column" = '*' ]; then
            on "$1" -c "SET client_min_messages = warning; DROP TABLE IF EXISTS kept.$table"
        elif [[ $column = '>'* ]]; then
            local new was is
            read -r new was is <<<"${column#>}"
            on "$1" <<<"SELECT format('ALTER TABLE kept.%1\$I RENAME TO %2\$I', '$table', '$new'), format(
                'UPDATE kept.%I SET row = row - %L || jsonb_build_object(%L, row -> %2\$L)', '$new', '$was', '$is')
                WHERE to_regclass('kept.$table') IS NOT NULL \\gexec"
        elif [[ $table != '#'* ]]; then
            on "$1" <<<"SELECT format('UPDATE kept.%I SET row = row - %L', '$table', '$column')
                WHERE to_regclass('kept.$table') IS NOT NULL \\gexec"
        fi
    done <"$ROOT/tests/upgrade/changed.tsv"
    on "$1" <<'END'
SELECT format('SELECT %L, k.row FROM kept.%I AS k EXCEPT ALL SELECT %L, k.row FROM kept.%I AS k '
              'WHERE EXISTS (SELECT FROM jiayi.%I AS t WHERE to_jsonb(t) @> k.row)', relname, relname, relname, relname, relname)
FROM pg_class WHERE relnamespace = 'kept'::regnamespace AND relkind = 'r' \gexec
END
}

# serve DATABASE: a server on it, from a folder of its own; sets SERVER and CA.
serve() {
    local dir=$W/$1
    [ -e "$dir" ] || cp -a "$HERE/phc/data" "$dir"
    STARTED+=("$dir")
    server_start "$dir" --database "$(uri "$1")"
}

# works: people of before the upgrade sign in, see what is theirs and go on with it.
works() {
    sign_in sales sales@acme.example
    json sales deal list
    is '.deals | length' "${1:-0}"
    json sales deal create 'After the upgrade' --customer Customer
    is .stage new
}

@test "upgrade: numbers of migrations are each there once, without a gap" {
    [ "$(find "$MIGRATIONS" -name '*.sql' -printf '%f\n' | cut -c 1-4 | sort)" = "$(seq -f %04g "$((10#$(newest)))")" ]
}

@test "upgrade: a migration that was released is never edited" {
    (cd "$MIGRATIONS" && sha256sum --check --strict --quiet "$ROOT/tests/upgrade/released.sha256")
}

# The schemas that are upgraded from: those that were released, every tenth, and the last ones. Each takes some seconds; the
# migrations between them run over the same rows on the way from the one before.
earlier() {
    local k last=$((10#$(newest)))
    for k in $(seq $((last - 1))); do
        if [ "$k" -le 10 ] || [ $((k % 10)) -eq 0 ] || [ "$k" -gt $((last - 5)) ] || [ -d "$ROOT/tests/upgrade/$(printf %04d "$k")" ]; then
            printf '%04d\n' "$k"
        fi
    done
}

@test "upgrade: from earlier schemas nothing is lost, checks pass and people work on" {
    local k failed=0 deals found
    for k in $(earlier); do
        echo "from $k"
        make "from_$k" "$k"
        keep "from_$k"
        serve "from_$k"
        grep -q "event=migrated from=$((10#$k)) to=$((10#$(newest)))" "$W/from_$k.log" || { tail "$W/from_$k.log"; failed=1; }
        found=$(lost "from_$k")
        [ -z "$found" ] || { echo "lost from $k: $found"; failed=1; }
        "$JIAYID" check --data "$W/from_$k" --database "$(uri "from_$k")" || failed=1
        if [ "$k" -gt 1 ]; then
            deals=0
            [ "$k" -lt 4 ] || deals=2
            works "$deals" || failed=1
        fi
        found=$(on "from_$k" -c "SELECT string_agg(p::text, ' ') FROM jiayi.deal_pulse AS p JOIN jiayi.deal AS d ON d.id = p.deal_id
            JOIN jiayi.customer AS c ON c.id = d.customer_id WHERE (p.customer_id, p.customer_owner_id) IS DISTINCT FROM
            (CASE p.company_id WHEN d.company_id THEN c.id END, CASE p.company_id WHEN d.company_id THEN coalesce(c.owner_id, 0) END)")
        [ -z "$found" ] || { echo "of other customers: $found"; failed=1; }
        server_stop "$W/from_$k"
        STARTED=()
        # The shape is that of a database that was made by this program.
        is_like_new "from_$k" || failed=1
        on postgres -c "DROP DATABASE from_$k"
    done
    [ "$failed" -eq 0 ]
}

# Tables, functions, policies, triggers, owners and rights, as SQL.
shape() {
    as_server_user pg_dump -h "$HERE/run" -U postgres --schema-only --schema=jiayi "$1" | grep -vE '^(--|\\(un)?restrict )'
}

is_like_new() {
    [ -e "$HERE/shape" ] || shape phc >"$HERE/shape"
    diff <(shape "$1") "$HERE/shape"
}

@test "upgrade: case H3: a password that two companies had works once more in each, and asks for a new one" {
    local company new=$W/new
    (umask 077 && echo a-new-secret >"$new")
    make shared 0011
    serve shared
    for company in acme beta; do
        run "$JIAYI" --profile "$company" login --server "$SERVER" --ca "$CA" --user both@x.example --company "$company" \
            --password-file "$(password_file sales)"
        [ "$status" -eq 0 ]
        [[ $output = *'choose a new one for this company now'* ]]
        run "$JIAYI" --profile again login --server "$SERVER" --ca "$CA" --user both@x.example --company "$company" \
            --password-file "$(password_file sales)"
        [ "$status" -eq $UNAUTHENTICATED ]
    done
    "$JIAYI" --profile acme passwd --old-password-file "$(password_file sales)" --new-password-file "$new"
    "$JIAYI" --profile again login --server "$SERVER" --ca "$CA" --user both@x.example --company acme --password-file "$new"
    run "$JIAYI" --profile again login --server "$SERVER" --ca "$CA" --user both@x.example --company beta --password-file "$new"
    [ "$status" -eq $UNAUTHENTICATED ]
    # Those of others are as they were.
    [ "$(on shared -c "SELECT count(*) FROM jiayi.credential AS k JOIN jiayi.member AS m ON m.id = k.member_id
        WHERE k.once AND m.email <> 'both@x.example'")" = 0 ]
    works 2
}

@test "upgrade: case 2: addresses of before that look the same are listed by check" {
    make alike 0011
    on alike <<'SQL'
SET search_path = jiayi, pg_catalog;
INSERT INTO person (email) VALUES ('sa1es@acme.example'), (U&'sal\200Bes@acme.example');
INSERT INTO member (company_id, person_id, email, name, role_id)
SELECT c.id, p.id, p.email, 'Alike', r.id FROM company AS c, person AS p, role AS r
WHERE c.slug = 'acme' AND p.id > (SELECT max(m.person_id) FROM member AS m) AND r.name = 'salesperson' ORDER BY p.id;
SQL
    serve alike
    run "$JIAYID" check --data "$W/alike" --database "$(uri alike)"
    [ "$status" -eq 0 ]
    [[ $output = *'addresses in acme that look the same: sales@acme.example and sa1es@acme.example and sal'* ]]
}

@test "upgrade: case 21: invitations without an answer are kept, as invitations" {
    make invited 0011
    on invited <<'SQL'
SET search_path = jiayi, pg_catalog;
INSERT INTO company (slug, name) VALUES ('never', 'Never'), ('anew', 'Anew');
INSERT INTO partnership (principal_id, vendor_id, state)
SELECT a.id, b.id, 'invited' FROM company AS a, company AS b WHERE a.slug = 'acme' AND b.slug = 'never';
INSERT INTO partnership (principal_id, vendor_id, state)
SELECT a.id, b.id, 'active' FROM company AS a, company AS b WHERE a.slug = 'acme' AND b.slug = 'anew';
UPDATE partnership SET state = 'ended' WHERE vendor_id = (SELECT id FROM company WHERE slug = 'anew');
UPDATE partnership SET state = 'invited' WHERE vendor_id = (SELECT id FROM company WHERE slug = 'anew');
SQL
    serve invited
    [ "$(on invited -c "SELECT string_agg(slug || ' ' || state, ', ' ORDER BY slug) FROM jiayi.invitation")" = 'anew open, never open' ]
    [ "$(on invited -c "SELECT string_agg(c.slug || ' ' || p.state, ', ' ORDER BY c.slug) FROM jiayi.partnership AS p
        JOIN jiayi.company AS c ON c.id = p.vendor_id")" = 'anew ended, beta active' ]
}

@test "upgrade: a migration that loses a row or a value is found" {
    make loses 0003
    keep loses
    [ -z "$(lost loses)" ]
    on loses -c "UPDATE jiayi.member SET created_at = '2020-01-01' WHERE email = 'admin@acme.example'"
    [ "$(lost loses | grep -c '^member|.*admin@acme')" = 1 ]
    on loses -c "SET session_replication_role = replica; DELETE FROM jiayi.partnership"
    [ "$(lost loses | grep -c '^partnership|')" = 1 ]
    make empty 0003
    on empty -c "SET session_replication_role = replica; DELETE FROM jiayi.partnership"
    run keep empty
    [ "$status" -eq 1 ]
    [[ $output = *"no rows for: partnership" ]]
}

@test "case 13, 16: decisions of before the upgrade come out of the log of changes" {
    make decided 0011
    on decided <<'END'
SET search_path = jiayi, pg_catalog;
CREATE FUNCTION pg_temp.note(object text, id bigint, after jsonb, minute int) RETURNS void LANGUAGE sql AS $$
    INSERT INTO audit_log (at, company_id, member_id, member, object, object_id, action, after)
    SELECT timestamptz '2026-10-01 12:00Z' + make_interval(mins => minute), m.company_id, m.id, m.email, $1, $2::text,
           'update', $3
    FROM member AS m WHERE m.email = 'manager@acme.example'
$$;
INSERT INTO report_version (report_id, version, title, body) SELECT id, 2, 'Title', 'Again' FROM report;
-- Of the report one decision has a comment already; the next one was without words.
SELECT pg_temp.note('report', id, '{"state": "returned"}', 1), pg_temp.note('report', id, '{"state": "submitted", "version": 2}', 2),
       pg_temp.note('report', id, '{"state": "accepted"}', 3) FROM report;
SELECT pg_temp.note('kpi_line', id, '{"target": 10}', 1), pg_temp.note('kpi_line', id, '{"actual": 4}', 2),
       pg_temp.note('kpi_line', id, '{"evaluation": "low", "evaluated_at": "2026-10-01"}', 3),
       pg_temp.note('kpi_line', id, '{"target": 5}', 4),
       pg_temp.note('kpi_line', id, '{"evaluated_at": "2026-10-02"}', 5) FROM kpi_line;
END
    serve decided
    [ "$(on decided -c "SELECT string_agg(version || decision || coalesce(text, '-'), ' ' ORDER BY version) FROM jiayi.comment")" = \
        '1returned请写明试用多久 2accepted-' ]
    [ "$(on decided -c "SELECT string_agg(value::text, ' ' ORDER BY id) FROM jiayi.kpi_target")" = '10 5' ]
    [ "$(on decided -c "SELECT string_agg(text || target || '/' || actual, ' ' ORDER BY id) FROM jiayi.kpi_evaluation")" = \
        'low10/4 low5/4' ]
    [ "$(on decided -c "SELECT evaluated_target || '/' || evaluated_actual FROM jiayi.kpi_line")" = '5/4' ]
}

@test "upgrade: case 35: the owners of before come out of the log of changes" {
    make owned 0019
    on owned <<'END'
SET search_path = jiayi, pg_catalog;
UPDATE deal SET owner_id = (SELECT id FROM member WHERE email = 'manager@acme.example'), version = version + 1
WHERE id = (SELECT min(id) FROM deal);
END
    serve owned
    [ "$(on owned -c "SELECT string_agg(concat_ws(' ', s.deal_id, s.seq, s.kind, s.stage, m.email), ', ' ORDER BY s.deal_id, s.seq)
        FROM jiayi.deal_stage AS s LEFT JOIN jiayi.member AS m ON m.id = s.owner_id")" = \
        '1 1 move new sales@acme.example, 1 2 move contacted, 1 3 owner contacted manager@acme.example, 2 1 move new sales@acme.example' ]
}

@test "upgrade: who was below whom on which days comes out of the members' history" {
    make spans 0046
    on spans <<'END'
SET search_path = jiayi, pg_catalog;
UPDATE company_profile SET time_zone = 'Asia/Shanghai';
DELETE FROM member_span;
UPDATE member SET manager_id = NULL WHERE email = 'manager@acme.example';
-- A change on the same day, and one of the role alone, are no change; where it was the 11th, it was the 10th in UTC.
INSERT INTO member_span (company_id, member_id, state, role, manager_id, from_at, to_at)
SELECT m.company_id, m.id, 'active', s.role, b.id, s.from_at::timestamptz, s.to_at::timestamptz
FROM (VALUES ('manager', 'admin', 'manager', '2026-09-01 08:00Z', '2026-10-10 17:00Z'),
    ('manager', NULL, 'manager', '2026-10-10 17:00Z', NULL),
    ('sales', 'manager', 'salesperson', '2026-09-15 08:00Z', '2026-10-05 01:00Z'),
    ('sales', 'gone', 'salesperson', '2026-10-05 01:00Z', '2026-10-05 08:00Z'),
    ('sales', 'manager', 'salesperson', '2026-10-05 08:00Z', '2026-10-07 08:00Z'),
    ('sales', 'manager', 'reader', '2026-10-07 08:00Z', NULL)) AS s(name, manager, role, from_at, to_at)
JOIN member AS m ON m.email = s.name || '@acme.example' LEFT JOIN member AS b ON b.email = s.manager || '@acme.example';
END
    serve spans
    [ "$(on spans -c "SELECT string_agg(concat_ws(' ', split_part(b.email, '@', 1), split_part(m.email, '@', 1), s.from_on, s.to_on), ', '
        ORDER BY b.email, m.email, s.from_on) FROM jiayi.team_span AS s JOIN jiayi.member AS m ON m.id = s.member_id
        JOIN jiayi.member AS b ON b.id = s.manager_id")" = \
        'admin manager 2026-09-01 2026-10-11, admin sales 2026-09-15 2026-10-11, manager sales 2026-09-15 infinity' ]
}

@test "upgrade: the default titles of stages become the words of a sales manager; changed ones stay" {
    make titled 0019
    on titled -c "UPDATE jiayi.stage SET title = '成交啦' WHERE name = 'won'
        AND company_id = (SELECT id FROM jiayi.company WHERE slug = 'acme')"
    serve titled
    [ "$(on titled -c "SELECT c.slug || ': ' || string_agg(s.title, ' ' ORDER BY s.position) FROM jiayi.stage AS s
        JOIN jiayi.company AS c ON c.id = s.company_id WHERE c.slug IN ('acme', 'beta') GROUP BY c.slug ORDER BY c.slug")" = \
        $'acme: 新线索 已联系 已报价 商务谈判 客户决策 成交啦 丢单\nbeta: 新线索 已联系 已报价 商务谈判 客户决策 赢单 丢单' ]
    # New companies begin with the same.
    on titled -c "INSERT INTO jiayi.company (slug, name) VALUES ('fresh', 'Fresh')"
    [ "$(on titled -c "SELECT string_agg(s.title, ' ' ORDER BY s.position) FROM jiayi.stage AS s
        JOIN jiayi.company AS c ON c.id = s.company_id WHERE c.slug = 'fresh'")" = \
        '新线索 已联系 已报价 商务谈判 客户决策 赢单 丢单' ]
}

@test "upgrade: what was to be done in a stage becomes points of its checklist, which hold up nobody" {
    make points 0049
    on points -c "UPDATE jiayi.stage SET tasks = '{Call them,Ask for the budget}', exit_criteria = 'They want an offer', script = 'Good morning.' WHERE name = 'contacted'"
    serve points
    [ "$(on points -c "SELECT string_agg(concat_ws(' ', i.title, i.required, i.criterion), ', ' ORDER BY i.position)
        FROM jiayi.stage AS s JOIN jiayi.checklist_item AS i ON i.checklist_id = s.checklist_id
        WHERE s.name = 'contacted' AND s.company_id = (SELECT id FROM jiayi.company WHERE slug = 'acme')")" \
        = 'Call them f f, Ask for the budget f f, They want an offer f t' ]
    [ "$(on points -c "SELECT string_agg(concat_ws(' ', p.code, p.kind, p.stage, r.body), ', ') FROM jiayi.playbook AS p
        JOIN jiayi.revision AS r ON r.on_kind = 19 AND r.on_id = p.id WHERE p.company_id = (SELECT id FROM jiayi.company WHERE slug = 'acme')")" \
        = 'script-2 script contacted Good morning.' ]
    [ "$(on points -c "SELECT bool_or(starts) FROM jiayi.stage")" = f ]
}

@test "upgrade: two servers that start at once migrate once" {
    local one two
    make twice 0002
    keep twice
    cp -a "$HERE/phc/data" "$W/one"
    cp -a "$HERE/phc/data" "$W/two"
    STARTED=("$W/one" "$W/two")
    (server_start "$W/one" --database "$(uri twice)") 3>&- &
    one=$!
    (server_start "$W/two" --database "$(uri twice)") 3>&- &
    two=$!
    wait "$one"
    wait "$two"
    [ "$(on twice -c 'SELECT count(*), max(version) FROM jiayi.schema_migration')" = "$((10#$(newest)))|$((10#$(newest)))" ]
    # And one of them, which need not be the one that migrated last, applied the definitions.
    cat "$W/one.log" "$W/two.log"
    [ "$(cat "$W/one.log" "$W/two.log" | grep -c "event=migrated .* definitions=$(definitions)\$")" = 1 ]
    [ "$(cat "$W/one.log" "$W/two.log" | grep -c "event=migrated .* definitions=0\$")" = 1 ]
    [ -z "$(lost twice)" ]
    # shellcheck disable=SC2034
    SERVER=$(sed -n 's|^listening on tls+tcp://||p' "$W/two.out") CA=$W/two/tls/ca.pem
    works 0
}

@test "upgrade: after kill -9 in the middle of a migration the database is as before, and the next start goes on" {
    make killed 0005
    keep killed
    cp -a "$HERE/phc/data" "$W/d"
    # Migration 6 refers to companies, and has to wait for this lock when it has made a part of its tables.
    serve_until_it_waits killed company
    [ "$(on killed -c "SELECT max(version), to_regclass('jiayi.report') IS NULL FROM jiayi.schema_migration")" = '5|t' ]
    [ -z "$(lost killed)" ]
    serve killed
    grep -q "event=migrated from=5" "$W/killed.log"
    [ -z "$(lost killed)" ]
    works 2
}

# serve_until_it_waits DATABASE TABLE: starts a server with the folder $W/d, and kills it when it waits for the table.
serve_until_it_waits() {
    local database=$1 table=$2 holder
    on "$database" -c "BEGIN; LOCK TABLE jiayi.$table IN ROW EXCLUSIVE MODE; SELECT pg_sleep(600)" 3>&- &
    holder=$!
    eventually has_lock "$database" "$table" granted
    "$JIAYID" serve --data "$W/d" --database "$(uri "$database")" --listen 127.0.0.1:0 >"$W/out" 2>&1 3>&- &
    eventually has_lock "$database" "$table" 'NOT granted'
    kill -9 $!
    wait $! || true
    on "$database" -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)' AND pid <> pg_backend_pid()"
    wait "$holder" || true
    eventually nobody_migrates "$database"
}

has_lock() {
    [ -n "$(on "$1" -c "SELECT 1 FROM pg_locks WHERE relation = 'jiayi.$2'::regclass AND $3")" ]
}

nobody_migrates() {
    [ -z "$(on "$1" -c "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")" ]
}

@test "upgrade: a database that is newer than the program is refused by serve, check and init" {
    local command
    make newer "$(newest)"
    define newer "$ROOT/server/sql/definitions"
    # Another release's.
    on newer -c "UPDATE jiayi.schema_definition SET sha256 = '', version = 9999"
    on newer -c "ALTER FUNCTION jiayi.me_team() IMMUTABLE"
    on newer -c "INSERT INTO jiayi.schema_migration (version, name, sha256) VALUES (9999, '9999_future.sql', '')"
    cp -a "$HERE/phc/data" "$W/d"
    for command in serve check; do
        run --separate-stderr "$JIAYID" "$command" --data "$W/d" --database "$(uri newer)" --log-level error
        [ "$status" -eq 1 ]
        [ "$stderr" = "jiayid: the database is at schema version 9999, newer than this program ($((10#$(newest)))); install a newer jiayid" ]
    done
    run --separate-stderr "$JIAYID" init --data "$W/new" --operator o@example.com --password-file "$(password_file sales)" \
        --database "$(uri newer)"
    [ "$status" -eq 1 ]
    [[ $stderr = *"newer than this program"* ]]
    [ ! -e "$W/new" ]
    [ "$(on newer -c "SELECT provolatile FROM pg_proc WHERE oid = 'jiayi.me_team()'::regprocedure")" = i ]
}

@test "upgrade: a backup of an older schema is restored and migrated" {
    make backed 0006
    cp -a "$HERE/phc/data" "$W/d"
    "$JIAYID" backup "$W/b" --data "$W/d" --database "$(uri backed)"
    tar -xOf "$W/b" manifest | grep -qx 'schema 6'
    on postgres -c 'CREATE DATABASE back'
    # So old, it gives out a role that logs in: into another's database only when it is known whose it is.
    run --separate-stderr "$JIAYID" restore "$W/b" --data "$W/back" --database "$(uri back)"
    [ "$status" -eq 1 ]
    [[ $stderr = *"has schema version 6, too old for a database that is not the server's own"* ]]
    run --separate-stderr "$JIAYID" backup --verify "$W/b"
    [ "$status" -eq 0 ]
    run --separate-stderr "$JIAYID" restore "$W/b" --data "$W/back" --database "$(uri back)" \
        --expect "$(sha256sum <"$W/b" | cut -c 1-64)"
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    [[ $output = *"migrated from schema 6 to $((10#$(newest)))"* ]]
    # With this program's definitions in place of those in the backup.
    is_like_new back
    serve back
    grep -q "event=migrated .* definitions=0$" "$W/back.log"
    works 2
}

definitions() {
    find "$ROOT/server/sql/definitions" -name '*.sql' | wc -l
}

@test "definitions: killed before them, check tells, and the next start applies them" {
    make between "$(newest)"
    keep between
    cp -a "$HERE/phc/data" "$W/d"
    # They wait for calls that run: each has its session in hand.
    serve_until_it_waits between session
    run --separate-stderr "$JIAYID" check --data "$W/d" --database "$(uri between)" --log-level error
    [ "$status" -eq 1 ]
    [ "$stderr" = "jiayid: the database's definitions are not those of this program: activity.sql and $(($(definitions) - 1)) more; 'jiayid serve' applies them" ]
    serve between
    grep -q "event=migrated from=$((10#$(newest))) to=$((10#$(newest))) definitions=$(definitions)$" "$W/between.log"
    is_like_new between
    [ -z "$(lost between)" ]
    "$JIAYID" check --data "$W/between" --database "$(uri between)"
    works 2
}

@test "definitions: what make gives a database is what jiayid does" {
    make made "$(newest)"
    define made "$ROOT/server/sql/definitions"
    is_like_new made
    serve made
    grep -q "event=migrated .* definitions=0$" "$W/made.log"
    # After a later migration it would do so again: that may have undone something.
    on made -c "UPDATE jiayi.schema_definition SET version = version - 1"
    run --separate-stderr "$JIAYID" check --data "$W/made" --database "$(uri made)" --log-level error
    [ "$status" -eq 1 ]
    [[ $stderr = *"definitions are not those of this program"* ]]
}

@test "definitions: what no file has is gone when they are applied, and what was changed is as they have it" {
    make stray "$(newest)"
    define stray "$ROOT/server/sql/definitions"
    on stray <<'END'
CREATE POLICY stray ON jiayi.deal TO jiayi_app USING (true);
CREATE TRIGGER stray BEFORE UPDATE ON jiayi.deal EXECUTE FUNCTION jiayi.keep_evidence();
DROP POLICY visible ON jiayi.report;
DROP TRIGGER audit ON jiayi.member;
GRANT DELETE, UPDATE (id) ON jiayi.deal TO jiayi_app;
GRANT EXECUTE ON FUNCTION jiayi.create_operator(text, text, text) TO jiayi_app, jiayi_auth;
ALTER FUNCTION jiayi.me_team() OWNER TO jiayi_auth;
ALTER FUNCTION jiayi.me_team() SECURITY DEFINER;
ALTER FUNCTION jiayi.authorize(bytea, int, bytea, bytea, text, text, text) OWNER TO jiayi_owner;
ALTER TABLE jiayi.deal NO FORCE ROW LEVEL SECURITY;
UPDATE jiayi.schema_definition SET sha256 = 'x' WHERE name = 'deal.sql';
INSERT INTO jiayi.schema_definition (name, sha256, version) SELECT 'stray.sql', 'x', max(version) FROM jiayi.schema_definition;
END
    run is_like_new stray
    [ "$status" -eq 1 ]
    cp -a "$HERE/phc/data" "$W/d"
    run --separate-stderr "$JIAYID" check --data "$W/d" --database "$(uri stray)" --log-level error
    [ "$status" -eq 1 ]
    [ "$stderr" = "jiayid: the database's definitions are not those of this program: deal.sql and 1 more; 'jiayid serve' applies them" ]
    serve stray
    is_like_new stray
}

@test "definitions: a deadlock with who is at their tables is waited out" {
    local crossing
    on postgres -c 'CREATE DATABASE crossed TEMPLATE phc'
    on crossed -c "UPDATE jiayi.schema_definition SET sha256 = repeat('0', 64)"
    # Has a table that the server wants, and wants the one that the server has: it is the server that finds out.
    on crossed >"$W/crossing" <<'SQL' 3>&- &
SET deadlock_timeout = '1h';
BEGIN;
LOCK jiayi.transition IN ACCESS SHARE MODE;
\echo there
DO $$ BEGIN
    WHILE NOT EXISTS (SELECT FROM pg_locks WHERE relation = 'jiayi.session'::regclass AND mode = 'AccessExclusiveLock' AND granted) LOOP
        PERFORM pg_sleep(0.01);
    END LOOP;
END $$;
LOCK jiayi.session IN ACCESS SHARE MODE;
COMMIT;
SQL
    crossing=$!
    eventually grep -q there "$W/crossing"
    serve crossed
    wait "$crossing"
    grep -q 'ERROR:  deadlock detected' "$HERE/log"
    is_like_new crossed
}
