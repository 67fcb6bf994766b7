-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 5f3965a861fb882b20b0f6f1b943046bbf48f5c9e17254894e74512099126973

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
