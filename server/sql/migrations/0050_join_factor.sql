-- Who joins by signing in at home shows the second factor that there is.
-- definitions: d764f10bdae3b3eae8d7b8c72faec47bb4eef551f012a451b5e5958f87ea0162

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
