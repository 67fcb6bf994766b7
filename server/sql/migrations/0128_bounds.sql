-- Which countries there are the gate says, of every request; an open deal is not expected to close long ago
-- (definitions/deal.sql). What is there already stays.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS country_code(text);
-- definitions: 357e1efe3b8d6a3b58e6289c8b7f1f451bb3aa0e813216c35ad4ad9b546aaac1
