-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 5065e473633c873bfadc35dfda45df3d4a57a6c03b76d07c368a51368ab51167

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
