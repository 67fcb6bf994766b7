-- Who joins by signing in at home shows the second factor that there is.
-- definitions: e573940909c01598c2a3a946571a6623135b7f669cff034802bda8305c500436

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
