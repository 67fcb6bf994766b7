-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 0f5ddbd9b3d2666c90928e114f5941b97841b7099cfd3ba0da3aa16fab067696

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
