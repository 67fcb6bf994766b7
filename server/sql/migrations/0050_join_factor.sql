-- Who joins by signing in at home shows the second factor that there is.
-- definitions: d14bf036a141aecb27af2c8e4bf77da05082d3603e08528784137b7bc97f429a

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
