-- Jobs: what happens at its time, without a caller. A thread of each server (server/jobs/worker.c)
-- calls job_work() as jiayi_job, which has nothing else. A job is the function job_<name>(company_id,
-- slot), which tells how many rows it touched, and a row of the table job.
--
-- The slot stands where now() would: so what a job does does not depend on when it got its turn.

GRANT USAGE ON SCHEMA jiayi TO jiayi_job;

CREATE OR REPLACE FUNCTION job_slot(every interval, company_id bigint, at timestamptz)
    RETURNS timestamptz LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    zone text := company_zone(company_id);
    slot timestamptz;
BEGIN
    IF every < interval '1 day' THEN
        RETURN date_bin(every, at, timestamptz '2000-01-01 00:00Z');
    END IF;
    slot := ((at AT TIME ZONE zone)::date + time '00:05') AT TIME ZONE zone;
    RETURN CASE WHEN slot <= at THEN slot
        ELSE ((at AT TIME ZONE zone)::date - 1 + time '00:05') AT TIME ZONE zone END;
END
$$;
COMMENT ON FUNCTION job_slot(interval, bigint, timestamptz) IS
    'The last slot until then: of a day 00:05 where the company is, else a whole multiple.';
GRANT EXECUTE ON FUNCTION job_slot(interval, bigint, timestamptz) TO jiayi_auth;

CREATE OR REPLACE FUNCTION job_slot_after(every interval, company_id bigint, slot timestamptz)
    RETURNS timestamptz LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    zone text := company_zone(company_id);
BEGIN
    RETURN CASE WHEN every < interval '1 day' THEN slot + every
        ELSE ((slot AT TIME ZONE zone)::date + 1 + time '00:05') AT TIME ZONE zone END;
END
$$;
COMMENT ON FUNCTION job_slot_after(interval, bigint, timestamptz) IS
    'The slot after that one. It is later also where the company has moved to another zone.';
GRANT EXECUTE ON FUNCTION job_slot_after(interval, bigint, timestamptz) TO jiayi_auth;

CREATE OR REPLACE FUNCTION job_pause(failures int) RETURNS interval LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE failures WHEN 1 THEN interval '1 minute' WHEN 2 THEN interval '5 minutes'
        ELSE interval '30 minutes' END
$$;
COMMENT ON FUNCTION job_pause(int) IS
    'How long a job rests after it failed so often in a row.';
GRANT EXECUTE ON FUNCTION job_pause(int) TO jiayi_auth;

CREATE OR REPLACE FUNCTION job_work(
    OUT name text, OUT company_id bigint, OUT slot timestamptz, OUT changed bigint, OUT error text)
    RETURNS record LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    j     job;
    began timestamptz := clock_timestamp();
BEGIN
    -- Who is at work on a row holds it, and when they are done it is not due any more.
    SELECT * INTO j FROM job AS d WHERE d.due_at <= began
    ORDER BY d.due_at, d.name, d.company_id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    name := j.name;
    company_id := j.company_id;
    slot := CASE WHEN j.catch_up THEN j.next_slot
        ELSE greatest(j.next_slot, job_slot(j.every, j.company_id, began)) END;
    BEGIN
        EXECUTE format('SELECT jiayi.%I($1, $2)', 'job_' || j.name)
            INTO changed USING j.company_id, slot;
        INSERT INTO job_run (name, company_id, slot, began_at, changed, failures)
        VALUES (j.name, j.company_id, job_work.slot, began, coalesce(job_work.changed, 0), j.failures);
    EXCEPTION WHEN OTHERS OR query_canceled THEN
        error := left(SQLERRM, 500);
    END;
    IF error IS NULL THEN
        j.next_slot := job_slot_after(j.every, j.company_id, slot);
        UPDATE job AS d SET next_slot = j.next_slot, due_at = j.next_slot, failures = 0, error = NULL
        WHERE d.id = j.id;
    ELSE
        UPDATE job AS d SET due_at = greatest(began, d.next_slot) + job_pause(j.failures + 1),
            failures = j.failures + 1, error = job_work.error
        WHERE d.id = j.id;
    END IF;
END
$$;
COMMENT ON FUNCTION job_work() IS
    'Runs the next slot that is due, if one is, and says which; with the reason where it failed. '
    'In one transaction with what the job does, so that a slot is run once or not yet.';
GRANT EXECUTE ON FUNCTION job_work() TO jiayi_job;

CREATE OR REPLACE FUNCTION job_housekeeping(company_id bigint, slot timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    changed bigint := 0;
    n       bigint;
BEGIN
    DELETE FROM call_record AS r WHERE r.at < slot - interval '2 days';
    GET DIAGNOSTICS n = ROW_COUNT;
    changed := changed + n;
    DELETE FROM session AS s
        WHERE coalesce(s.revoked_at,
            least(s.expires_at, s.last_seen_at + s.idle_timeout)) < slot - interval '30 days';
    GET DIAGNOSTICS n = ROW_COUNT;
    changed := changed + n;
    DELETE FROM throttle AS t WHERE t.at < slot - interval '1 day';
    GET DIAGNOSTICS n = ROW_COUNT;
    changed := changed + n;
    DELETE FROM device AS d WHERE d.last_seen_at < slot - interval '400 days';
    GET DIAGNOSTICS n = ROW_COUNT;
    changed := changed + n;
    DELETE FROM file AS f WHERE f.state = 'uploading' AND f.begun_at < slot - interval '1 day';
    GET DIAGNOSTICS n = ROW_COUNT;
    changed := changed + n;
    DELETE FROM inbox AS i WHERE i.read_at < slot - interval '180 days';
    GET DIAGNOSTICS n = ROW_COUNT;
    changed := changed + n;
    -- From the oldest on, as far as one run may take; an index of times would cost every change.
    DELETE FROM event AS e WHERE e.id <= (SELECT max(o.id)
        FROM (SELECT x.id, x.at FROM event AS x ORDER BY x.id LIMIT 100000) AS o
        WHERE o.at < slot - interval '90 days');
    GET DIAGNOSTICS n = ROW_COUNT;
    changed := changed + n;
    DELETE FROM export_file AS f USING export AS e WHERE e.id = f.export_id AND e.expires_at < slot;
    GET DIAGNOSTICS n = ROW_COUNT;
    changed := changed + n;
    DELETE FROM job_run AS r WHERE r.slot < job_housekeeping.slot - interval '90 days';
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN changed + n;
END
$$;
COMMENT ON FUNCTION job_housekeeping(bigint, timestamptz) IS
    'The job that deletes what nobody needs any more, once an hour: calls'' records after 2 days, '
    'dead sessions after 30, wrong passwords and uploads that nobody went on with after 1, devices after 400, runs of jobs '
    'and events after 90, what was read in an inbox after 180; and the files of exports once their time is over.';

---- Tables

CALL protect('job', NULL);
CREATE POLICY visible ON job FOR SELECT TO jiayi_app USING ((SELECT me_operator()));
GRANT SELECT ON job TO jiayi_app;
CALL open_to_auth('job', 'SELECT, INSERT, UPDATE');

CALL protect('job_run', NULL);
CALL open_to_auth('job_run', 'SELECT, INSERT, DELETE');
