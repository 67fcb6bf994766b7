-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 2d0e5aab7eadf04070e225dedfd3e0dcac7581ec97d8b4cce8f7dddfe0a6546d

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
