-- What counted of a won or lost deal stays, and its history says what was changed and taken back.
-- definitions: 01dd76db95e5dba6b7f606ec952c40e0fa67ff7f960f45d52b3bd80e326c1335

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

ALTER TABLE deal ADD COLUMN change_reason text CHECK (length(change_reason) BETWEEN 1 AND 500);
COMMENT ON COLUMN deal.change_reason IS
    'Why it is changed, on the way to its history: a trigger takes it out again.';
ALTER TABLE deal_stage
    ADD COLUMN kind text NOT NULL DEFAULT 'move' CHECK (kind IN ('move', 'undo', 'change')),
    ADD COLUMN changed jsonb;
COMMENT ON COLUMN deal_stage.kind IS
    'move: it came into the stage; undo: by taking back the move before; change: it was changed in '
    'it.';
COMMENT ON COLUMN deal_stage.changed IS
    'Of a change: what each thing was before and is now, in names.';
