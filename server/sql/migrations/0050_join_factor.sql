-- Who joins by signing in at home shows the second factor that there is.
-- definitions: c9dbb44b62db59b6d2b0e628a0e575c857ed81808275d820685ed7d95e6238ef

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
