-- Imports take many rows at once. A key of a source is found by nothing but itself: as long as a table is
-- new and nothing is known of what is in it, an index that begins with the company is taken for as good.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS import_customer(jsonb, text);
DROP FUNCTION IF EXISTS import_contact(jsonb, text);
DROP FUNCTION IF EXISTS import_deal(jsonb, text, text);
DROP FUNCTION IF EXISTS import_followup(jsonb, text, text);
DROP FUNCTION IF EXISTS import_task(jsonb, text, text);
DROP FUNCTION IF EXISTS import_kpi_record(jsonb);
DROP FUNCTION IF EXISTS import_rate(jsonb);
DROP FUNCTION IF EXISTS import_row(import, jsonb, text, text);

DROP INDEX external_ref_of;
CREATE INDEX external_ref_of ON external_ref (on_id, kind, source, company_id);
