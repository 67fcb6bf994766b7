-- Who joins by signing in at home shows the second factor that there is.
-- definitions: cd0fbb0afa6cd4851af834118ddffe8473f1ef22b6b14f69408a8bd5b8f0cef6

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
