-- Which countries there are the gate says, of every request; an open deal is not expected to close long ago
-- (definitions/deal.sql). What is there already stays.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS country_code(text);
-- definitions: 1d5f83fc188f35a9c0ffc735c23c0d5cb186e1acee10a6f24b5a9d5599912e72
