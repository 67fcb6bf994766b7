-- Imported deals have their history, and by when something is to be done about them, written of all at once.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- It says what is often added many at a time.
DROP PROCEDURE IF EXISTS protect(regclass, text, text, text, text);
-- definitions: 33a514c067437b58938e76292a0bafca182de6b78d5a41323172f5038076f7ec
