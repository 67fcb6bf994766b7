-- Who joins by signing in at home shows the second factor that there is.
-- definitions: d91d960aaec72da28c822dd329b6c1a2cc72a6cd54bd6c6407b459fdd398fdaa

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
