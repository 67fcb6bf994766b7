-- Which kinds of things there are that others can refer to, and one table for what states everything
-- can come into, in place of one for partnerships alone.
-- definitions: 93f20243908bc6cd8086ab9a0011c4862d7371f66273d038ea5dcd0113c9af92

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE TABLE object_kind (
    no   smallint PRIMARY KEY CHECK (no BETWEEN 1 AND 60),
    kind text NOT NULL CONSTRAINT object_kind_unique UNIQUE
         CONSTRAINT object_kind_form CHECK (kind ~ '^[a-z_]{1,40}$')
);
ALTER TABLE object_kind ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE object_kind IS
    'The kinds of things that can be referred to as kind/number, such as deal/7. Everybody may read '
    'it.';
COMMENT ON COLUMN object_kind.no IS
    'The kind''s number, which stands in other tables (on_kind) and never changes.';
COMMENT ON COLUMN object_kind.kind IS 'The kind, such as deal.';
INSERT INTO object_kind (no, kind) VALUES
    (3, 'deal'), (4, 'activity'), (5, 'report'), (11, 'partner'), (12, 'kpi_line'), (21, 'member');

CREATE TABLE transition (
    object     text NOT NULL,
    variant    text NOT NULL DEFAULT '',
    from_state text NOT NULL,
    to_state   text NOT NULL,
    side       text NOT NULL
               CONSTRAINT transition_side CHECK (side IN ('ours', 'principal', 'vendor', 'author',
                   'reviewer', 'assignee', 'owner', 'handler', 'server')),
    permission text REFERENCES permission,
    needs      text NOT NULL DEFAULT 'none'
               CONSTRAINT transition_needs CHECK (needs IN ('none', 'reason', 'comment')),
    PRIMARY KEY (object, variant, from_state, to_state, side)
);
ALTER TABLE transition ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE transition IS
    'Who may bring what from one state into another: what is not here cannot be. Everybody may read '
    'it.';
COMMENT ON COLUMN transition.object IS 'The table.';
COMMENT ON COLUMN transition.variant IS 'The kind of thing within the table; empty where they are alike.';
COMMENT ON COLUMN transition.from_state IS 'The state before.';
COMMENT ON COLUMN transition.to_state IS 'The state after.';
COMMENT ON COLUMN transition.side IS
    'Who: principal or vendor, the company of that side; ours, the company whose thing it is; author, '
    'reviewer, assignee, owner, handler, the person who is that; server, nobody in person.';
COMMENT ON COLUMN transition.permission IS 'The permission that it takes; NULL: none in particular.';
COMMENT ON COLUMN transition.needs IS 'What has to be said with it: none, reason or comment.';
INSERT INTO transition (object, from_state, to_state, side, permission)
SELECT 'partnership', t.from_state, t.to_state, t.side, 'partner.manage'
FROM partnership_transition AS t;
INSERT INTO transition (object, from_state, to_state, side, permission, needs) VALUES
    ('invitation', 'open', 'accepted', 'vendor', 'partner.manage', 'none'),
    ('invitation', 'open', 'withdrawn', 'vendor', 'partner.manage', 'none'),
    ('invitation', 'open', 'withdrawn', 'principal', 'partner.manage', 'none'),
    ('report', 'submitted', 'returned', 'reviewer', 'report.review', 'comment'),
    ('report', 'submitted', 'accepted', 'reviewer', 'report.review', 'none'),
    ('report', 'returned', 'submitted', 'author', 'report.submit', 'none'),
    ('member', 'active', 'removed', 'ours', 'member.manage', 'none'),
    ('member', 'removed', 'active', 'ours', 'member.manage', 'none');
DROP TABLE partnership_transition CASCADE;
