-- Duties are delivered and accepted after a contract's end as well.
SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP PROCEDURE IF EXISTS shape(regclass, text, text, text, text, text, text, text, text, boolean, boolean, text, text);
-- definitions: 8a935be6525d42951bec13cc0d7c614a762920672f1c94791ae05f27c536f5bd
