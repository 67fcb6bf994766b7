-- Links: one thing refers to another.
-- definitions: d6ab43b3abf8b143d3e89a0898e231b5403999e519f733e94a770c28374c488b

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE TABLE link (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id        bigint NOT NULL,
    author_company_id bigint NOT NULL REFERENCES company,
    audience          text NOT NULL DEFAULT 'internal'
                      CONSTRAINT link_audience CHECK (audience IN ('shared', 'internal')),
    from_kind         smallint NOT NULL REFERENCES object_kind,
    from_id           bigint NOT NULL,
    from_version      int,
    to_kind           smallint NOT NULL REFERENCES object_kind,
    to_id             bigint NOT NULL,
    role              text NOT NULL CONSTRAINT link_role
                      CHECK (role IN ('about', 'basis', 'caused_by', 'follows', 'duplicate_of')),
    note              text CHECK (length(note) BETWEEN 1 AND 500),
    member_id         bigint NOT NULL REFERENCES member,
    at                timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT link_once UNIQUE (from_kind, from_id, to_kind, to_id, role, author_company_id),
    CONSTRAINT link_two CHECK ((from_kind, from_id) <> (to_kind, to_id))
);
ALTER TABLE link ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE link IS
    'One thing refers to another. Only ever added to. Seen as a comment on the first is; the other is '
    'named by number alone to whom does not see it.';
COMMENT ON COLUMN link.id IS 'The link''s number.';
COMMENT ON COLUMN link.company_id IS 'The company of the thing that refers, copied by a trigger.';
COMMENT ON COLUMN link.author_company_id IS 'The company of who made it; set by a trigger.';
COMMENT ON COLUMN link.audience IS 'internal: for the company of who made it alone; or shared.';
COMMENT ON COLUMN link.from_kind IS 'What refers: the kind of thing.';
COMMENT ON COLUMN link.from_id IS 'Its number.';
COMMENT ON COLUMN link.from_version IS 'Its version then; NULL where it has none.';
COMMENT ON COLUMN link.to_kind IS 'What it refers to: the kind of thing.';
COMMENT ON COLUMN link.to_id IS 'Its number.';
COMMENT ON COLUMN link.role IS
    'What the other is to it: about, what it is about; basis, what it stands on; caused_by; follows, '
    'what it comes after; duplicate_of.';
COMMENT ON COLUMN link.note IS 'A word on it.';
COMMENT ON COLUMN link.member_id IS 'Who made it.';
COMMENT ON COLUMN link.at IS 'When.';
-- What a thing refers to, and what refers to it, the newest first.
CREATE INDEX link_from ON link (from_kind, from_id, id DESC);
CREATE INDEX link_to ON link (to_kind, to_id, id DESC);

INSERT INTO permission (name, reads, shareable, note, noun_no) VALUES
    ('link.add', 'link.add', false, 'link things that one sees', 35);
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, 'link.add', 'company' FROM role AS r
WHERE r.company_id IS NULL AND r.name IN ('admin', 'manager', 'salesperson', 'partner', 'vendor');
