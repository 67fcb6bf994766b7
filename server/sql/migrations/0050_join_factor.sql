-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 8d89ce8b06889a593c6e6e734dfde81299d35470ffbefd445c2d400a8bea374b

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
