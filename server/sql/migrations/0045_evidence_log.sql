-- A move's row in the history of a deal is its entry in the log of changes: what was written twice, and
-- of the deal as a third, is written once.
-- definitions: 6c6a6d636277c012598f79245a01dec197efdb9227a60008327a43fc5272740f

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- Functions that go

DROP FUNCTION IF EXISTS deal_history() CASCADE;

---- Evidence that is its own entry

ALTER TABLE deal_stage ADD COLUMN log_id bigint, ADD COLUMN member text, ADD COLUMN method text,
    ADD COLUMN request_id text, ADD COLUMN from_stage text, ADD COLUMN outcome text,
    ADD COLUMN from_outcome text, ADD COLUMN closed_at timestamptz, ADD COLUMN from_closed_at timestamptz;
-- Rows that are there have none: audit_log has their entries. Defaults cost no trigger, and nobody who adds
-- rows sets them.
ALTER TABLE deal_stage ALTER COLUMN log_id SET DEFAULT nextval('audit_log_id_seq'),
    ALTER COLUMN member SET DEFAULT nullif(split_part(current_setting('jiayi.call', true), ' ', 4), ''),
    ALTER COLUMN method SET DEFAULT nullif(current_setting('jiayi.method', true), ''),
    ALTER COLUMN request_id SET DEFAULT nullif(current_setting('jiayi.request_id', true), '');
COMMENT ON COLUMN deal_stage.log_id IS
    'Its number in the log of changes, from the sequence of audit_log; NULL: audit_log has the entry, '
    'from before rows were entries themselves.';
COMMENT ON COLUMN deal_stage.member IS 'The address of who did it, as it was then; NULL: the server.';
COMMENT ON COLUMN deal_stage.method IS 'The method of the call.';
COMMENT ON COLUMN deal_stage.request_id IS 'The call''s request_id, in hexadecimal.';
COMMENT ON COLUMN deal_stage.from_stage IS 'Of a move: the stage before.';
COMMENT ON COLUMN deal_stage.outcome IS 'The outcome of the deal from then on: open, won or lost.';
COMMENT ON COLUMN deal_stage.from_outcome IS 'Of a move: the outcome before.';
COMMENT ON COLUMN deal_stage.closed_at IS 'When the deal counts as closed from then on; NULL: it is open.';
COMMENT ON COLUMN deal_stage.from_closed_at IS 'Of a move: what that was before.';
-- The log of a company, and what a member did in it, the newest first.
CREATE INDEX deal_stage_log ON deal_stage (company_id, log_id DESC);
CREATE INDEX deal_stage_log_member ON deal_stage (company_id, member, log_id DESC);

---- What every move paid for

-- The guard looks the stage up, and what would take a stage away looks for deals: a key would look it up
-- once more and lock its row, which all moves of a company into one stage share.
ALTER TABLE deal DROP CONSTRAINT deal_stage;
-- Its data is made by triggers, of what has limits itself.
ALTER TABLE event DROP CONSTRAINT event_data_check;
