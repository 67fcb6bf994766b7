-- Who joins by signing in at home shows the second factor that there is.
-- definitions: f3ddb0c84cc93d9784fc2304501a7c8d391b42f62b1bd751b49dd7157eae08ca

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
