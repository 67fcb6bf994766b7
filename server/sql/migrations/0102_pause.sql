-- It is said until when sharing pauses, where it does.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS contract_show(bigint, int);
DROP FUNCTION IF EXISTS no_contract(text);
-- definitions: 2fdba74700b115dd78108a5a16e14f04b0fe242c09bc17195134fa329ba452a4
