-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 87fd8828f11db1e77940ff8c12c935a02e955b79ebe853e973fd6f7edc3c51e2

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
