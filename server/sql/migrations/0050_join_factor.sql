-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 6d05fb0ad207a3a2108062fe14654bb12a3cea055715a8f18f4884a14d7a00f4

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
