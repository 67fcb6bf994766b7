-- What nobody calls for and happens at its time: jobs, each slot of which is run once, whatever
-- servers there are.
-- definitions: f9e635a337ef4ab42fd1bbef382702a2c49237e7db5f4d3cc82ab1afb33ea245
--
-- jiayi_job is what the connection is that runs jobs: it has one function, job_work(), and no
-- table. It logs in only where the server runs the cluster itself; elsewhere the database's user
-- acts as it.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'jiayi_job') THEN
        BEGIN
            CREATE ROLE jiayi_job NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- another server was faster
        END;
    END IF;
    IF NOT pg_has_role(current_user, 'jiayi_job', 'MEMBER') THEN
        EXECUTE format('GRANT %I TO CURRENT_USER', 'jiayi_job');
    END IF;
END
$$;

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- It is a job by now, and works as of its slot.
DROP FUNCTION IF EXISTS housekeeping();

CREATE TABLE job (
    id         bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT job_id_unique UNIQUE,
    name       text NOT NULL CHECK (name ~ '^[a-z][a-z_]{0,39}$'),
    company_id bigint NOT NULL DEFAULT 0 CHECK (company_id >= 0),
    every      interval NOT NULL CHECK (every BETWEEN interval '1 second' AND interval '1 day'),
    catch_up   boolean NOT NULL,
    next_slot  timestamptz NOT NULL,
    due_at     timestamptz NOT NULL CHECK (due_at >= next_slot),
    failures   int NOT NULL DEFAULT 0 CHECK (failures >= 0),
    error      text CHECK (length(error) <= 500),
    PRIMARY KEY (name, company_id)
);
COMMENT ON TABLE job IS
    'What happens at its time, without a caller: for each job and company the slot that is next. '
    'The operator sees it; job_work() alone changes it.';
COMMENT ON COLUMN job.id IS 'The row''s number, for lists.';
COMMENT ON COLUMN job.name IS 'The job: the function job_<name>(company_id, slot) does it.';
COMMENT ON COLUMN job.company_id IS 'For which company; 0: for all together.';
COMMENT ON COLUMN job.every IS
    'From slot to slot. Slots of a day are at 00:05 where the company is, others at whole multiples '
    'since 2000 in UTC.';
COMMENT ON COLUMN job.catch_up IS
    'Slots that were missed are all run, in order; else the last one, for all of them.';
COMMENT ON COLUMN job.next_slot IS 'The first slot that was not run.';
COMMENT ON COLUMN job.due_at IS 'When it is tried: at its slot, or later where it failed.';
COMMENT ON COLUMN job.failures IS 'How often in a row it failed.';
COMMENT ON COLUMN job.error IS 'Why it failed the last time; NULL where it did not.';
-- What is to be done next.
CREATE INDEX job_due ON job (due_at, name, company_id);
ALTER TABLE job ENABLE ROW LEVEL SECURITY;

CREATE TABLE job_run (
    name       text NOT NULL,
    company_id bigint NOT NULL,
    slot       timestamptz NOT NULL,
    began_at   timestamptz NOT NULL,
    ended_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed    bigint NOT NULL CHECK (changed >= 0),
    failures   int NOT NULL CHECK (failures >= 0),
    PRIMARY KEY (name, company_id, slot)
);
COMMENT ON TABLE job_run IS
    'The slots that were run, each once: written in the transaction that did what the job does. '
    'Seen by functions of jiayi_auth alone; kept for 90 days.';
COMMENT ON COLUMN job_run.name IS 'The job.';
COMMENT ON COLUMN job_run.company_id IS 'For which company; 0: for all together.';
COMMENT ON COLUMN job_run.slot IS 'The slot. What the job did is as of then.';
COMMENT ON COLUMN job_run.began_at IS 'When it began.';
COMMENT ON COLUMN job_run.ended_at IS 'When it had done its work.';
COMMENT ON COLUMN job_run.changed IS 'How many rows it made, changed or deleted.';
COMMENT ON COLUMN job_run.failures IS 'How often it had failed before.';
-- Old ones, for housekeeping.
CREATE INDEX job_run_slot ON job_run (slot);
ALTER TABLE job_run ENABLE ROW LEVEL SECURITY;

-- It is due at once: what was kept of a longer stop goes.
INSERT INTO job (name, every, catch_up, next_slot, due_at)
SELECT 'housekeeping', interval '1 hour', false, t.slot, t.slot
FROM (SELECT date_bin('1 hour', now(), '2000-01-01 00:00Z') AS slot) AS t;
