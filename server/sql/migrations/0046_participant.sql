-- Participants: who takes part in a deal or a task, and sees it whatever their scope.
-- definitions: 0

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- Functions that change their arguments

DROP FUNCTION IF EXISTS shared_seen(int, bigint, bigint, bigint) CASCADE;
DROP FUNCTION IF EXISTS shared_side(bigint, bigint) CASCADE;
DROP FUNCTION IF EXISTS task_seen(bigint, bigint, bigint, bigint, smallint, bigint) CASCADE;

CREATE TABLE participant (
    on_kind           smallint NOT NULL REFERENCES object_kind,
    on_id             bigint NOT NULL,
    member_id         bigint NOT NULL REFERENCES member,
    company_id        bigint NOT NULL,
    member_company_id bigint NOT NULL,
    function          text NOT NULL CONSTRAINT participant_function CHECK (function IN ('sales', 'technical',
                          'marketing', 'service', 'reviewer', 'helper')),
    from_version      int,
    added_by          bigint NOT NULL REFERENCES member,
    at                timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT participant_pkey PRIMARY KEY (on_kind, on_id, member_id)
);
ALTER TABLE participant ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE participant IS
    'Who takes part in a thing, and sees it, whatever the scope of their role: people of its company, and '
    'of a partner while the partnership is active. Its company sees all of them, where it sees the thing; '
    'a partner its own.';
COMMENT ON COLUMN participant.on_kind IS 'In what: the kind of thing, a deal or a task.';
COMMENT ON COLUMN participant.on_id IS 'Its number.';
COMMENT ON COLUMN participant.member_id IS 'Who.';
COMMENT ON COLUMN participant.company_id IS 'The thing''s company, copied by a trigger.';
COMMENT ON COLUMN participant.member_company_id IS 'The member''s company, copied by a trigger.';
COMMENT ON COLUMN participant.function IS
    'As what: sales, technical, marketing, service, reviewer, helper.';
COMMENT ON COLUMN participant.from_version IS
    'The thing''s version from which on the member''s company, another than the thing''s, takes part: what '
    'was done before it does not see. NULL in the thing''s company.';
COMMENT ON COLUMN participant.added_by IS 'Who added them.';
COMMENT ON COLUMN participant.at IS 'When.';
-- In what somebody takes part, the newest first.
CREATE INDEX participant_of_member ON participant (member_id, on_kind, on_id DESC);

INSERT INTO permission (name, reads, shareable, note, noun_no) VALUES
    ('participant.manage', 'participant.manage', false, 'choose who takes part in deals and tasks', 37);
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, 'participant.manage', g.scope
FROM role AS r JOIN (VALUES ('admin', 'company'), ('manager', 'team'), ('salesperson', 'own'), ('partner', 'own'),
    ('vendor', 'own')) AS g(role, scope) ON g.role = r.name AND r.company_id IS NULL;
-- Since 0043 it is a column.
UPDATE permission SET whole = true WHERE name = 'checklist.manage';
