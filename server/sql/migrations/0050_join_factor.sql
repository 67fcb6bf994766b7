-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 6cfe0f80448d1be6f7e66c156607029fa8419769a576d0d3f94b4907c3399921

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
