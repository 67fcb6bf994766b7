-- Playbooks: what to do and say at which stage with which kind of customer, and what won and lost deals teach.
-- definitions: 0

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- What this migration fills in nobody did: it is no entry in anybody's log.
ALTER TABLE object_kind DISABLE TRIGGER USER;
ALTER TABLE revision DISABLE TRIGGER USER;
ALTER TABLE choice_list DISABLE TRIGGER USER;
ALTER TABLE choice DISABLE TRIGGER USER;
ALTER TABLE stage DISABLE TRIGGER USER;

---- Functions that change their result

DROP FUNCTION IF EXISTS activity_shown(activity) CASCADE;

INSERT INTO object_kind (no, kind, commentable, attachable) VALUES (19, 'playbook', true, true);

CREATE TABLE playbook (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id     bigint NOT NULL REFERENCES company,
    code           text NOT NULL CONSTRAINT playbook_code CHECK (code ~ '^[a-z][a-z0-9_-]{0,39}$'),
    kind           text NOT NULL CONSTRAINT playbook_kind
                   CHECK (kind IN ('play', 'script', 'template', 'objection', 'question_map', 'lesson')),
    title          text NOT NULL CONSTRAINT playbook_title CHECK (length(title) >= 1 AND length(title) <= 200),
    customer_type  text,
    stage          text,
    signs          text[] CONSTRAINT playbook_signs CHECK (cardinality(signs) <= 20),
    outcome        text CONSTRAINT playbook_outcome CHECK (outcome IN ('won', 'lost')),
    deal_id        bigint REFERENCES deal,
    shared_version int,
    active         boolean NOT NULL DEFAULT true,
    version        int NOT NULL DEFAULT 1,
    text_version   int NOT NULL DEFAULT 1,
    author_id      bigint REFERENCES member,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT playbook_code_unique UNIQUE (company_id, code),
    CONSTRAINT playbook_lesson CHECK ((kind = 'lesson') = (deal_id IS NOT NULL)),
    CONSTRAINT playbook_lesson_outcome CHECK ((kind = 'lesson') = (outcome IS NOT NULL)),
    CONSTRAINT playbook_stage FOREIGN KEY (company_id, stage) REFERENCES stage
);
ALTER TABLE playbook ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE playbook IS
    'What a company knows about selling: plays, scripts, templates, answers to objections, question maps, and '
    'lessons of deals that were won or lost. Its people see it whose role has playbook.read; those of vendors with '
    'which it shares, what it shares with partners. The texts are revisions.';
COMMENT ON COLUMN playbook.id IS 'The number of the play.';
COMMENT ON COLUMN playbook.company_id IS 'The company.';
COMMENT ON COLUMN playbook.code IS 'What commands call it.';
COMMENT ON COLUMN playbook.kind IS
    'play, script (what to say), template (what to send), objection (how to answer one), question_map (what to '
    'ask), or lesson (what a deal taught).';
COMMENT ON COLUMN playbook.title IS 'What people call it.';
COMMENT ON COLUMN playbook.customer_type IS
    'For which customers: a code of the company''s list customer_type; NULL: for any.';
COMMENT ON COLUMN playbook.stage IS 'For which stage; NULL: for any.';
COMMENT ON COLUMN playbook.signs IS 'By what one knows that it fits, such as what customers say; NULL: nothing said.';
COMMENT ON COLUMN playbook.outcome IS 'Of a lesson: won or lost.';
COMMENT ON COLUMN playbook.deal_id IS 'Of a lesson: the deal that taught it.';
COMMENT ON COLUMN playbook.shared_version IS
    'The version from which it is shared with partners; NULL: it is not.';
COMMENT ON COLUMN playbook.active IS 'Whether it is in use.';
COMMENT ON COLUMN playbook.version IS 'Counts the changes, from 1.';
COMMENT ON COLUMN playbook.text_version IS 'The version with which its text was last given: that revision.';
COMMENT ON COLUMN playbook.author_id IS 'Who wrote it first; NULL: it was the script of a stage before.';
COMMENT ON COLUMN playbook.created_at IS 'When it was first written.';
COMMENT ON COLUMN playbook.updated_at IS 'When it was last changed.';
-- What there is for a stage; the lesson of a deal.
CREATE INDEX playbook_of_stage ON playbook (company_id, stage, code) WHERE active;
CREATE UNIQUE INDEX playbook_of_deal ON playbook (deal_id) WHERE deal_id IS NOT NULL;

ALTER TABLE activity ADD COLUMN playbook_id bigint REFERENCES playbook;
COMMENT ON COLUMN activity.playbook_id IS 'The play that was used; NULL: none, or nobody said.';
CREATE INDEX activity_of_play ON activity (playbook_id, id DESC) WHERE playbook_id IS NOT NULL;

---- What was the script of a stage

-- Who wrote a script is not known: it counts as the first member's, who is the company's first admin.
INSERT INTO playbook (company_id, code, kind, title, stage)
SELECT s.company_id, 'script-' || s.position, 'script', s.title, s.name FROM stage AS s
WHERE s.script <> '' AND EXISTS (SELECT FROM member AS m WHERE m.company_id = s.company_id);
INSERT INTO revision (on_kind, on_id, version, company_id, title, body, sha256, member_id, submitted_at)
SELECT 19, p.id, 1, p.company_id, p.title, left(s.script, 100000),
       sha256(convert_to(left(s.script, 100000), 'UTF8')),
       (SELECT min(m.id) FROM member AS m WHERE m.company_id = p.company_id), p.created_at
FROM playbook AS p JOIN stage AS s ON s.company_id = p.company_id AND s.name = p.stage;
ALTER TABLE stage DROP COLUMN script;

---- Customers by how they buy

INSERT INTO choice_list (company_id, list, single, closed, title)
SELECT p.company_id, 'customer_type', true, true,
       CASE p.language WHEN 'zh' THEN '客户类型' WHEN 'sq' THEN 'Lloji i klientit' ELSE 'Type of customer' END
FROM company_profile AS p JOIN company AS c ON c.id = p.company_id AND NOT c.is_system
ON CONFLICT DO NOTHING;
INSERT INTO choice (company_id, list, code, position, label)
SELECT p.company_id, 'customer_type', v.code, v.position,
       CASE p.language WHEN 'zh' THEN v.zh WHEN 'sq' THEN v.sq ELSE v.en END
FROM company_profile AS p JOIN company AS c ON c.id = p.company_id AND NOT c.is_system, (VALUES
        ('budget_no_authority', 1, '有预算没决策权', 'Budget without authority', 'Buxhet pa vendimmarrje'),
        ('hesitant', 2, '有意愿但犹豫', 'Willing but hesitant', 'Ka dëshirë, por heziton'),
        ('price_comparer', 3, '反复比价', 'Compares prices', 'Krahason çmimet'),
        ('busy', 4, '有需求但太忙', 'Busy with a need', 'Ka nevojë, por s''ka kohë'),
        ('other', 5, '其他', 'Other', 'Tjetër')
    ) AS v(code, position, zh, en, sq)
ON CONFLICT DO NOTHING;

INSERT INTO permission (name, reads, shareable, note, noun_no, whole) VALUES
    ('playbook.read', 'playbook.read', false, 'list and show plays and lessons', 26, true),
    ('playbook.manage', 'playbook.read', false, 'write and retire plays and lessons', 26, false);
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, g.permission, g.scope
FROM role AS r JOIN (VALUES
    ('admin', 'playbook.read', 'company'), ('admin', 'playbook.manage', 'company'),
    ('manager', 'playbook.read', 'company'), ('manager', 'playbook.manage', 'team'),
    ('salesperson', 'playbook.read', 'company'), ('partner', 'playbook.read', 'company'),
    ('vendor', 'playbook.read', 'company'), ('auditor', 'playbook.read', 'company')
) AS g(role, permission, scope) ON g.role = r.name AND r.company_id IS NULL;

ALTER TABLE object_kind ENABLE TRIGGER USER;
ALTER TABLE revision ENABLE TRIGGER USER;
ALTER TABLE choice_list ENABLE TRIGGER USER;
ALTER TABLE choice ENABLE TRIGGER USER;
ALTER TABLE stage ENABLE TRIGGER USER;
