-- What is on a deal or a customer asks once for a call whether that is seen (definitions/deal.sql, customer.sql).
-- definitions: e4a4fe0a299da8acd0cf8ffdfd310f2edbd0eb5e53718194fc6bcdc413b7ca0f
DROP FUNCTION IF EXISTS customer_is_seen(bigint) CASCADE;
DROP PROCEDURE IF EXISTS shape(regclass, text, text, text, text, text, text, text, text, boolean, boolean, text, text, text);
DROP FUNCTION IF EXISTS comments_follow(smallint, bigint);
