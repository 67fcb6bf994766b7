-- A customer that comes with a deal is of the deal's owner, whoever brought the deal in.
-- definitions: 75a5075f341d6e3af8a553ff31c7e09bfe8c53f7d3a4df96a70570a4cd4d4787

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS customer_by_name(text);
