-- How far a scope reaches what two companies have with each other is said once (definitions/caller.sql: sides_reached).
SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS registration_reached(bigint, bigint, bigint, bigint, int) CASCADE;
-- definitions: 1e352d70f4424e3f8adc8a75fdc24039992292c70cb85b5c46d1a49604410596
