-- A session that is kept on a device of the member's own ends after 30 days without use.
-- definitions: 81f85e1f4ece63fee8163913d06af4445d4147fc3d83137f5b63209884caf8d2

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- They take one more argument; a new database has never had them.
DROP FUNCTION IF EXISTS login_open(bigint, bytea, text, text);
DROP FUNCTION IF EXISTS join_open(text, text, bytea, text, text);
