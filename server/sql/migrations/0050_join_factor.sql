-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 7d419be4c98f2cf2722599f401b5d9e280f081eeb9774f8cd34dbb7c47e4acfc

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
