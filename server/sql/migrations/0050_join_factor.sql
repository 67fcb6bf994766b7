-- Who joins by signing in at home shows the second factor that there is.
-- definitions: a443c241efdbe8dbc133fa372e84fbc0161ba3c326e8ee4a23f3547d20fc720e

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
