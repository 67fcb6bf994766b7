-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 74fe3d5960aac9be6cb52c97024f923d498b8fe1241ce91ff489a0d846c1d077

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
