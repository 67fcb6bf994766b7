# Jobs: what happens at its time, once, whichever of several servers gets there first; as seen by the operator.
# Run with: bats tests/e2e/server/jobs.bats

load ../helper

export BATS_NO_PARALLELIZE_WITHIN_FILE=true

setup_file() {
    world_open
    server_stop "$DATA" >&2
    server_start "$DATA" >&2
    sign_in operator "$OPERATOR" >&2
    # A job of the test's own: it notes who ran it, and fails while there is a row in public.stop.
    sql "CREATE TABLE public.tick (slot timestamptz, at timestamptz DEFAULT clock_timestamp(), who text DEFAULT session_user);
         CREATE TABLE public.stop (why text);
         GRANT ALL ON public.tick, public.stop TO jiayi_auth;
         CREATE FUNCTION jiayi.job_tick(company_id bigint, slot timestamptz) RETURNS bigint LANGUAGE plpgsql AS
         'BEGIN IF EXISTS (SELECT FROM public.stop) THEN RAISE ''%'', (SELECT why FROM public.stop); END IF;
          INSERT INTO public.tick VALUES (slot); RETURN 1; END';
         GRANT EXECUTE ON FUNCTION jiayi.job_tick(bigint, timestamptz) TO jiayi_auth" >&2
}

teardown_file() {
    world_close
}

setup() {
    sql "DELETE FROM jiayi.job WHERE name = 'tick'; DELETE FROM jiayi.job_run WHERE name = 'tick';
         TRUNCATE public.tick, public.stop"
}

# tick EVERY CATCH-UP AGO: the job, not run since then.
tick() {
    sql "INSERT INTO jiayi.job (name, every, catch_up, next_slot, due_at)
         SELECT 'tick', '$1', $2, t.slot, t.slot FROM (SELECT jiayi.job_slot('$1', 0, now() - interval '$3') AS slot) AS t"
}

ticks() {
    test "$(sql 'SELECT count(*) FROM public.tick')" "$1" "$2"
}

@test "job: missed slots are run in order, each once, and those to come at their time" {
    tick '1 hour' true '5 hours'
    eventually ticks -eq 6
    [ "$(sql "SELECT array_agg(slot ORDER BY at) = array_agg(slot ORDER BY slot) AND count(DISTINCT slot) = 6 FROM public.tick")" = t ]
    [ "$(sql "SELECT count(*), min(changed), max(failures) FROM jiayi.job_run WHERE name = 'tick'")" = '6|1|0' ]
    [ "$(sql "SELECT DISTINCT who FROM public.tick")" = jiayi_job ]
    grep -q 'event=job name=tick company=0 slot=' "$DATA.log" || complain "no line in the log"
    setup
    tick '1 second' true '0 seconds'
    eventually ticks -ge 4
    [ "$(sql "SELECT count(*) FROM public.tick WHERE at < slot")" = 0 ]
}

@test "job: without catching up, the last of the slots that were missed is run for all" {
    tick '1 hour' false '5 hours'
    eventually ticks -ge 1
    sleep 1.5 # one look more
    ticks -eq 1
    [ "$(sql "SELECT slot = jiayi.job_slot('1 hour', 0, at) FROM public.tick")" = t ]
}

is_failing() {
    [ "$("$JIAYI" --profile operator -o json server status | jq -r .jobs_failing)" = 1 ]
}

@test "job: one that fails is seen by the operator, holds up no other, and is tried again" {
    sql "INSERT INTO public.stop VALUES ('not today')"
    tick '1 hour' true '1 hour'
    eventually is_failing
    json operator server jobs
    is '.jobs[] | select(.name == "tick") | .error' 'not today'
    is '.jobs[] | select(.name == "tick") | .failures' 1
    is '.jobs[] | select(.name == "tick") | has("company")' false
    is '[.jobs[] | select(.name == "housekeeping")] | length' 1
    as operator server jobs
    ok
    says 'not today'
    ticks -eq 0
    [ "$(sql "SELECT due_at - now() BETWEEN interval '30 s' AND interval '1 min' FROM jiayi.job WHERE name = 'tick'")" = t ]
    grep 'event=job name=tick' "$DATA.log" | grep -q 'level=error.*not today' || complain "no line in the log"
    sql "TRUNCATE public.stop; UPDATE jiayi.job SET due_at = next_slot WHERE name = 'tick'"
    eventually ticks -eq 2
    json operator server status
    is .jobs_failing 0
}

@test "job: --no-jobs, or jobs = no, runs none, and the operator sees what is late" {
    server_stop "$DATA" >&2
    server_start "$DATA" --no-jobs >&2
    tick '1 hour' true '2 hours'
    sleep 2.5
    ticks -eq 0
    sign_in operator "$OPERATOR"
    json operator server status
    is .jobs_late 1
    server_stop "$DATA" >&2
    server_start "$DATA" --jobs no >&2
    sleep 1.5
    ticks -eq 0
    server_stop "$DATA" >&2
    server_start "$DATA" >&2
    eventually ticks -eq 3
}

@test "job: a server that ends gives up what is at work; nothing of it was done, and it is done later" {
    sql "CREATE OR REPLACE FUNCTION jiayi.job_slow(company_id bigint, slot timestamptz) RETURNS bigint LANGUAGE plpgsql AS
         'BEGIN INSERT INTO public.tick VALUES (slot); IF NOT EXISTS (SELECT FROM public.stop) THEN PERFORM pg_sleep(60); END IF; RETURN 1; END';
         GRANT EXECUTE ON FUNCTION jiayi.job_slow(bigint, timestamptz) TO jiayi_auth;
         INSERT INTO jiayi.job (name, every, catch_up, next_slot, due_at) SELECT 'slow', '1 day', true, t, t
         FROM (SELECT jiayi.job_slot('1 day', 0, now()) AS t) AS x"
    eventually is_at_work
    server_stop "$DATA" >&2
    sql_off "INSERT INTO public.stop VALUES ('no sleep')"
    server_start "$DATA" >&2
    eventually ticks -eq 1
    [ "$(sql "SELECT count(*) FROM jiayi.job_run WHERE name = 'slow'")" = 1 ]
    sql "DELETE FROM jiayi.job WHERE name = 'slow'"
}

is_at_work() {
    [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE usename = 'jiayi_job' AND wait_event = 'PgSleep'")" = 1 ]
}

# The cluster is down with the server.
sql_off() {
    server_start "$DATA" --no-jobs >&2
    sql "$1"
    server_stop "$DATA" >&2
}

@test "job: housekeeping deletes records of old calls, and fresh ones stay" {
    new_deal sales >/dev/null 2>&1 || { sign_in sales sales@acme.example && new_deal sales; }
    sql "INSERT INTO jiayi.call_record (member_id, request_id, method, request_sha256, answer, at)
         SELECT member_id, '\\x00000000000000000000000000000001', method, request_sha256, answer, now() - interval '3 days'
         FROM jiayi.call_record LIMIT 1;
         DELETE FROM jiayi.job_run WHERE name = 'housekeeping';
         UPDATE jiayi.job SET next_slot = next_slot - interval '2 hours', due_at = next_slot - interval '2 hours' WHERE name = 'housekeeping'"
    eventually old_records_are_gone
    [ "$(sql "SELECT count(*) FROM jiayi.call_record")" -gt 0 ]
}

old_records_are_gone() {
    [ "$(sql "SELECT count(*) FROM jiayi.call_record WHERE at < now() - interval '2 days'")" = 0 ]
}

# Every company's changes are in the ledger, up to what had been given out by the run before that one.
digest() {
    sql "SELECT jiayi.job_digest(0, now())" >/dev/null
}

CHANGE="INSERT INTO jiayi.audit_log (company_id, object, object_id, action)
        SELECT id, 'company', id, 'update' FROM jiayi.company WHERE slug = 'acme'"

@test "job: digest: what commits late is in the next part, and nothing is in two" {
    local late
    digest
    # A transaction that has its number and is not over.
    sql "BEGIN; $CHANGE; SELECT pg_sleep(3600); COMMIT" >/dev/null 2>&1 3>&- &
    late=$!
    eventually sleeps
    sql "$CHANGE"
    digest
    [ "$(sql "SELECT count(*) FROM jiayi.ledger_entry WHERE kind = 'audit' AND on_id >= (SELECT max(id) FROM jiayi.audit_log)")" = 0 ]
    # What the run above saw given out is not over while that sleeps.
    local before
    before=$(sql "SELECT digested FROM jiayi.log_mark")
    digest
    [ "$(sql "SELECT digested FROM jiayi.log_mark")" = "$before" ] || complain "went past a transaction that runs"
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'" >/dev/null
    wait "$late" || true
    eventually nothing_sleeps
    digest
    digest
    [ "$(sql "SELECT digested FROM jiayi.log_mark")" -gt "$before" ] || complain "does not go on"
    [ "$(sql "SELECT count(*) FROM (SELECT convert_from(entry, 'UTF8')::jsonb AS e, lag((convert_from(entry, 'UTF8')::jsonb ->> 'to')::bigint)
        OVER (PARTITION BY company_id ORDER BY id) AS last FROM jiayi.ledger_entry WHERE kind = 'audit') AS x
        WHERE (e ->> 'from')::bigint < last")" = 0 ] || complain "an entry of the log is in two parts"
}

sleeps() {
    [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")" = 1 ]
}

nothing_sleeps() {
    [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")" = 0 ]
}
