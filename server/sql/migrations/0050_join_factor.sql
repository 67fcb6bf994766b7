-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 1e766dc6d3e50119d7693e88c205db5bcfef0f5f8cba350ef08af560ec690df2

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
