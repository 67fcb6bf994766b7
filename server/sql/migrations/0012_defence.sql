-- Times that never run backwards, and digests of all that decides.
-- definitions: 416c6659c5ba063f2bada54d17ea2e4f0b4a6bb62f7d03fdf891c29410f24ad0

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- now() is when a transaction began, perhaps long before it got the lock that it waited for.
ALTER TABLE audit_log ALTER COLUMN at SET DEFAULT clock_timestamp();
ALTER TABLE deal_stage ALTER COLUMN entered_at SET DEFAULT clock_timestamp();
ALTER TABLE activity ALTER COLUMN at SET DEFAULT clock_timestamp();
ALTER TABLE kpi_record ALTER COLUMN at SET DEFAULT clock_timestamp();
ALTER TABLE report_version ALTER COLUMN submitted_at SET DEFAULT clock_timestamp();
ALTER TABLE report_comment ALTER COLUMN at SET DEFAULT clock_timestamp();
