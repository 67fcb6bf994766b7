-- Who joins by signing in at home shows the second factor that there is.
-- definitions: d6ff837bc13c70c21c83b78ab47fead3d914af989981a25f20f471535c574a93

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
