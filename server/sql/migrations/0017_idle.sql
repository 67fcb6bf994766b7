-- A session that is kept on a device of the member's own ends after 30 days without use.
-- definitions: 75e930508172041132bebd9cd1c938ab69b6f8737a9ee25866985a820824b95b

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- They take one more argument; a new database has never had them.
DROP FUNCTION IF EXISTS login_open(bigint, bytea, text, text);
DROP FUNCTION IF EXISTS join_open(text, text, bytea, text, text);
