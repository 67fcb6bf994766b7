-- Who joins by signing in at home shows the second factor that there is.
-- definitions: a1da9bd5464a6ae3b68ab2055d9f282794aed0a35dd6157eba4a4083b3ac01aa

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
