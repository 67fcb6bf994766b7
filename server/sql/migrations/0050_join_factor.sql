-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 8e669600ed2cdeb7c0845be21afe2a87bc6858b00c2a860f38e6e6018fe0eba7

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
