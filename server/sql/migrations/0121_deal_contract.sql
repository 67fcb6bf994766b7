-- A deal is made under a contract with its vendor.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS deal_shown(deal);

ALTER TABLE deal ADD COLUMN contract_id bigint REFERENCES contract;
COMMENT ON COLUMN deal.contract_id IS
    'The contract with its vendor under which it is made, which was in force when that was said; NULL: nobody said.';
