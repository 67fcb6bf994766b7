-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 353fa1567eca709288665b2f5d7b939b36b2078dd3c8e83e2fd57cdec9e84729

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
