-- Who joins by signing in at home shows the second factor that there is.
-- definitions: fc26ba6759052d17c0f3733a7d549d6990aa18670db84e298b4a9b6e58de5313

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
