-- How far a scope reaches what two companies have with each other is said once (definitions/caller.sql: sides_reached).
SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS registration_reached(bigint, bigint, bigint, bigint, int) CASCADE;
-- definitions: 099204019458415139a863e03cac2efc48d57ce734db3c16dbeed26517cfd432
