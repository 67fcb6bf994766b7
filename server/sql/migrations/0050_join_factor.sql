-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 59e11b9cc7207d509b80e42cf9035667b3595aebd31dc5b469cb86c52661c4e4

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
