-- It is said until when sharing pauses, where it does.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS contract_show(bigint, int);
DROP FUNCTION IF EXISTS no_contract(text);
-- definitions: c9fc603dec9f8449755604b8192339ea60314fee3c14bfb48814ce39f135bef8
