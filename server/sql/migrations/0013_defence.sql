-- Times that never run backwards, and digests of all that decides.
-- definitions: bd237cd494b91830afece76dec1d204ea36c4ab0020d1a123f4792219b7e1f64

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- now() is when a transaction began, perhaps long before it got the lock that it waited for.
ALTER TABLE audit_log ALTER COLUMN at SET DEFAULT clock_timestamp();
ALTER TABLE deal_stage ALTER COLUMN entered_at SET DEFAULT clock_timestamp();
ALTER TABLE activity ALTER COLUMN at SET DEFAULT clock_timestamp();
ALTER TABLE kpi_record ALTER COLUMN at SET DEFAULT clock_timestamp();
ALTER TABLE report_version ALTER COLUMN submitted_at SET DEFAULT clock_timestamp();
ALTER TABLE report_comment ALTER COLUMN at SET DEFAULT clock_timestamp();

-- Those of before keep their sha256, and nothing else.
ALTER TABLE report_version ADD COLUMN digest bytea;
COMMENT ON COLUMN report_version.digest IS
    'The SHA-256 of the version with all that decides what it is, as report_digest() works it out; '
    'NULL for versions of which only the text''s was taken.';
