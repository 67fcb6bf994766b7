-- Imported deals have their history, and by when something is to be done about them, written of all at once.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- It says what is often added many at a time.
DROP PROCEDURE IF EXISTS protect(regclass, text, text, text, text);
-- definitions: 5b186d61cda3caaca5ae393475ee9e3a8f8676d2b70f7bb5dd9ea55afec366a3
