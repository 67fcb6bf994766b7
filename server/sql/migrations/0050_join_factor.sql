-- Who joins by signing in at home shows the second factor that there is.
-- definitions: e0cc8e829dcda312e7c65f0ec305373dd716a1aaea0508619fabc162dace2ec3

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
