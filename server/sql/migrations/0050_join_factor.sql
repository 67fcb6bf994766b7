-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 245db1156b9a0d40220839a82964cf026ca7efdf3d14bf7433f0829e98a17ba6

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
