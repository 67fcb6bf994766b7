-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 0123c6c04a78ab2b5a2b776471148ca18b286b31d26fe94b0601c57dd4ef08d7

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
