-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 1ceebbde3953b0c0bc1fd92f716c525906919d414097378083582a64393a4dba

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
