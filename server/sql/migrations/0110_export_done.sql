-- Who asked for an export is told when it is whole.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

INSERT INTO event_kind (kind, to_manager) VALUES ('export.done', false);
-- definitions: 85c4603f5dca9a311f52c3c94ef494cfea11fa21f5c481e6388b94792bdc99d5
