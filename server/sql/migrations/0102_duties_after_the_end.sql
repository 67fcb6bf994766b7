-- Duties are delivered and accepted after a contract's end as well.
SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP PROCEDURE IF EXISTS shape(regclass, text, text, text, text, text, text, text, text, boolean, boolean, text, text);
-- definitions: 76b09af7623cdccbf37cfe19bf63734c11e0cdf5160f7d878c12119fa7b64362
