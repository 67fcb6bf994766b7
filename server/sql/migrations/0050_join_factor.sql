-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 3dd28658e5f5ed09751c6ee948fcac1920b0d9bdf264df2166e3af3c73c57a3a

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
