-- A company's stages are its own to define: what is to be done in them, what has to be done before a deal leaves
-- them. A lost deal has a reason by code.
-- definitions: 22f3deee87afefad060f688045f25bfd26c0dc8b2e2a4f803405e9153c5d1b3c

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- What this migration fills in nobody did: it is no entry in anybody's log.
ALTER TABLE stage DISABLE TRIGGER USER;
ALTER TABLE checklist DISABLE TRIGGER USER;
ALTER TABLE checklist_item DISABLE TRIGGER USER;

---- Functions that change their arguments

DROP FUNCTION IF EXISTS stage_known(text) CASCADE;
DROP FUNCTION IF EXISTS deal_shown(deal) CASCADE;

---- Stages

ALTER TABLE stage ADD COLUMN checklist_id bigint REFERENCES checklist,
    ADD COLUMN requires text[] CONSTRAINT stage_requires CHECK (requires <@ '{amount,vendor}'::text[]
        AND cardinality(requires) >= 1),
    ADD COLUMN min_touches int CONSTRAINT stage_min_touches CHECK (min_touches >= 1 AND min_touches <= 100),
    ADD COLUMN retired boolean NOT NULL DEFAULT false,
    ADD COLUMN starts boolean NOT NULL DEFAULT false,
    ADD COLUMN version int NOT NULL DEFAULT 1,
    ADD CONSTRAINT stage_goal CHECK (length(goal) >= 1 AND length(goal) <= 500),
    ADD CONSTRAINT stage_max_days CHECK (max_days <= 3660),
    DROP CONSTRAINT stage_company_id_position_key,
    -- Looked at when a statement ends, so that one puts all of them into another order.
    ADD CONSTRAINT stage_position UNIQUE (company_id, position) DEFERRABLE;
COMMENT ON COLUMN stage.checklist_id IS
    'What is to be done in it: started on each deal that comes in; NULL: nothing in particular.';
COMMENT ON COLUMN stage.requires IS
    'What a deal has to have before it goes on: amount, vendor; NULL: nothing.';
COMMENT ON COLUMN stage.min_touches IS
    'How many follow-ups have to be logged on a deal in it before it goes on; NULL: none.';
COMMENT ON COLUMN stage.retired IS 'No deal comes into it any more; those that are in it stay.';
COMMENT ON COLUMN stage.starts IS
    'Some points of its checklist become tasks of each deal that comes in. Repeats what the checklist says, so '
    'that a move need not ask; kept by triggers.';
COMMENT ON COLUMN stage.version IS 'Counts the changes, from 1.';

-- What was text becomes points: to be read, for nobody has said that they are required.
ALTER TABLE stage ADD COLUMN points_code text;
UPDATE stage AS s SET points_code = 'stage-' || s.position || CASE WHEN EXISTS (SELECT FROM checklist AS c
    WHERE c.company_id = s.company_id AND c.code = 'stage-' || s.position) THEN '-before' ELSE '' END
WHERE cardinality(s.tasks) >= 1 OR s.exit_criteria <> '';
INSERT INTO checklist (company_id, code, name, purpose)
SELECT s.company_id, s.points_code, s.title, 'stage' FROM stage AS s WHERE s.points_code IS NOT NULL;
UPDATE stage AS s SET checklist_id = c.id FROM checklist AS c
WHERE c.company_id = s.company_id AND c.code = s.points_code;
INSERT INTO checklist_item (checklist_id, version, position, title, text, required, criterion, side)
SELECT s.checklist_id, 1, row_number() OVER (PARTITION BY s.checklist_id ORDER BY p.criterion, p.n),
       left(p.words, 200), CASE WHEN length(p.words) > 200 THEN left(p.words, 4000) END, false, p.criterion, 'ours'
FROM stage AS s CROSS JOIN LATERAL (SELECT t.words, t.n, false AS criterion
    FROM unnest(s.tasks) WITH ORDINALITY AS t(words, n) UNION ALL SELECT s.exit_criteria, 1, true) AS p
WHERE s.points_code IS NOT NULL AND p.words <> '';
ALTER TABLE stage DROP COLUMN points_code;
ALTER TABLE stage DROP COLUMN tasks, DROP COLUMN exit_criteria;

---- Tasks that a stage brings

ALTER TABLE task ADD COLUMN stay int, ADD COLUMN dropped int,
    ADD CONSTRAINT task_stay CHECK (stay IS NULL OR checklist_id IS NOT NULL),
    ADD CONSTRAINT task_dropped CHECK (dropped IS NULL OR stay IS NOT NULL);
COMMENT ON COLUMN task.stay IS
    'The version with which its deal came into the stage whose point it is, as deal_stage.seq; NULL: no '
    'stage brought it.';
COMMENT ON COLUMN task.dropped IS
    'The version with which its deal left that stage, by which it was cancelled; NULL: it was not.';

---- Deals

ALTER TABLE deal ADD COLUMN lost_code text, ADD COLUMN lost_to text, ADD COLUMN stage_skip boolean,
    ADD COLUMN checks boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN deal.lost_code IS
    'Why it was lost: a code of the company''s list lost_reason; NULL: it is not, or was before there were codes.';
COMMENT ON COLUMN deal.lost_to IS 'To whom it was lost; NULL: it is not, or nobody knows.';
COMMENT ON COLUMN deal.stage_skip IS
    'It comes into a stage though it was to have more in the one before; given with the stage, and NULL '
    'when the move is done.';
COMMENT ON COLUMN deal.checks IS 'The stage that it is in brought tasks.';

ALTER TABLE deal_stage ADD COLUMN amount numeric, ADD COLUMN currency text, ADD COLUMN counted_on date,
    ADD COLUMN skipped text[], ADD COLUMN lost_code text, ADD COLUMN lost_to text;
COMMENT ON COLUMN deal_stage.amount IS
    'What the deal was worth then; NULL: not known, or not recorded then, as all that follows.';
COMMENT ON COLUMN deal_stage.currency IS 'The amount''s currency.';
COMMENT ON COLUMN deal_stage.counted_on IS 'The day that it was in the deal''s company.';
COMMENT ON COLUMN deal_stage.skipped IS
    'Of a move: what the stage before asked for that was skipped: tasks such as task/7, amount, vendor, '
    'touches.';
COMMENT ON COLUMN deal_stage.lost_code IS 'Of a move that lost it: why, a code of the list lost_reason.';
COMMENT ON COLUMN deal_stage.lost_to IS 'Of a move that lost it: to whom.';

---- Permissions

INSERT INTO permission (name, reads, shareable, note, noun_no, whole) VALUES
    ('stage.read', 'stage.read', false, 'list and show the stages of deals', 15, true),
    ('stage.manage', 'stage.read', false, 'define, change and retire stages', 15, true),
    ('deal.override', 'deal.read', false, 'move deals on though their stage asks for more', 5, false);
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, g.permission, g.scope
FROM role AS r JOIN (VALUES
    ('admin', 'stage.read', 'company'), ('admin', 'stage.manage', 'company'),
    ('manager', 'stage.read', 'company'), ('salesperson', 'stage.read', 'company'),
    ('partner', 'stage.read', 'company'), ('vendor', 'stage.read', 'company'),
    ('auditor', 'stage.read', 'company'),
    ('admin', 'deal.override', 'partners'), ('manager', 'deal.override', 'team')
) AS g(role, permission, scope) ON g.role = r.name AND r.company_id IS NULL;

ALTER TABLE stage ENABLE TRIGGER USER;
ALTER TABLE checklist ENABLE TRIGGER USER;
ALTER TABLE checklist_item ENABLE TRIGGER USER;
