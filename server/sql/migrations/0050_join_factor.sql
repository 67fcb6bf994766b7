-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 9f1587dbb3aafc6b39047712a604304d8ff6df07bd81af6924ca94e381a8e07a

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
