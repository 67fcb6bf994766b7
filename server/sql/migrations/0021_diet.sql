-- What a call asks of who calls is one row: a session has a copy of what its member's role permits.
-- definitions: b3c9ff457f3411b7681a3bbf212455a36aac879d741b130b61c7f74670ae65ee

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- What this migration fills in nobody did: it is no entry in anybody's log.
ALTER TABLE permission DISABLE TRIGGER USER;
ALTER TABLE session DISABLE TRIGGER USER;

---- Functions that go, or change their arguments or result

DROP FUNCTION IF EXISTS authorize(bytea, text, bytea, bytea, text, int, text);
DROP FUNCTION IF EXISTS look_as(text);

---- Permissions and nouns by number

ALTER TABLE permission ADD COLUMN no int, ADD COLUMN noun_no int;
COMMENT ON COLUMN permission.no IS
    'Its place in role.grants and session.grants; never given to another.';
COMMENT ON COLUMN permission.noun_no IS
    'The noun that it is about: its place in role.sights, as noun() has it.';
UPDATE permission SET no = n.no, noun_no = n.noun_no FROM (VALUES
    (1, 1, 'company.read'), (2, 1, 'company.create'), (3, 1, 'company.domain'),
    (4, 2, 'member.read'), (5, 2, 'member.manage'),
    (6, 3, 'role.read'), (7, 3, 'role.manage'),
    (8, 4, 'partner.read'), (9, 4, 'partner.manage'),
    (10, 5, 'deal.read'), (11, 5, 'deal.create'), (12, 5, 'deal.update'), (13, 5, 'deal.move'),
    (14, 5, 'deal.log'), (15, 5, 'deal.assign'), (16, 5, 'deal.reopen'),
    (17, 6, 'kpi.read'), (18, 6, 'kpi.record'), (19, 6, 'kpi.define'), (20, 6, 'kpi.target'),
    (21, 6, 'kpi.evaluate'),
    (22, 7, 'report.read'), (23, 7, 'report.submit'), (24, 7, 'report.review'),
    (25, 8, 'audit.read'), (26, 9, 'server.read')) AS n(no, noun_no, name)
WHERE permission.name = n.name;
ALTER TABLE permission ALTER COLUMN no SET NOT NULL, ALTER COLUMN noun_no SET NOT NULL,
    ADD CONSTRAINT permission_no_unique UNIQUE (no),
    ADD CONSTRAINT permission_no_check CHECK (no BETWEEN 1 AND 400),
    ADD CONSTRAINT permission_noun_check CHECK (noun_no BETWEEN 1 AND 60);

---- What roles permit, and sessions a copy of it; the definitions fill them in

ALTER TABLE role ADD COLUMN grants text NOT NULL DEFAULT '',
    ADD COLUMN sights text NOT NULL DEFAULT '';
COMMENT ON COLUMN role.grants IS
    'What role_permission has, for authorize(): two characters for each permission.no, chr(64 + '
    'bits) and chr(64 + noun_no). Kept by a trigger.';
COMMENT ON COLUMN role.sights IS
    'What is seen of each noun: chr(64 + bits of its .read) for each permission.noun_no. Kept by '
    'a trigger.';

ALTER TABLE session ADD COLUMN company_id bigint, ADD COLUMN member text,
    ADD COLUMN company text, ADD COLUMN is_operator boolean, ADD COLUMN grants text,
    ADD COLUMN sights text NOT NULL DEFAULT '';
COMMENT ON COLUMN session.company_id IS
    'The member''s company. This and what follows is a copy, so that a call looks up one row; '
    'triggers of member, role and company keep it.';
COMMENT ON COLUMN session.member IS 'The member''s address.';
COMMENT ON COLUMN session.company IS 'The company''s short name.';
COMMENT ON COLUMN session.is_operator IS 'Whether the company is the one that runs the server.';
COMMENT ON COLUMN session.grants IS
    'role.grants of the member''s role; NULL: the member was removed, and nobody is let in.';
COMMENT ON COLUMN session.sights IS 'role.sights of the member''s role.';
UPDATE session SET company_id = m.company_id, member = m.email, company = c.slug,
    is_operator = c.is_system
FROM member AS m JOIN company AS c ON c.id = m.company_id WHERE m.id = session.member_id;
ALTER TABLE session ALTER COLUMN company_id SET NOT NULL, ALTER COLUMN member SET NOT NULL,
    ALTER COLUMN company SET NOT NULL, ALTER COLUMN is_operator SET NOT NULL;
