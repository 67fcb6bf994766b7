-- Times that never run backwards, and digests of all that decides.
-- definitions: cacd83501b84f7ae05dbb2104272087ca620fbe4f1bb6b5d1eff9246e9597396

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- now() is when a transaction began, perhaps long before it got the lock that it waited for.
ALTER TABLE audit_log ALTER COLUMN at SET DEFAULT clock_timestamp();
ALTER TABLE deal_stage ALTER COLUMN entered_at SET DEFAULT clock_timestamp();
ALTER TABLE activity ALTER COLUMN at SET DEFAULT clock_timestamp();
ALTER TABLE kpi_record ALTER COLUMN at SET DEFAULT clock_timestamp();
ALTER TABLE report_version ALTER COLUMN submitted_at SET DEFAULT clock_timestamp();
ALTER TABLE report_comment ALTER COLUMN at SET DEFAULT clock_timestamp();
