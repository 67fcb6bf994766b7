-- What a vendor sees of a deal: what was said while the deal was shared with it, its own for good, and
-- nothing that the other side kept for itself.
-- definitions: 0c21634e4aa7bad80b008544bb69751e22b11b64a70a73422ec37f2d5af796b8

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- The span of sharing: versions of the deal, which come one after another whatever clocks say.

ALTER TABLE deal ADD COLUMN shared_version int;
COMMENT ON COLUMN deal.shared_version IS
    'The version from which on it is shared with its vendor; NULL: with none. What was said at an '
    'earlier one was said before.';
ALTER TABLE deal DISABLE TRIGGER USER;
UPDATE deal AS d SET shared_version = coalesce((
    SELECT (l.after ->> 'version')::int FROM audit_log AS l
    WHERE l.company_id = d.company_id AND l.object = 'deal' AND l.object_id = d.id::text
      AND l.action = 'update' AND l.after ? 'vendor_id'
    ORDER BY l.id DESC LIMIT 1), 1)
WHERE d.vendor_id IS NOT NULL;
-- The reason of a loss is that of the version in which it was lost, and of no earlier loss.
ALTER TABLE deal ADD COLUMN closed_version int;
COMMENT ON COLUMN deal.closed_version IS
    'The version in which it was won or lost; NULL while it is open.';
UPDATE deal AS d SET closed_version = (SELECT max(s.seq) FROM deal_stage AS s
    WHERE s.deal_id = d.id)
WHERE d.closed_at IS NOT NULL;
ALTER TABLE deal ENABLE TRIGGER USER;
ALTER TABLE deal ADD CONSTRAINT deal_shared_vendor
    CHECK (vendor_id IS NOT NULL OR shared_version IS NULL);

---- Why a deal came into a stage: with the stage, or for one side alone; never in the deal itself, whose
---- row whoever it is shared with sees whole.

ALTER TABLE deal DROP COLUMN stage_reason;
ALTER TABLE deal ADD COLUMN stage_reason text
        CONSTRAINT deal_stage_reason_kept CHECK (stage_reason IS NULL),
    ADD COLUMN stage_audience text
        CONSTRAINT deal_stage_audience_kept CHECK (stage_audience IS NULL);
COMMENT ON COLUMN deal.stage_reason IS
    'Why it comes into a stage, given with the stage; kept with that in deal_stage or deal_reason, '
    'never here.';
COMMENT ON COLUMN deal.stage_audience IS
    'internal: the reason is for the company of who gives it; likewise never kept here.';

ALTER TABLE deal_stage ADD COLUMN author_company_id bigint REFERENCES company;
ALTER TABLE deal_stage DISABLE TRIGGER USER;
UPDATE deal_stage AS s SET author_company_id = coalesce(
    (SELECT m.company_id FROM member AS m WHERE m.id = s.member_id), s.company_id);
ALTER TABLE deal_stage ENABLE TRIGGER USER;
COMMENT ON TABLE deal_stage IS
    'Every stage that a deal came into. Only ever added to, by a trigger. In the deal''s company who '
    'sees the deal sees it; its vendor sees what came since it is shared with it, and what its own '
    'people did for good.';
COMMENT ON COLUMN deal_stage.author_company_id IS
    'The company of who moved it, the deal''s where the server did; set by a trigger.';
COMMENT ON COLUMN deal_stage.reason IS
    'Why, for all who see the row; NULL: none was given, or it is in deal_reason.';

CREATE TABLE deal_reason (
    deal_id           bigint NOT NULL,
    seq               int NOT NULL,
    company_id        bigint NOT NULL,
    author_company_id bigint NOT NULL REFERENCES company,
    audience          text NOT NULL DEFAULT 'internal' CHECK (audience = 'internal'),
    at                timestamptz NOT NULL DEFAULT now(),
    text              text NOT NULL CHECK (length(text) <= 500),
    PRIMARY KEY (deal_id, seq),
    FOREIGN KEY (deal_id, seq) REFERENCES deal_stage
);
ALTER TABLE deal_reason ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE deal_reason IS
    'Why a deal came into a stage, where that is for one side alone. Only ever added to, by a '
    'trigger. Seen by the company of who gave it: as the deal is, or for good where the deal is '
    'another company''s.';
COMMENT ON COLUMN deal_reason.deal_id IS 'The deal.';
COMMENT ON COLUMN deal_reason.seq IS 'The deal''s version when it came into the stage.';
COMMENT ON COLUMN deal_reason.company_id IS 'The deal''s company, copied.';
COMMENT ON COLUMN deal_reason.author_company_id IS 'The company of who gave it.';
COMMENT ON COLUMN deal_reason.audience IS 'internal: that company alone.';
COMMENT ON COLUMN deal_reason.at IS 'When.';
COMMENT ON COLUMN deal_reason.text IS 'The reason.';

---- Follow-ups

ALTER TABLE activity ADD COLUMN author_company_id bigint REFERENCES company,
    ADD COLUMN audience text NOT NULL DEFAULT 'shared'
        CONSTRAINT activity_audience CHECK (audience IN ('shared', 'internal')),
    ADD COLUMN deal_version int;
ALTER TABLE activity DISABLE TRIGGER USER;
UPDATE activity AS a SET author_company_id = m.company_id, deal_version = coalesce((
    SELECT max((l.after ->> 'version')::int) FROM audit_log AS l
    WHERE l.company_id = a.company_id AND l.object = 'deal' AND l.object_id = a.deal_id::text
      AND l.at <= a.at), 1)
FROM member AS m WHERE m.id = a.member_id;
ALTER TABLE activity ENABLE TRIGGER USER;
COMMENT ON TABLE activity IS
    'A follow-up on a deal. Only ever added to. In the deal''s company who sees the deal sees it; its '
    'vendor sees what was logged since it is shared with it, and its own people''s for good. What is '
    'internal only the company of who logged it sees.';
COMMENT ON COLUMN activity.author_company_id IS 'The company of who logged it; set by a trigger.';
COMMENT ON COLUMN activity.audience IS 'shared, or internal: for the company of who logged it alone.';
COMMENT ON COLUMN activity.deal_version IS
    'The deal''s version that who logged it saw, set by a trigger: by that it is in a span of '
    'sharing or is not.';

---- What is asked for must not read what others have: their number would tell in the time it takes.

-- A vendor's list of an owner's deals, in a stage: those that are shared with it, and no others.
CREATE INDEX deal_of_vendor_owner ON deal (vendor_id, owner_id, id DESC NULLS LAST)
    WHERE vendor_id IS NOT NULL;
CREATE INDEX deal_of_vendor_owner_in_stage ON deal (vendor_id, owner_id, stage, id DESC NULLS LAST)
    WHERE vendor_id IS NOT NULL;
-- The log of changes by who made them.
CREATE INDEX audit_log_member ON audit_log (company_id, member, id DESC);
