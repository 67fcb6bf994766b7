-- Who asked for an export is told when it is whole.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

INSERT INTO event_kind (kind, to_manager) VALUES ('export.done', false);
-- definitions: a48baa18ebb9151ecef54abbf257abc361fb4b07f2d97cec9108ba33a089cb33
