-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 0ed17764b86d2431c7719d67d7e9f5be2c68a457bf3a5e9ab7d9c877d04a4f9c

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
