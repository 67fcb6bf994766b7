-- A session that is kept on a device of the member's own ends after 30 days without use.
-- definitions: 6713520f8ae5a78c9f16669c5ff2d040ad1fca0a4b5577ec0f7503e766a2f281

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- They take one more argument; a new database has never had them.
DROP FUNCTION IF EXISTS login_open(bigint, bytea, text, text);
DROP FUNCTION IF EXISTS join_open(text, text, bytea, text, text);
