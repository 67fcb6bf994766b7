#!/usr/bin/env bats
# An import that is killed at any of its points, whoever is killed, and run again: each row is there once.

load ../helper

# Three batches, and something of a fourth.
ROWS=1600

setup_file() {
    world_open
    # Where it stands still until the lock is let go, is what a test says.
    sql "CREATE FUNCTION public.stand_still() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_advisory_xact_lock_shared(77); RETURN NEW; END'" >&2
}

teardown_file() {
    world_close
}

# table SOURCE: a file of ROWS deals, a third of them without a key.
table() {
    seq "$ROWS" | awk -F, -v source="$1" 'BEGIN { print "key,title,customer,amount,currency,stage,created" }
        { printf "%s,%s %d,Customer %d,%d.50,CNY,quoted,2026-03-%02d\n", $1 % 3 ? source $1 : "", source, $1, $1 % 50, $1, $1 % 28 + 1 }' \
        >"$BATS_TEST_TMPDIR/$1.csv"
}

# again: the server once more, with whoever imports signed in.
again() {
    server_start "$DATA" --log-level warn
    sign_in admin admin@acme.example >/dev/null
}

kill_client() {
    kill -9 "$IMPORT"
}

# Who is asked waits for it no longer, and so does this test.
kill_server() {
    kill -9 "$(cat "$DATA.pid")"
    kill "$IMPORT" || true
}

kill_postgres() {
    kill -9 "$(head -n 1 "$(find "$DATA" -name postmaster.pid)")"
}

begins='INSERT ON jiayi.import FOR EACH ROW'
has_put='UPDATE ON jiayi.import FOR EACH ROW WHEN (OLD.last_line = 0 AND NEW.last_line > 0)'
puts_again='UPDATE ON jiayi.import FOR EACH ROW WHEN (OLD.last_line > 600 AND NEW.last_line > OLD.last_line)'
ends="UPDATE ON jiayi.import FOR EACH ROW WHEN (NEW.state = 'done' AND OLD.state <> 'done')"

# cut_off VICTIM WHERE: kills VICTIM when the import stands there, with all that it did in that transaction.
cut_off() {
    sql "CREATE TRIGGER zz_stand_still BEFORE $2 EXECUTE FUNCTION public.stand_still()" >&2
    hold 'SELECT pg_advisory_xact_lock(77)'
    "$JIAYI" --profile admin import deals "$BATS_TEST_TMPDIR/$1.csv" --source "$1" --timeout 60 >/dev/null 2>&1 &
    IMPORT=$!
    eventually hold_is_felt
    "kill_$1"
    # What stood there goes on where it is still alive, and tells nobody.
    [ "$1" = postgres ] || release
    [ "$1" != server ] || again
    [ "$1" != postgres ] || eventually "$JIAYI" --profile admin whoami >&2
    wait "$IMPORT" || true
    sql 'DROP TRIGGER IF EXISTS zz_stand_still ON jiayi.import' >&2
}

# torment VICTIM: cuts an import off at each of its points, then lets it come to its end.
torment() {
    local where
    table "$1"
    for where in "$begins" "$has_put" "$puts_again" "$ends"; do
        cut_off "$1" "$where"
    done
    json admin import deals "$BATS_TEST_TMPDIR/$1.csv" --source "$1" --timeout 60
    is .state 'done'
    [ "$(sql "SELECT count(*) || ' ' || count(DISTINCT d.title) FROM jiayi.deal AS d WHERE d.title LIKE '$1 %'")" = "$ROWS $ROWS" ] ||
        complain 'rows are missing, or there twice'
    [ "$(sql "SELECT count(*) || ' ' || count(DISTINCT on_id) FROM jiayi.external_ref WHERE source = '$1'")" = "$ROWS $ROWS" ] ||
        complain 'keys are'
    # Where everything but the end came in, all is skipped. Of each import the rows that it says; of all together each row once.
    [ "$(sql "SELECT sum(applied) FROM jiayi.import WHERE source = '$1' AND NOT dry_run")" = "$ROWS" ] || complain 'the numbers do not add up'
    [ "$(sql "SELECT count(*) FROM jiayi.event WHERE kind LIKE 'deal.%'")" = 0 ] || complain 'somebody is told'
    # And once more it is all there already.
    json admin import deals "$BATS_TEST_TMPDIR/$1.csv" --source "$1" --timeout 60
    is '[.applied, .skipped] | map(tostring) | join(" ")' "0 $ROWS"
}

@test "import: the client is killed, and runs again" {
    torment client
}

@test "import: the server is killed, and the client runs again" {
    torment server
}

@test "import: PostgreSQL is killed, and the client runs again" {
    torment postgres
}

# For eventually: the export is made.
is_made() {
    [ "$(sql "SELECT state FROM jiayi.export WHERE id = $1")" = done ]
}

@test "export: of one moment, whatever is done meanwhile; a server that is killed makes it anew" {
    local id
    # Between the rows that can be imported and the tables for reading.
    sql 'CREATE TRIGGER zz_stand_still BEFORE INSERT ON jiayi.export_piece FOR EACH ROW WHEN (NEW.no = 8)
        EXECUTE FUNCTION public.stand_still()' >&2
    hold 'SELECT pg_advisory_xact_lock(77)'
    api admin ExportService/StartExport '{}'
    id=$(jq -r .id <<<"$output")
    eventually hold_is_felt
    as admin deal create 'Made meanwhile' --customer Somebody
    ok
    release
    eventually is_made "$id"
    [ "$(sql "SELECT count(*) FROM jiayi.export_piece WHERE export_id = $id AND data LIKE '%Made meanwhile%'")" = 0 ] || complain 'it is of two moments'
    [ "$(sql "SELECT count(*) > 50 FROM jiayi.export_file WHERE export_id = $id")" = t ] || complain 'it is not whole'
    hold 'SELECT pg_advisory_xact_lock(77)'
    api admin ExportService/StartExport '{}'
    id=$(jq -r .id <<<"$output")
    eventually hold_is_felt
    kill -9 "$(cat "$DATA.pid")"
    release
    again
    eventually is_made "$id"
    [ "$(sql "SELECT attempts FROM jiayi.export WHERE id = $id")" = 2 ] || complain 'it was not begun anew'
    # In the rows of deals, in the table, and in what else tells of it.
    [ "$(sql "SELECT count(*) > 2 FROM jiayi.export_piece WHERE export_id = $id AND data LIKE '%Made meanwhile%'")" = t ] || complain 'a deal is missing'
    [ "$(sql "SELECT count(*) || ' ' || count(DISTINCT (no, seq)) FROM jiayi.export_piece WHERE export_id = $id")" = \
        "$(sql "SELECT sum(pieces) || ' ' || sum(pieces) FROM jiayi.export_file WHERE export_id = $id")" ] || complain 'pieces are missing, or there twice'
    sql 'DROP TRIGGER zz_stand_still ON jiayi.export_piece' >&2
}
