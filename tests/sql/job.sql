-- Jobs: slots, who runs one, what a failure does, what was missed; and that they act for nobody.
\ir fixture.psql
SELECT no_plan();

-- Slots.
SELECT is(job_slot('1 hour', 0, '2026-11-29 10:59:59Z'), '2026-11-29 10:00Z', 'slots of an hour are at the hour');
SELECT is(job_slot('1 hour', 0, '2026-11-29 11:00Z'), '2026-11-29 11:00Z', 'a slot begins with its moment');
SELECT is(job_slot('1 day', 0, '2026-11-29 00:04:59Z'), '2026-11-28 00:05Z', 'those of a day at 00:05');
SELECT is(job_slot('1 day', 0, '2026-11-29 00:05Z'), '2026-11-29 00:05Z', 'of that day from then on');
SELECT is(job_slot_after('1 day', 0, '2026-11-29 00:05Z'), '2026-11-30 00:05Z', 'and the day after');
CREATE OR REPLACE FUNCTION company_zone(company_id bigint) RETURNS text
    LANGUAGE sql STABLE AS $$ SELECT CASE company_id WHEN 1 THEN 'Asia/Shanghai' WHEN 2 THEN 'Europe/Tirane' ELSE 'UTC' END $$;
SELECT is(job_slot('1 day', 1, '2026-11-28 16:05Z'), '2026-11-28 16:05Z', 'a company''s day begins where it is');
SELECT is(job_slot('1 day', 1, '2026-11-28 16:04Z'), '2026-11-27 16:05Z', 'and not before');
SELECT is(job_slot_after('1 day', 2, '2026-10-24 22:05Z'), '2026-10-25 23:05Z', 'a day with an hour more is one day');
SELECT is(job_slot_after('1 day', 2, '2026-03-28 23:05Z'), '2026-03-29 22:05Z', 'and one with an hour less');
SELECT cmp_ok(job_slot_after('1 day', 0, '2026-11-28 16:05Z'), '>', timestamptz '2026-11-28 16:05Z',
    'who moves to another zone has a later slot all the same');

-- A job, of which nothing is due but what the test makes so.
UPDATE job SET next_slot = 'infinity', due_at = 'infinity';
CREATE TABLE public.done (slot timestamptz, who text, caller bigint);
GRANT ALL ON public.done TO jiayi_auth;
CREATE FUNCTION job_probe(company_id bigint, slot timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF slot = '2020-01-01 00:00Z' THEN
        PERFORM pg_sleep(5);
    END IF;
    INSERT INTO public.done VALUES (slot, session_user, caller());
    UPDATE company AS c SET name = name || '!' WHERE c.id = company_id;
    IF slot = '2020-01-03 00:00Z' THEN
        RAISE 'not today';
    END IF;
    RETURN 3;
END
$$;
ALTER FUNCTION job_probe(bigint, timestamptz) OWNER TO jiayi_auth;
GRANT UPDATE ON company TO jiayi_auth;

-- work(): as the server does it.
CREATE FUNCTION pg_temp.work() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    SET LOCAL ROLE jiayi_job;
    SELECT * INTO r FROM jiayi.job_work();
    RESET ROLE;
    RETURN CASE WHEN r.name IS NULL THEN 'nothing'
        ELSE format('%s %s %s', r.name, to_char(r.slot AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), coalesce(r.error, r.changed::text)) END;
END
$$;
SELECT is(pg_temp.work(), 'nothing', 'nothing is due');
INSERT INTO job (name, company_id, every, catch_up, next_slot, due_at)
SELECT 'probe', c.id, '12 hours', true, '2020-01-02 00:00Z', '2020-01-02 00:00Z' FROM company AS c WHERE c.slug = 'acme';
SELECT is(pg_temp.work(), 'probe 2020-01-02 00:00 3', 'what is due is run');
SELECT is(pg_temp.work(), 'probe 2020-01-02 12:00 3', 'and what was missed, in order');
SELECT is((SELECT count(*)::int FROM public.done WHERE caller IS NULL), 2, 'without a caller');
SELECT is((SELECT count(*)::int FROM audit_log AS a WHERE a.object = 'company' AND a.after ->> 'name' LIKE '%!' AND a.member_id IS NULL
           AND a.member IS NULL AND a.company_id IS NOT NULL), 2, 'which is in the log of changes');
SELECT is(pg_temp.work(), 'probe 2020-01-03 00:00 not today', 'why it failed is told');
SELECT is((SELECT count(*)::int FROM public.done), 2, 'what a failed one did is undone');
SELECT is((SELECT failures || ' ' || error || ' ' || (due_at > clock_timestamp() + interval '50 s') || ' '
    || (due_at < clock_timestamp() + interval '61 s') FROM job WHERE name = 'probe'), '1 not today true true',
    'it is tried again in a minute');
SELECT is(pg_temp.work(), 'nothing', 'and not before');
UPDATE job SET due_at = next_slot WHERE name = 'probe';
SELECT is(pg_temp.work(), 'probe 2020-01-03 00:00 not today', 'it fails again');
SELECT ok((SELECT due_at BETWEEN clock_timestamp() + interval '4 min' AND clock_timestamp() + interval '5 min' FROM job
    WHERE name = 'probe'), 'then in five');
UPDATE job SET due_at = next_slot, failures = 7 WHERE name = 'probe';
SELECT is(pg_temp.work(), 'probe 2020-01-03 00:00 not today', 'and again');
SELECT ok((SELECT due_at BETWEEN clock_timestamp() + interval '29 min' AND clock_timestamp() + interval '30 min' FROM job
    WHERE name = 'probe'), 'and then in thirty, every time');
SELECT is((SELECT string_agg(to_char(r.slot AT TIME ZONE 'UTC', 'DD HH24') || ' ' || r.changed || ' ' || r.failures, ', ' ORDER BY r.slot)
    FROM job_run AS r WHERE r.name = 'probe'), '02 00 3 0, 02 12 3 0', 'what was run is noted, once');
UPDATE job SET next_slot = '2020-01-03 12:00Z', due_at = '2020-01-03 12:00Z' WHERE name = 'probe';
SELECT is(pg_temp.work(), 'probe 2020-01-03 12:00 3', 'a later one goes well');
SELECT is((SELECT failures || ' ' || coalesce(error, '-') || ' ' || (due_at = next_slot) FROM job WHERE name = 'probe'),
    '0 - true', 'and all is as before');
SELECT is((SELECT r.failures FROM job_run AS r WHERE r.name = 'probe' AND r.slot = '2020-01-03 12:00Z'), 8,
    'how often it had failed is noted');
-- A slot that was run is never run again, whatever becomes of the row.
UPDATE job SET next_slot = '2020-01-02 00:00Z', due_at = '2020-01-02 00:00Z' WHERE name = 'probe';
SELECT alike(pg_temp.work(), 'probe 2020-01-02 00:00 duplicate key%', 'a slot is not run twice');
SELECT is((SELECT count(*)::int FROM public.done), 3, 'not even half');
-- Without catch_up, the last of those that were missed is run for all.
UPDATE job SET next_slot = '2021-01-02 00:00Z', due_at = '2021-01-02 00:00Z', catch_up = false, failures = 0 WHERE name = 'probe';
SELECT is(pg_temp.work(), format('probe %s 3', to_char(date_bin('12 hours', now(), '2000-01-01 00:00Z') AT TIME ZONE 'UTC',
    'YYYY-MM-DD HH24:MI')), 'of missed slots the last is run');
SELECT is(pg_temp.work(), 'nothing', 'and no other');
-- One that takes too long has failed like others.
SET LOCAL statement_timeout = '300ms';
UPDATE job SET next_slot = '2020-01-01 00:00Z', due_at = '2020-01-01 00:00Z', catch_up = true WHERE name = 'probe';
SELECT alike(pg_temp.work(), 'probe 2020-01-01 00:00 canceling statement%', 'what takes too long has failed');
RESET statement_timeout;

SELECT * FROM finish();
ROLLBACK;
