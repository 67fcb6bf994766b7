-- The answers to changes name the company of people of another company as those to questions do, and
-- of kept ones only what a replay must say is kept.
-- definitions: 75e21989db868ef8f645a408f4645c5e3009d6e937187e8c471bac99fd9150f2

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

ALTER TYPE kpi_line_view RENAME ATTRIBUTE outdated TO evaluation_outdated;
ALTER TYPE kpi_line_view ADD ATTRIBUTE evaluated_by_company text, ADD ATTRIBUTE recorded_by_company text;
ALTER TYPE report_view ADD ATTRIBUTE author_company text, ADD ATTRIBUTE more_comments boolean;

COMMENT ON TABLE call_record IS
    'What was answered to WRITEs, for two days: a request that comes again is answered from here. '
    'Of each answer the fields that a replay must say.';
COMMENT ON COLUMN call_record.answer IS
    'Of the rows that it answered the fields with the option replay, as an array of objects.';
