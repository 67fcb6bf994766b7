-- Checklists: what is to be done each time, copied into tasks where it is started.
-- definitions: 0

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE TABLE checklist (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id    bigint NOT NULL REFERENCES company,
    code          text NOT NULL CONSTRAINT checklist_code CHECK (code ~ '^[a-z][a-z0-9_-]{0,39}$'),
    name          text NOT NULL CONSTRAINT checklist_name CHECK (length(name) BETWEEN 1 AND 100),
    purpose       text NOT NULL
                  CONSTRAINT checklist_purpose CHECK (purpose IN ('stage', 'onboarding', 'review', 'project')),
    active        boolean NOT NULL DEFAULT true,
    version       int NOT NULL DEFAULT 1,
    items_version int NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT checklist_code_unique UNIQUE (company_id, code)
);
ALTER TABLE checklist ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE checklist IS
    'What a company does each time, point by point. Its people see it whose role has checklist.read.';
COMMENT ON COLUMN checklist.id IS 'The checklist''s number.';
COMMENT ON COLUMN checklist.company_id IS 'The company.';
COMMENT ON COLUMN checklist.code IS 'The short name that commands call it by.';
COMMENT ON COLUMN checklist.name IS 'What people call it.';
COMMENT ON COLUMN checklist.purpose IS 'What it is for: stage, onboarding, review or project.';
COMMENT ON COLUMN checklist.active IS 'Whether it can be started; what was started goes on either way.';
COMMENT ON COLUMN checklist.version IS 'Counts the changes, from 1.';
COMMENT ON COLUMN checklist.items_version IS 'The version with which its points were last given.';
COMMENT ON COLUMN checklist.created_at IS 'When it was defined.';
COMMENT ON COLUMN checklist.updated_at IS 'When it was last changed.';

CREATE TABLE checklist_item (
    checklist_id bigint NOT NULL REFERENCES checklist,
    version      int NOT NULL,
    position     int NOT NULL CONSTRAINT checklist_item_position CHECK (position > 0),
    title        text NOT NULL CONSTRAINT checklist_item_title CHECK (length(title) BETWEEN 1 AND 200),
    text         text CONSTRAINT checklist_item_text CHECK (length(text) BETWEEN 1 AND 4000),
    required     boolean NOT NULL,
    criterion    boolean NOT NULL,
    side         text NOT NULL CONSTRAINT checklist_item_side CHECK (side IN ('ours', 'vendor')),
    days         int CONSTRAINT checklist_item_days CHECK (days BETWEEN 0 AND 366),
    PRIMARY KEY (checklist_id, version, position)
);
ALTER TABLE checklist_item ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE checklist_item IS
    'A point of a checklist. Only ever added to: other points are given with another version. Seen with '
    'the checklist.';
COMMENT ON COLUMN checklist_item.checklist_id IS 'The checklist.';
COMMENT ON COLUMN checklist_item.version IS 'The checklist''s version with which it was given.';
COMMENT ON COLUMN checklist_item.position IS 'Its place, from 1.';
COMMENT ON COLUMN checklist_item.title IS 'What is to be done, in one line.';
COMMENT ON COLUMN checklist_item.text IS 'More about it, such as what is good enough.';
COMMENT ON COLUMN checklist_item.required IS 'What the checklist is started on is not done without it.';
COMMENT ON COLUMN checklist_item.criterion IS 'It has to be met, not only looked at.';
COMMENT ON COLUMN checklist_item.side IS
    'Whose people do it: ours, the company''s, or vendor, the partner''s.';
COMMENT ON COLUMN checklist_item.days IS
    'How many working days after the start it is due; NULL: on no day.';

ALTER TABLE task ADD COLUMN checklist_id bigint REFERENCES checklist,
    ADD COLUMN criterion boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT task_kind,
    ADD CONSTRAINT task_kind CHECK (kind IN ('todo', 'action', 'milestone', 'training', 'coaching',
        'resource', 'check', 'onboarding')),
    ADD CONSTRAINT task_of_checklist CHECK ((kind IN ('check', 'onboarding')) = (checklist_id IS NOT NULL));
COMMENT ON COLUMN task.kind IS
    'What kind of task it is: todo, action, milestone, training, coaching, resource; or a point of a '
    'checklist, check or onboarding.';
COMMENT ON COLUMN task.checklist_id IS 'The checklist that it is a point of; NULL: of none.';
COMMENT ON COLUMN task.criterion IS 'It has to be met, not only looked at.';
-- Points of a checklist that runs on a thing.
CREATE INDEX task_of_checklist ON task (on_kind, on_id, checklist_id) WHERE checklist_id IS NOT NULL;

INSERT INTO permission (name, reads, shareable, note, noun_no) VALUES
    ('checklist.read', 'checklist.read', false, 'list and show checklists', 18),
    ('checklist.manage', 'checklist.read', false, 'define and change checklists', 18);
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, g.permission, g.scope
FROM role AS r JOIN (VALUES
    ('admin', 'checklist.read', 'company'), ('admin', 'checklist.manage', 'company'),
    ('manager', 'checklist.read', 'company'), ('salesperson', 'checklist.read', 'company'),
    ('partner', 'checklist.read', 'company'), ('vendor', 'checklist.read', 'company'),
    ('auditor', 'checklist.read', 'company')
) AS g(role, permission, scope) ON g.role = r.name AND r.company_id IS NULL;
