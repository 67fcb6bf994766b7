-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 99cabc4233be2520650de60b5b13f6855957d5d3f9e117b25c080897d361470f

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
