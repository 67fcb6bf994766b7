-- Tasks: what somebody has to do, by when, with or without acceptance by somebody else; and what makes
-- one list of all that waits for somebody.
-- definitions: e4a9d565114f1ca2179b5f9db8889b4e7cea69bf17c4623fed86b1ae8ad97430

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

INSERT INTO object_kind (no, kind, commentable, attachable) VALUES (8, 'task', true, true);

CREATE TABLE task (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id  bigint NOT NULL REFERENCES company,
    kind        text NOT NULL DEFAULT 'todo'
                CONSTRAINT task_kind CHECK (kind IN ('todo', 'action', 'milestone', 'training', 'coaching',
                    'resource')),
    on_kind     smallint REFERENCES object_kind,
    on_id       bigint,
    title       text NOT NULL CONSTRAINT task_title CHECK (length(title) BETWEEN 1 AND 200),
    text        text CONSTRAINT task_text CHECK (length(text) BETWEEN 1 AND 4000),
    assignee_id bigint REFERENCES member,
    vendor_id   bigint REFERENCES company,
    side        text NOT NULL DEFAULT 'ours'
                CONSTRAINT task_side CHECK (side IN ('ours', 'vendor')),
    acceptance  boolean NOT NULL DEFAULT false,
    required    boolean NOT NULL DEFAULT false,
    due_on      date,
    due_at      timestamptz NOT NULL DEFAULT 'infinity',
    state       text NOT NULL DEFAULT 'open'
                CONSTRAINT task_state CHECK (state IN ('open', 'done', 'delivered', 'accepted', 'rejected',
                    'cancelled')),
    state_since timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_by     bigint REFERENCES member,
    done_at     timestamptz,
    first_time  boolean,
    version     int NOT NULL DEFAULT 1,
    created_by  bigint NOT NULL REFERENCES member,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT task_on CHECK ((on_kind IS NULL) = (on_id IS NULL)),
    CONSTRAINT task_vendor CHECK (side = 'ours' OR vendor_id IS NOT NULL),
    CONSTRAINT task_done CHECK ((done_by IS NULL) = (done_at IS NULL))
);
ALTER TABLE task ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE task IS
    'What somebody has to do, by when. In its company those see it who have it, who gave it, those above '
    'them and who sees what it is about; a partner''s people, while the partnership is active, where it '
    'is theirs to do or to accept.';
COMMENT ON COLUMN task.id IS 'The task''s number.';
COMMENT ON COLUMN task.company_id IS 'The company whose task it is: that of who created it.';
COMMENT ON COLUMN task.kind IS
    'What kind of task it is: todo, action, milestone, training, coaching, resource.';
COMMENT ON COLUMN task.on_kind IS 'What it is about: the kind of thing; NULL: nothing in particular.';
COMMENT ON COLUMN task.on_id IS 'Its number.';
COMMENT ON COLUMN task.title IS 'What is to be done, in one line.';
COMMENT ON COLUMN task.text IS 'More about it, such as what is good enough.';
COMMENT ON COLUMN task.assignee_id IS
    'Who has to do it, of the company of that side; NULL: nobody in person yet.';
COMMENT ON COLUMN task.vendor_id IS
    'The partner company that does it, or accepts it; NULL: none has to do with it. Set once.';
COMMENT ON COLUMN task.side IS 'Whose people do it: ours, the task''s company, or vendor.';
COMMENT ON COLUMN task.acceptance IS
    'It is delivered and then accepted or rejected: by the other side, or, where there is none, by '
    'somebody else of the company. Else it is done, and that is it.';
COMMENT ON COLUMN task.required IS 'What it is about is not done without it.';
COMMENT ON COLUMN task.due_on IS 'The day by whose end it is to be done; NULL: none.';
COMMENT ON COLUMN task.due_at IS
    'The end of that day where the company is, worked out when it is set; infinity: none.';
COMMENT ON COLUMN task.state IS 'Where it stands, as transition has it.';
COMMENT ON COLUMN task.state_since IS 'Since when.';
COMMENT ON COLUMN task.done_by IS 'Who did or last delivered it; NULL: nobody has.';
COMMENT ON COLUMN task.done_at IS 'When.';
COMMENT ON COLUMN task.first_time IS
    'It was accepted as it was first delivered; NULL: not accepted nor rejected yet.';
COMMENT ON COLUMN task.version IS 'Counts the changes, from 1.';
COMMENT ON COLUMN task.created_by IS 'Who gave it.';
COMMENT ON COLUMN task.created_at IS 'When it was created.';
COMMENT ON COLUMN task.updated_at IS 'When it was last changed.';
-- Lists by when they are due, of each state: of who has them, of who gave them to others, of the
-- company, of a partner, of a partner where nobody has them yet, of a thing.
CREATE INDEX task_of_assignee ON task (assignee_id, company_id, state, due_at, id);
CREATE INDEX task_of_creator ON task (created_by, state, due_at, id)
    WHERE assignee_id IS DISTINCT FROM created_by;
CREATE INDEX task_of_company ON task (company_id, state, due_at, id);
CREATE INDEX task_of_vendor ON task (vendor_id, state, due_at, id) WHERE vendor_id IS NOT NULL;
CREATE INDEX task_of_nobody ON task (vendor_id, company_id, state, due_at, id)
    WHERE side = 'vendor' AND assignee_id IS NULL;
CREATE INDEX task_of ON task (on_kind, on_id, state, due_at, id) WHERE on_id IS NOT NULL;

-- What was delivered is said in a comment of its own kind.
ALTER TABLE comment DROP CONSTRAINT comment_topic,
    ADD CONSTRAINT comment_topic CHECK (topic IN ('comment', 'review', 'delivery', 'market', 'competitor',
        'need', 'expectation', 'opportunity', 'lesson'));
COMMENT ON COLUMN comment.topic IS
    'comment; review, a decision; delivery, what was done on a task; or what kind of note it is: market, '
    'competitor, need, expectation, opportunity, lesson.';

INSERT INTO permission (name, reads, shareable, note, noun_no) VALUES
    ('task.read', 'task.read', true, 'list and show tasks', 13),
    ('task.create', 'task.read', false, 'create tasks', 13),
    ('task.update', 'task.read', true, 'do, deliver, accept and change tasks', 13),
    ('task.assign', 'task.read', false, 'give tasks to somebody else', 13);
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, g.permission, g.scope
FROM role AS r JOIN (VALUES
    ('admin', 'task.read', 'partners'), ('admin', 'task.create', 'partners'),
    ('admin', 'task.update', 'partners'), ('admin', 'task.assign', 'partners'),
    ('auditor', 'task.read', 'partners'),
    ('manager', 'task.read', 'team+shared'), ('manager', 'task.create', 'team'),
    ('manager', 'task.update', 'team+shared'), ('manager', 'task.assign', 'team'),
    ('salesperson', 'task.read', 'own+shared'), ('salesperson', 'task.create', 'own'),
    ('salesperson', 'task.update', 'own+shared'),
    ('partner', 'task.read', 'own+shared'), ('partner', 'task.create', 'own'),
    ('partner', 'task.update', 'own+shared'),
    ('vendor', 'task.read', 'own+shared'), ('vendor', 'task.create', 'own'),
    ('vendor', 'task.update', 'own+shared')
) AS g(role, permission, scope) ON g.role = r.name AND r.company_id IS NULL;

INSERT INTO transition (object, variant, from_state, to_state, side, permission, needs) VALUES
    ('task', '', 'open', 'done', 'assignee', 'task.update', 'none'),
    ('task', '', 'open', 'done', 'owner', 'task.update', 'none'),
    ('task', '', 'done', 'open', 'owner', 'task.update', 'reason'),
    ('task', '', 'open', 'cancelled', 'owner', 'task.update', 'reason'),
    ('task', '', 'cancelled', 'open', 'owner', 'task.update', 'reason'),
    ('task', 'acceptance', 'open', 'delivered', 'assignee', 'task.update', 'comment'),
    ('task', 'acceptance', 'rejected', 'delivered', 'assignee', 'task.update', 'comment'),
    ('task', 'acceptance', 'delivered', 'accepted', 'reviewer', 'task.update', 'none'),
    ('task', 'acceptance', 'delivered', 'rejected', 'reviewer', 'task.update', 'comment'),
    ('task', 'acceptance', 'open', 'cancelled', 'owner', 'task.update', 'reason'),
    ('task', 'acceptance', 'rejected', 'cancelled', 'owner', 'task.update', 'reason'),
    ('task', 'acceptance', 'cancelled', 'open', 'owner', 'task.update', 'reason');

---- What to-do lists walk

CREATE TABLE follow_up (
    deal_id     bigint NOT NULL,
    company_id  bigint NOT NULL,
    member_id   bigint NOT NULL,
    activity_id bigint NOT NULL,
    due_on      date NOT NULL,
    due_at      timestamptz NOT NULL,
    PRIMARY KEY (deal_id, company_id)
);
ALTER TABLE follow_up ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE follow_up IS
    'The next step of an open deal that has a day, for each side that set one: repeats what the side''s '
    'newest activity says, so that who has to take it finds it by its day. Kept by triggers; seen by '
    'that side, with the deal.';
COMMENT ON COLUMN follow_up.deal_id IS 'The deal.';
COMMENT ON COLUMN follow_up.company_id IS 'The company whose next step it is: the deal''s, or its vendor.';
COMMENT ON COLUMN follow_up.member_id IS
    'Who has to take it: the deal''s owner; on the vendor''s side who logged it.';
COMMENT ON COLUMN follow_up.activity_id IS 'The activity that says what it is.';
COMMENT ON COLUMN follow_up.due_on IS 'The day by whose end it is to be taken.';
COMMENT ON COLUMN follow_up.due_at IS 'The end of that day where the company is.';
INSERT INTO follow_up (deal_id, company_id, member_id, activity_id, due_on, due_at)
SELECT d.id, s.company_id, CASE s.company_id WHEN d.company_id THEN d.owner_id ELSE a.member_id END, a.id,
       a.due_on, (a.due_on + 1)::timestamp AT TIME ZONE 'UTC'
FROM deal AS d CROSS JOIN LATERAL (VALUES (d.company_id), (d.vendor_id)) AS s(company_id)
CROSS JOIN LATERAL (SELECT x.* FROM activity AS x
    WHERE x.deal_id = d.id AND x.author_company_id = s.company_id ORDER BY x.id DESC LIMIT 1) AS a
WHERE d.outcome = 'open' AND a.due_on IS NOT NULL;
CREATE INDEX follow_up_of ON follow_up (member_id, company_id, due_at, deal_id);

-- Reports that wait: for review, by who wrote them or from partners; or for their author.
CREATE INDEX report_waiting_by_author ON report (author_id, state, updated_at, id)
    WHERE state IN ('submitted', 'returned');
CREATE INDEX report_waiting_in_company ON report (to_company_id, company_id, updated_at, id)
    WHERE state = 'submitted';
CREATE INDEX report_waiting_from_partner ON report (to_company_id, updated_at, id)
    WHERE state = 'submitted' AND company_id <> to_company_id;
