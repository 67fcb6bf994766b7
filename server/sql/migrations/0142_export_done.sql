-- Who asked for an export is told when it is whole.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

INSERT INTO event_kind (kind, to_manager) VALUES ('export.done', false);
-- definitions: 76eee7003ba792fc258529e1fff8ec9e3b8fddcaf0350531816208872122ee2c
