-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 4d4ccd5b850a3e637b9a41a9ecbca117ff51e4e4673299250c0174f92d74095b

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
