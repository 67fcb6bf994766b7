-- Contracts: what two companies share follows from one that is in force, by the clock. Accepting an invitation
-- signs a framework contract; what was shared before everything had ended does not come back by itself.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- Functions that change their arguments

DROP FUNCTION IF EXISTS shared_seen(int, bigint, bigint, bigint, smallint, bigint) CASCADE;
DROP FUNCTION IF EXISTS task_seen(bigint, bigint, bigint, bigint, smallint, bigint, bigint) CASCADE;
DROP FUNCTION IF EXISTS shared_since(smallint, bigint, bigint, int) CASCADE;
DROP FUNCTION IF EXISTS partner_invite(text) CASCADE;
DROP FUNCTION IF EXISTS partner_accept(text) CASCADE;

INSERT INTO object_kind (no, kind, commentable, attachable) VALUES (6, 'contract', false, false);

CREATE TABLE contract (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint NOT NULL REFERENCES company,
    vendor_id  bigint NOT NULL REFERENCES company,
    kind       text NOT NULL
                CONSTRAINT contract_kind CHECK (kind IN ('framework', 'sales', 'project', 'service')),
    title      text NOT NULL CONSTRAINT contract_title CHECK (length(title) BETWEEN 1 AND 200),
    state      text NOT NULL
                CONSTRAINT contract_state CHECK (state IN ('active', 'suspended', 'ended', 'superseded')),
    state_since timestamptz NOT NULL DEFAULT clock_timestamp(),
    version    int NOT NULL DEFAULT 1,
    from_at    timestamptz NOT NULL,
    to_at      timestamptz NOT NULL DEFAULT 'infinity',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT contract_two CHECK (company_id <> vendor_id),
    CONSTRAINT contract_term CHECK (from_at < to_at)
);
ALTER TABLE contract ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE contract IS
    'What a principal and a vendor agreed on. Both see it for good, on each side those whose contract.read '
    'reaches beyond what is their own; what they share follows from those that are in force.';
COMMENT ON COLUMN contract.id IS 'The contract''s number.';
COMMENT ON COLUMN contract.company_id IS 'The principal, party A.';
COMMENT ON COLUMN contract.vendor_id IS 'The vendor, party B.';
COMMENT ON COLUMN contract.kind IS
    'framework: what an invitation that was accepted agrees on; sales, project, service.';
COMMENT ON COLUMN contract.title IS 'What it is about, in one line.';
COMMENT ON COLUMN contract.state IS
    'active: signed by both, and in force from from_at to to_at; suspended, ended, superseded by another.';
COMMENT ON COLUMN contract.state_since IS 'When it came into this state.';
COMMENT ON COLUMN contract.version IS 'Which of its revisions was signed last.';
COMMENT ON COLUMN contract.from_at IS 'When it begins to be in force.';
COMMENT ON COLUMN contract.to_at IS 'When it is in force no more; infinity: it has no end.';
COMMENT ON COLUMN contract.created_at IS 'When it was made.';
COMMENT ON COLUMN contract.updated_at IS 'When it was changed last.';
-- Those of a principal and of a vendor, the newest first.
CREATE INDEX contract_of_company ON contract (company_id, id DESC);
CREATE INDEX contract_of_vendor ON contract (vendor_id, id DESC);
-- Those of a pair that count, or may come to: when one of them changes.
CREATE INDEX contract_running ON contract (company_id, vendor_id) WHERE state IN ('active', 'suspended');
CREATE UNIQUE INDEX contract_framework_once ON contract (company_id, vendor_id)
    WHERE kind = 'framework' AND state IN ('active', 'suspended');

CREATE TABLE signature (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    on_kind    smallint NOT NULL REFERENCES object_kind,
    on_id      bigint NOT NULL,
    version    int NOT NULL,
    company_id bigint NOT NULL REFERENCES company,
    member_id  bigint REFERENCES member,
    capacity   text NOT NULL
               CONSTRAINT signature_capacity CHECK (capacity IN ('principal', 'vendor', 'server')),
    sha256     bytea NOT NULL CONSTRAINT signature_sha256 CHECK (length(sha256) = 32),
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT signature_once UNIQUE (on_kind, on_id, version, company_id, capacity)
);
ALTER TABLE signature ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE signature IS
    'Who signed which text, and for whom. Only ever added to, one for each side. Seen with what was signed.';
COMMENT ON COLUMN signature.id IS 'The signature''s number.';
COMMENT ON COLUMN signature.on_kind IS 'What was signed: the kind of thing.';
COMMENT ON COLUMN signature.on_id IS 'Its number.';
COMMENT ON COLUMN signature.version IS 'Which revision of it.';
COMMENT ON COLUMN signature.company_id IS 'For which company.';
COMMENT ON COLUMN signature.member_id IS 'Who signed; NULL: the server.';
COMMENT ON COLUMN signature.capacity IS
    'As what: principal, vendor; server: carried over from before there were signatures.';
COMMENT ON COLUMN signature.sha256 IS 'The SHA-256 of the text that was signed.';
COMMENT ON COLUMN signature.at IS 'When.';

-- Names in the order of RFC 8785.
CREATE TYPE ledger_signature AS (at timestamp, author bigint, capacity text, company bigint, kind text,
    nonce uuid, partner bigint, ref text, sha256 text, side bigint, version int);
COMMENT ON TYPE ledger_signature IS
    'An entry of a signature: who signed as what for which company (side), and the SHA-256 of the text.';

---- What partners share

ALTER TABLE partnership ADD COLUMN shares tstzmultirange NOT NULL DEFAULT '{}',
    ADD COLUMN span int NOT NULL DEFAULT 0;
COMMENT ON COLUMN partnership.state IS 'active, suspended or ended. While it is not active, nothing is shared.';
COMMENT ON COLUMN partnership.shares IS
    'When the contracts of the two are in force: repeats what these say, for policies. Kept by a trigger.';
COMMENT ON COLUMN partnership.span IS
    'Counts the times that a contract was signed while there was none: what was given to the vendor in an '
    'earlier span it sees no more.';
COMMENT ON TABLE partnership IS
    'A principal works with a vendor. Both see it. What they share follows from their contracts, while it is '
    'active.';
DROP INDEX partnership_of_vendor;
CREATE INDEX partnership_of_vendor ON partnership (vendor_id, state, principal_id) INCLUDE (shares, span);

ALTER TABLE invitation ADD COLUMN terms text CONSTRAINT invitation_terms CHECK (length(terms) BETWEEN 1 AND 100000);
COMMENT ON COLUMN invitation.terms IS
    'The text of the framework contract that accepting signs, and inviting has signed; NULL: there is none, and '
    'nothing is shared before a contract is signed.';

-- What there is was given in the first span.
ALTER TABLE deal ADD COLUMN shared_span int DEFAULT 1;
ALTER TABLE deal ALTER COLUMN shared_span DROP DEFAULT;
COMMENT ON COLUMN deal.shared_span IS 'The span of the partnership in which it was given to its vendor.';
ALTER TABLE deal_pulse ADD COLUMN shared_span int DEFAULT 1;
ALTER TABLE deal_pulse ALTER COLUMN shared_span DROP DEFAULT;
COMMENT ON COLUMN deal_pulse.shared_span IS 'The deal''s: of the vendor''s side it is seen with the deal.';
ALTER TABLE task ADD COLUMN shared_span int DEFAULT 1, ADD COLUMN shared_version int DEFAULT 1;
ALTER TABLE task ALTER COLUMN shared_span DROP DEFAULT;
COMMENT ON COLUMN task.shared_span IS 'The span of the partnership in which it was given to its vendor.';
COMMENT ON COLUMN task.shared_version IS 'The version from which on its vendor sees what is done on it.';
ALTER TABLE kpi_line ADD COLUMN shared_span int DEFAULT 1,
    ADD COLUMN shared_at timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE kpi_line ALTER COLUMN shared_span DROP DEFAULT,
    ALTER COLUMN shared_at SET DEFAULT clock_timestamp();
COMMENT ON COLUMN kpi_line.shared_span IS 'The span of the partnership in which it was given to its vendor.';
COMMENT ON COLUMN kpi_line.shared_at IS
    'Since when its vendor sees how it is evaluated: it was given to it then.';
ALTER TABLE participant DISABLE TRIGGER USER;
ALTER TABLE participant ADD COLUMN span int;
UPDATE participant SET span = 1 WHERE member_company_id <> company_id;
ALTER TABLE participant ENABLE TRIGGER USER;
COMMENT ON COLUMN participant.span IS
    'Of a partner''s people: the span of the partnership in which they came to take part. NULL: of the own '
    'company''s.';

ALTER TYPE partner_view ADD ATTRIBUTE shares boolean;

---- What becomes of what is there

ALTER TABLE partnership DISABLE TRIGGER USER;
UPDATE partnership SET span = 1;
INSERT INTO contract (company_id, vendor_id, kind, title, state, state_since, from_at)
SELECT p.principal_id, p.vendor_id, 'framework', a.slug || ' - ' || b.slug, 'active', p.updated_at, p.updated_at
FROM partnership AS p JOIN company AS a ON a.id = p.principal_id JOIN company AS b ON b.id = p.vendor_id
WHERE p.state IN ('active', 'suspended') ORDER BY p.id;
UPDATE partnership AS p SET shares = tstzmultirange(tstzrange(c.from_at, c.to_at))
FROM contract AS c WHERE c.company_id = p.principal_id AND c.vendor_id = p.vendor_id;
ALTER TABLE partnership ENABLE TRIGGER USER;
-- The text says that there was none.
ALTER TABLE revision DISABLE TRIGGER USER;
ALTER TABLE revision ALTER COLUMN member_id DROP NOT NULL;
COMMENT ON COLUMN revision.member_id IS 'Who submitted it; NULL: the server.';
INSERT INTO revision (on_kind, on_id, version, title, body, sha256, submitted_at, company_id)
SELECT 6, c.id, 1, c.title, t.body, sha256(convert_to(t.body, 'UTF8')), now(), c.company_id
FROM contract AS c CROSS JOIN LATERAL (SELECT 'Carried over on '
    || to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD') || ': the partnership was '
    || (SELECT p.state FROM partnership AS p WHERE p.principal_id = c.company_id AND p.vendor_id = c.vendor_id)
    || ' since ' || to_char(c.from_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') || ', without a text that both signed.'
    || E'\n' AS body) AS t;
ALTER TABLE revision ENABLE TRIGGER USER;
INSERT INTO signature (on_kind, on_id, version, company_id, capacity, sha256)
SELECT 6, c.id, 1, c.company_id, 'server', v.sha256
FROM contract AS c JOIN revision AS v ON v.on_kind = 6 AND v.on_id = c.id;

-- Accepting has always meant to share.
ALTER TABLE invitation DISABLE TRIGGER USER;
UPDATE invitation SET terms = 'Party A may give deals, tasks and targets to party B, whose people see what is '
    'given to it and what is done on it from then on. Invited on '
    || to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') || ', without a text of its own.' || E'\n'
WHERE state = 'open';
ALTER TABLE invitation ENABLE TRIGGER USER;

---- Who may

INSERT INTO permission (name, reads, shareable, note, noun_no) VALUES
    ('contract.read', 'contract.read', false, 'see contracts', 11),
    ('contract.sign', 'contract.read', false, 'sign contracts for the company', 11);
UPDATE permission SET whole = true WHERE name = 'contract.sign';
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, g.permission, g.scope
FROM role AS r JOIN (VALUES
    ('admin', 'contract.read', 'company'), ('admin', 'contract.sign', 'company'),
    ('manager', 'contract.read', 'team'), ('auditor', 'contract.read', 'company'),
    ('salesperson', 'contract.read', 'own'), ('partner', 'contract.read', 'own'),
    ('vendor', 'contract.read', 'own')
) AS g(role, permission, scope) ON g.role = r.name AND r.company_id IS NULL;

INSERT INTO transition (object, variant, from_state, to_state, side, permission, needs) VALUES
    ('contract', 'framework', 'active', 'ended', 'principal', 'partner.manage', 'none'),
    ('contract', 'framework', 'active', 'ended', 'vendor', 'partner.manage', 'none'),
    ('contract', 'framework', 'active', 'superseded', 'server', NULL, 'none');
