-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 4a9e95be8d776d9aaa128fb6b37ec6ab17bd4e6e23ed2dc3ea99011be34c28d8

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
