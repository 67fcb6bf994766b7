-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 47a703602a2417e8b36ddffe657280cbcd99687c0a8bc53e1f3fbd9bfa78a957

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
