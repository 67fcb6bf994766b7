-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 4db6420fde42e9a2207d7b9f22bb97aed421e4ccb4196ff26e797e559e47c136

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
