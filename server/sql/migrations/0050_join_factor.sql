-- Who joins by signing in at home shows the second factor that there is.
-- definitions: ebc89a9ec2133eb511b31cdd8dd3403945d742c49727cdfa555724a26c5c820e

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
