-- Who joins by signing in at home shows the second factor that there is.
-- definitions: d3f017e387f81a91ab2e47fdcd99064910a1ee7eaf74b31bba061483b013cf23

DROP FUNCTION IF EXISTS jiayi.join_find(text);
DROP FUNCTION IF EXISTS jiayi.join_check(text, text);
DROP FUNCTION IF EXISTS jiayi.join_open(text, text, bytea, text, text, boolean);
