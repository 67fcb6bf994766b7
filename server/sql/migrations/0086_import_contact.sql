-- Imports and exports say with whom a deal, and a follow-up, is.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS import_deals(jsonb, text, text);
