-- Lists of deals look names up as rows pass through: what looked up a page's at once goes.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- Functions that go

DROP FUNCTION IF EXISTS customer_names(bigint[]);
