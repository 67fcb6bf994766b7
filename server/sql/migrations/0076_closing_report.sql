-- The report that sums up a deal that was won or lost.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

ALTER TABLE report DROP CONSTRAINT report_kind_check, DROP CONSTRAINT report_kind_period,
    ADD CONSTRAINT report_kind_check CHECK (kind IN ('daily', 'weekly', 'monthly', 'progress', 'quality', 'closing')),
    ADD CONSTRAINT report_kind_period CHECK (kind IN ('progress', 'quality', 'closing')
        OR period_kind(period) = CASE kind WHEN 'daily' THEN 'day' WHEN 'weekly' THEN 'week' ELSE 'month' END),
    ADD CONSTRAINT report_closing CHECK (kind <> 'closing' OR deal_id IS NOT NULL);
COMMENT ON COLUMN report.kind IS
    'daily, weekly, monthly, progress, quality; or closing: it sums up a deal that was won or lost.';
