-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 06d70887b444ae0de98d4e2eada96cc70b4f9cf3607ded4d4de38146255ad1e0

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
