-- What the database says of itself; server/native/server_status.c adds the rest.
SELECT schema_version() AS schema_version, current_setting('server_version') AS database_version,
       (SELECT count(*) FROM job AS j WHERE j.due_at < now() - interval '1 minute') AS jobs_late,
       (SELECT count(*) FROM job AS j WHERE j.failures > 0) AS jobs_failing,
       events_late() AS events_late
