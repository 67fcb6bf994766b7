-- Who had which role and which manager, from when to when.
-- definitions: 444001ab5b2a82ef09c9302dd3b140cd0dd5ea04bdc4a7b61877f9574b961979

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP PROCEDURE IF EXISTS only_added(regclass);

CREATE TABLE member_span (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint NOT NULL,
    member_id  bigint NOT NULL REFERENCES member,
    state      text NOT NULL,
    role       text NOT NULL,
    manager_id bigint REFERENCES member,
    from_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    to_at      timestamptz CONSTRAINT member_span_order CHECK (to_at >= from_at),
    by_id      bigint REFERENCES member
);
ALTER TABLE member_span ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE member_span IS
    'What a member was from when to when: in or out, with which role, under whom. Only ever added to, '
    'but for the end. Seen as members are.';
COMMENT ON COLUMN member_span.id IS 'Orders the spans.';
COMMENT ON COLUMN member_span.company_id IS 'The member''s company.';
COMMENT ON COLUMN member_span.member_id IS 'The member.';
COMMENT ON COLUMN member_span.state IS 'active, or removed.';
COMMENT ON COLUMN member_span.role IS 'The role''s name then.';
COMMENT ON COLUMN member_span.manager_id IS 'The manager; NULL: none.';
COMMENT ON COLUMN member_span.from_at IS 'From when on.';
COMMENT ON COLUMN member_span.to_at IS 'Until when; NULL: it is so now. Set once.';
COMMENT ON COLUMN member_span.by_id IS 'Who made it so; NULL: the server, or not known.';
-- A member's history, the newest first; one span at a time.
CREATE INDEX member_span_of ON member_span (member_id, id DESC);
CREATE UNIQUE INDEX member_span_now ON member_span (member_id) WHERE to_at IS NULL;

INSERT INTO member_span (company_id, member_id, state, role, manager_id, from_at)
SELECT m.company_id, m.id, m.state, r.name, m.manager_id, m.created_at
FROM member AS m JOIN role AS r ON r.id = m.role_id;
