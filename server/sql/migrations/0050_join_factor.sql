-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 0d04d3db1c6a77e5f660ac12ef6ff4883000f04d08ee4298ed895d88a75e7e60

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
