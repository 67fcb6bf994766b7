-- Who joins by signing in at home shows the second factor that there is.
-- definitions: dd0fb6227755bf3d8af8c0c3e29be7959a2e0b1c0f3454ea78ae2082d477ec00

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
