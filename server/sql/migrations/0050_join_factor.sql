-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 6beb48abbbfe36ca3e2d5b98eb321cd01bb9680411e9eb15a5c637a4613613b4

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
