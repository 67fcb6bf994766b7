-- Stages are shown by the company's own words for them.
-- definitions: 0

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;
