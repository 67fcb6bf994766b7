-- Contracts are drafted, reviewed, proposed and signed: each text that was proposed is a version that stays readable.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS contract_shown(contract) CASCADE;

---- Contracts

ALTER TABLE contract DISABLE TRIGGER USER;
ALTER TABLE contract ALTER COLUMN from_at DROP NOT NULL,
    ADD COLUMN author_company_id bigint REFERENCES company,
    ADD COLUMN audience text NOT NULL DEFAULT 'shared'
        CONSTRAINT contract_audience CHECK (audience IN ('shared', 'internal')),
    ADD COLUMN latest int NOT NULL DEFAULT 1,
    ADD COLUMN no text CONSTRAINT contract_no CHECK (length(no) BETWEEN 1 AND 40),
    ADD COLUMN owner_id bigint REFERENCES member,
    ADD COLUMN vendor_owner_id bigint REFERENCES member,
    ADD COLUMN reason text CONSTRAINT contract_reason CHECK (length(reason) BETWEEN 1 AND 500),
    ADD COLUMN reminded int,
    DROP CONSTRAINT contract_state,
    ADD CONSTRAINT contract_state CHECK (state IN ('draft', 'proposed', 'active', 'refused', 'withdrawn', 'suspended',
        'ended', 'expired', 'superseded')),
    ADD CONSTRAINT contract_begins CHECK (from_at IS NOT NULL OR state IN ('draft', 'proposed', 'refused', 'withdrawn'));
UPDATE contract SET author_company_id = company_id;
ALTER TABLE contract ENABLE TRIGGER USER;
COMMENT ON COLUMN contract.state IS
    'draft, proposed, refused, withdrawn: that of its latest version, before any was signed by both; active: '
    'signed by both, and in force from from_at to to_at; suspended, ended, expired, superseded by another.';
COMMENT ON COLUMN contract.version IS 'Which of its versions was signed by both last; 0: none.';
COMMENT ON COLUMN contract.from_at IS 'When it begins to be in force; NULL: nothing was signed by both.';
COMMENT ON COLUMN contract.author_company_id IS 'The company that drafted it; NULL: a framework''s.';
COMMENT ON COLUMN contract.audience IS 'internal: only the company that drafted it sees it, until it proposes it.';
COMMENT ON COLUMN contract.latest IS 'Its latest version, of whatever state.';
COMMENT ON COLUMN contract.no IS 'The number that the two know it by, if any.';
COMMENT ON COLUMN contract.owner_id IS 'Who of the principal is responsible for it; NULL: nobody in person.';
COMMENT ON COLUMN contract.vendor_owner_id IS 'Who of the vendor is responsible for it; NULL: nobody in person.';
COMMENT ON COLUMN contract.reason IS 'Why it was suspended or ended.';
COMMENT ON COLUMN contract.reminded IS 'How many days before its end the two were last reminded of it; NULL: not yet.';
CREATE UNIQUE INDEX contract_no_unique ON contract (company_id, vendor_id, no);
-- Those of a responsible member; those of nobody in person; those whose end is to come.
CREATE INDEX contract_of_owner ON contract (owner_id, id DESC) WHERE owner_id IS NOT NULL;
CREATE INDEX contract_of_vendor_owner ON contract (vendor_owner_id, id DESC) WHERE vendor_owner_id IS NOT NULL;
CREATE INDEX contract_of_company_nobody ON contract (company_id, id DESC) WHERE owner_id IS NULL;
CREATE INDEX contract_of_vendor_nobody ON contract (vendor_id, id DESC) WHERE vendor_owner_id IS NULL;
CREATE INDEX contract_ending ON contract (to_at) WHERE state IN ('active', 'suspended') AND to_at < 'infinity';

---- Versions

CREATE TABLE contract_version (
    contract_id bigint NOT NULL REFERENCES contract,
    version    int NOT NULL,
    company_id bigint NOT NULL REFERENCES company,
    vendor_id  bigint NOT NULL REFERENCES company,
    author_company_id bigint NOT NULL REFERENCES company,
    audience   text NOT NULL DEFAULT 'shared'
               CONSTRAINT contract_version_audience CHECK (audience IN ('shared', 'internal')),
    member_id  bigint REFERENCES member,
    state      text NOT NULL CONSTRAINT contract_version_state
               CHECK (state IN ('draft', 'proposed', 'executed', 'refused', 'withdrawn')),
    state_since timestamptz NOT NULL DEFAULT clock_timestamp(),
    title      text NOT NULL CONSTRAINT contract_version_title CHECK (length(title) BETWEEN 1 AND 200),
    language   text NOT NULL DEFAULT 'en'
               CONSTRAINT contract_version_language CHECK (language IN ('zh', 'en', 'sq')),
    valid_from date,
    valid_to   date,
    prose      text NOT NULL CONSTRAINT contract_version_prose CHECK (length(prose) BETWEEN 1 AND 200000),
    terms      jsonb,
    sha256     bytea NOT NULL,
    reason     text CONSTRAINT contract_version_reason CHECK (length(reason) BETWEEN 1 AND 500),
    from_at    timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (contract_id, version),
    CONSTRAINT contract_version_term CHECK (valid_from <= valid_to)
);
ALTER TABLE contract_version ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE contract_version IS
    'A text of a contract: a draft, which its author''s side changes, or what became of one that was proposed, '
    'which never changes again. The text that is signed is its revision. Seen with the contract, a draft only by '
    'its author''s side.';
COMMENT ON COLUMN contract_version.contract_id IS 'The contract.';
COMMENT ON COLUMN contract_version.version IS 'Which text of it, from 1.';
COMMENT ON COLUMN contract_version.company_id IS 'The principal, as the contract has it.';
COMMENT ON COLUMN contract_version.vendor_id IS 'The vendor, as the contract has it.';
COMMENT ON COLUMN contract_version.author_company_id IS 'The company whose people wrote it.';
COMMENT ON COLUMN contract_version.audience IS 'internal while it is a draft.';
COMMENT ON COLUMN contract_version.member_id IS 'Who wrote it last; NULL: the server.';
COMMENT ON COLUMN contract_version.state IS
    'draft; proposed: either side may sign it; executed: both have; refused, withdrawn: it never will be.';
COMMENT ON COLUMN contract_version.state_since IS 'When it came into this state.';
COMMENT ON COLUMN contract_version.title IS 'What it is about, in one line.';
COMMENT ON COLUMN contract_version.language IS 'In which language the server writes its terms.';
COMMENT ON COLUMN contract_version.valid_from IS
    'The day from which it is to rule, where the principal is; NULL: from the second signature on.';
COMMENT ON COLUMN contract_version.valid_to IS 'The last day; NULL: without end.';
COMMENT ON COLUMN contract_version.prose IS 'Its words, in Markdown.';
COMMENT ON COLUMN contract_version.terms IS
    'What of it the server reckons with: clauses, duties, payments, KPIs, notice_days, confirm_won; as '
    'contract_terms() takes them. NULL: a framework''s.';
COMMENT ON COLUMN contract_version.sha256 IS 'The SHA-256 of the text: the words, and the terms as the server writes them.';
COMMENT ON COLUMN contract_version.reason IS 'Why it was drafted anew, refused or withdrawn.';
COMMENT ON COLUMN contract_version.from_at IS 'When it begins to rule; NULL: not both have signed.';
COMMENT ON COLUMN contract_version.created_at IS 'When it was made.';
COMMENT ON COLUMN contract_version.updated_at IS 'When it was changed last.';

-- What there is was signed by both, or carried over.
INSERT INTO contract_version (contract_id, version, company_id, vendor_id, author_company_id, member_id, state, state_since,
    title, prose, sha256, from_at, created_at, updated_at)
SELECT c.id, r.version, c.company_id, c.vendor_id, c.company_id, r.member_id, 'executed', r.submitted_at, c.title, r.body,
       r.sha256, c.from_at, r.submitted_at, r.submitted_at
FROM contract AS c JOIN revision AS r ON r.on_kind = 6 AND r.on_id = c.id;

ALTER TABLE revision DROP CONSTRAINT revision_body;
ALTER TABLE revision ADD CONSTRAINT revision_body CHECK (length(body) BETWEEN 1 AND 400000);

CREATE TABLE clause (
    contract_id bigint NOT NULL,
    version    int NOT NULL,
    position   int NOT NULL,
    kind       text NOT NULL CONSTRAINT clause_kind CHECK (kind IN ('right', 'duty', 'standard', 'payment', 'breach',
                   'confidentiality', 'validity', 'law', 'other')),
    side       text CONSTRAINT clause_side CHECK (side IN ('principal', 'vendor')),
    text       text NOT NULL CONSTRAINT clause_text CHECK (length(text) BETWEEN 1 AND 4000),
    penalty_percent  numeric CONSTRAINT clause_percent CHECK (penalty_percent >= 0 AND penalty_percent <= 100),
    penalty_amount   numeric CONSTRAINT clause_amount CHECK (penalty_amount >= 0),
    penalty_currency text REFERENCES currency,
    cap_percent numeric CONSTRAINT clause_cap CHECK (cap_percent >= 0),
    cure_days  int CONSTRAINT clause_cure CHECK (cure_days >= 0),
    PRIMARY KEY (contract_id, version, position),
    FOREIGN KEY (contract_id, version) REFERENCES contract_version
);
ALTER TABLE clause ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE clause IS
    'A clause of a version of a contract that was proposed. Only ever added to. Seen with the version.';
COMMENT ON COLUMN clause.contract_id IS 'The contract.';
COMMENT ON COLUMN clause.version IS 'Which text of it.';
COMMENT ON COLUMN clause.position IS 'Its place among the clauses, from 1.';
COMMENT ON COLUMN clause.kind IS
    'What it is about: right, duty, standard, payment, breach, confidentiality, validity, law, other.';
COMMENT ON COLUMN clause.side IS 'Whose right or duty it is, or who breaches it; NULL: both.';
COMMENT ON COLUMN clause.text IS 'Its words.';
COMMENT ON COLUMN clause.penalty_percent IS 'Of a breach: so many per cent of what is owed, for each working day.';
COMMENT ON COLUMN clause.penalty_amount IS 'Of a breach: so much for each working day.';
COMMENT ON COLUMN clause.penalty_currency IS 'In which currency that is.';
COMMENT ON COLUMN clause.cap_percent IS 'At most so many per cent of what is owed, in all.';
COMMENT ON COLUMN clause.cure_days IS 'So many working days there are to make good, before a penalty is reckoned.';

CREATE TABLE contract_review (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contract_id bigint NOT NULL,
    version    int NOT NULL,
    company_id bigint NOT NULL REFERENCES company,
    member_id  bigint NOT NULL REFERENCES member,
    point      text NOT NULL CONSTRAINT contract_review_point CHECK (length(point) BETWEEN 1 AND 200),
    fine       boolean NOT NULL,
    text       text NOT NULL CONSTRAINT contract_review_text CHECK (length(text) BETWEEN 1 AND 4000),
    sha256     bytea NOT NULL,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    FOREIGN KEY (contract_id, version) REFERENCES contract_version
);
ALTER TABLE contract_review ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE contract_review IS
    'An answer to a point that a company looks at before it proposes or signs a contract; of several to one point the '
    'last one counts, and only for the text that its author had read. Only ever added to. The company''s own.';
COMMENT ON COLUMN contract_review.id IS 'The answer''s number.';
COMMENT ON COLUMN contract_review.contract_id IS 'The contract.';
COMMENT ON COLUMN contract_review.version IS 'Which text of it.';
COMMENT ON COLUMN contract_review.company_id IS 'Whose people looked.';
COMMENT ON COLUMN contract_review.member_id IS 'Who answered.';
COMMENT ON COLUMN contract_review.point IS
    'The point: clear, fair, reasonable or legal, or the title of one of the company''s own checklist.';
COMMENT ON COLUMN contract_review.fine IS 'Whether it is as it should be.';
COMMENT ON COLUMN contract_review.text IS 'What was found.';
COMMENT ON COLUMN contract_review.sha256 IS 'The SHA-256 of the text that was looked at.';
COMMENT ON COLUMN contract_review.at IS 'When.';
CREATE INDEX contract_review_of_version ON contract_review (contract_id, version, company_id, id);

---- Who may

INSERT INTO permission (name, reads, shareable, note, noun_no) VALUES
    ('contract.draft', 'contract.read', false, 'draft, change and propose contracts', 11),
    ('contract.review', 'contract.read', false, 'answer the points of a contract''s review', 11),
    ('contract.end', 'contract.read', false, 'suspend, resume and end contracts', 11),
    ('contract.assign', 'contract.read', false, 'say who of the company is responsible for a contract', 11);
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, g.permission, g.scope
FROM role AS r JOIN (VALUES
    ('admin', 'contract.draft', 'company'), ('manager', 'contract.draft', 'team'),
    ('admin', 'contract.review', 'company'), ('manager', 'contract.review', 'team'),
    ('admin', 'contract.end', 'company'), ('admin', 'contract.assign', 'company')
) AS g(role, permission, scope) ON g.role = r.name AND r.company_id IS NULL;

INSERT INTO transition (object, variant, from_state, to_state, side, permission, needs)
SELECT 'contract', '', t.from_state, t.to_state, s.side, t.permission, t.needs
FROM (VALUES ('draft', 'proposed', 'contract.draft', 'none'), ('draft', 'withdrawn', 'contract.draft', 'none'),
        ('proposed', 'withdrawn', 'contract.draft', 'none'), ('proposed', 'refused', 'contract.sign', 'reason'),
        ('proposed', 'active', 'contract.sign', 'none'), ('refused', 'draft', 'contract.draft', 'none'),
        ('withdrawn', 'draft', 'contract.draft', 'none'), ('active', 'ended', 'contract.end', 'reason'),
        ('suspended', 'ended', 'contract.end', 'reason')) AS t(from_state, to_state, permission, needs)
CROSS JOIN (VALUES ('principal'), ('vendor')) AS s(side);
INSERT INTO transition (object, variant, from_state, to_state, side, permission, needs) VALUES
    ('contract', '', 'active', 'suspended', 'principal', 'contract.end', 'reason'),
    ('contract', '', 'suspended', 'active', 'principal', 'contract.end', 'none'),
    ('contract', '', 'active', 'expired', 'server', NULL, 'none'),
    ('contract', '', 'suspended', 'expired', 'server', NULL, 'none');

INSERT INTO transition (object, variant, from_state, to_state, side, permission, needs)
SELECT 'contract_version', '', t.from_state, t.to_state, s.side, t.permission, t.needs
FROM (VALUES ('draft', 'proposed', 'contract.draft', 'none'), ('draft', 'withdrawn', 'contract.draft', 'none'),
        ('proposed', 'withdrawn', 'contract.draft', 'none'), ('proposed', 'refused', 'contract.sign', 'reason'),
        ('proposed', 'executed', 'contract.sign', 'none')) AS t(from_state, to_state, permission, needs)
CROSS JOIN (VALUES ('principal'), ('vendor')) AS s(side);

INSERT INTO event_kind (kind, to_manager) VALUES
    ('contract.proposed', false), ('contract.signed', false), ('contract.executed', false), ('contract.refused', false),
    ('contract.withdrawn', false), ('contract.suspended', false), ('contract.resumed', false), ('contract.ended', false),
    ('contract.expiring', false), ('contract.expired', false), ('contract.assigned', false);

INSERT INTO job (name, every, catch_up, next_slot, due_at)
SELECT 'expiry', interval '1 minute', false, t.slot, t.slot
FROM (SELECT date_bin('1 minute', now(), '2000-01-01 00:00Z') AS slot) AS t;
