-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 9ea72a4f58cbb57c910edd4187b9238da2ebf5f3ab3f054b7e0da116043fdca6

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
