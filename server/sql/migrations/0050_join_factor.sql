-- Who joins by signing in at home shows the second factor that there is.
-- definitions: 394a4e481a33b4113c1223104b5dad091430889d3dcbdf86527bc5cecf267351

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
