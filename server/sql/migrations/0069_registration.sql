-- Registrations: a vendor brings a lead, is the first, and is protected; who asks learns whether a customer is free, no more.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- It takes three more arguments.
DROP FUNCTION IF EXISTS company_update(text, text, text, text, text, int, text, int, int);
DROP FUNCTION IF EXISTS company_settings(bigint);

ALTER TABLE company_profile
    ADD COLUMN review_days smallint NOT NULL DEFAULT 10
        CONSTRAINT company_profile_review_days CHECK (review_days >= 1 AND review_days <= 366),
    ADD COLUMN protect_days smallint NOT NULL DEFAULT 90
        CONSTRAINT company_profile_protect_days CHECK (protect_days >= 1 AND protect_days <= 1098),
    ADD COLUMN checks_per_day int NOT NULL DEFAULT 50
        CONSTRAINT company_profile_checks CHECK (checks_per_day >= 1 AND checks_per_day <= 100000);
COMMENT ON COLUMN company_profile.review_days IS 'After how many days a registration that nobody decided on is over.';
COMMENT ON COLUMN company_profile.protect_days IS
    'How many days a registration is protected, and how many after the last touch of its deal.';
COMMENT ON COLUMN company_profile.checks_per_day IS
    'How many customers each vendor may ask about or register in a day.';
ALTER TYPE company_profile_view ADD ATTRIBUTE review_days int, ADD ATTRIBUTE protect_days int,
    ADD ATTRIBUTE checks_per_day int;

CREATE TABLE registration (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id      bigint NOT NULL REFERENCES company,
    vendor_id       bigint NOT NULL REFERENCES company,
    owner_id        bigint REFERENCES member,
    member_id       bigint NOT NULL REFERENCES member,
    title           text NOT NULL CONSTRAINT registration_title CHECK (length(title) BETWEEN 1 AND 200),
    customer_name   text NOT NULL CONSTRAINT registration_customer CHECK (length(customer_name) BETWEEN 1 AND 200),
    registration_no text CONSTRAINT registration_number CHECK (length(registration_no) BETWEEN 1 AND 40),
    phone           text CONSTRAINT registration_phone CHECK (length(phone) BETWEEN 1 AND 40),
    contact         text CONSTRAINT registration_contact CHECK (length(contact) BETWEEN 1 AND 200),
    amount          numeric CONSTRAINT registration_amount CHECK (amount >= 0),
    currency        text REFERENCES currency,
    text            text CONSTRAINT registration_text CHECK (length(text) BETWEEN 1 AND 2000),
    state           text NOT NULL DEFAULT 'pending' CONSTRAINT registration_state
                    CHECK (state IN ('pending', 'approved', 'rejected', 'withdrawn', 'expired')),
    state_since     timestamptz NOT NULL DEFAULT clock_timestamp(),
    protected_until timestamptz NOT NULL,
    due_at          timestamptz NOT NULL,
    decided_by      bigint REFERENCES member,
    reason          text CONSTRAINT registration_reason CHECK (length(reason) BETWEEN 1 AND 500),
    deal_id         bigint REFERENCES deal,
    extended        int NOT NULL DEFAULT 0,
    version         int NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT registration_two CHECK (company_id <> vendor_id),
    CONSTRAINT registration_money CHECK ((amount IS NULL) = (currency IS NULL)),
    CONSTRAINT registration_deal CHECK (state <> 'approved' OR deal_id IS NOT NULL)
);
ALTER TABLE registration ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE registration IS
    'A lead that a vendor brought to a principal. Both sides see it for good, on each as far as their '
    'registration.read reaches who is responsible there; no other vendor learns of it.';
COMMENT ON COLUMN registration.id IS 'The registration''s number.';
COMMENT ON COLUMN registration.company_id IS 'The principal.';
COMMENT ON COLUMN registration.vendor_id IS 'The vendor.';
COMMENT ON COLUMN registration.owner_id IS 'Who of the principal is responsible; NULL: nobody in person.';
COMMENT ON COLUMN registration.member_id IS 'Who of the vendor registered it.';
COMMENT ON COLUMN registration.title IS 'What the deal is about.';
COMMENT ON COLUMN registration.customer_name IS 'The customer''s name, as the vendor wrote it.';
COMMENT ON COLUMN registration.registration_no IS 'The customer''s number in a register of companies, or of taxes.';
COMMENT ON COLUMN registration.phone IS 'The customer''s telephone number.';
COMMENT ON COLUMN registration.contact IS 'With whom the vendor speaks there.';
COMMENT ON COLUMN registration.amount IS 'What the deal may be worth, in currency.';
COMMENT ON COLUMN registration.currency IS 'The currency of amount.';
COMMENT ON COLUMN registration.text IS 'What else the vendor says of it.';
COMMENT ON COLUMN registration.state IS
    'pending; approved, which made the deal; rejected; withdrawn by the vendor; expired. Protected while pending or '
    'approved, by the clock: the state follows.';
COMMENT ON COLUMN registration.state_since IS 'When it came into this state.';
COMMENT ON COLUMN registration.protected_until IS
    'Pending: until when it may be decided on. Approved: until when it is protected at least; while the deal is open, '
    'and so many days after its last touch, it is anyway.';
COMMENT ON COLUMN registration.due_at IS 'When the server looks next whether it is over.';
COMMENT ON COLUMN registration.decided_by IS 'Who decided on it last; NULL: nobody yet, or the server.';
COMMENT ON COLUMN registration.reason IS 'Why it was rejected, or extended last.';
COMMENT ON COLUMN registration.deal_id IS 'The deal that approving made.';
COMMENT ON COLUMN registration.extended IS 'How often its protection was extended.';
COMMENT ON COLUMN registration.version IS 'Counts the changes, from 1.';
COMMENT ON COLUMN registration.created_at IS 'When it came.';
COMMENT ON COLUMN registration.updated_at IS 'When it was last changed.';
-- On each side: all of the company's, those of one person, and the principal's that nobody has.
CREATE INDEX registration_of_company ON registration (company_id, id DESC NULLS LAST);
CREATE INDEX registration_of_nobody ON registration (company_id, id DESC NULLS LAST) WHERE owner_id IS NULL;
CREATE INDEX registration_of_owner ON registration (owner_id, id DESC NULLS LAST);
CREATE INDEX registration_of_vendor ON registration (vendor_id, id DESC NULLS LAST);
CREATE INDEX registration_of_member ON registration (member_id, id DESC NULLS LAST);
CREATE INDEX registration_of_deal ON registration (deal_id) WHERE deal_id IS NOT NULL;
-- Those that wait for an answer, the oldest first; and those that may be over.
CREATE INDEX registration_pending ON registration (company_id, created_at, id) WHERE state = 'pending';
CREATE INDEX registration_due ON registration (due_at) WHERE state IN ('pending', 'approved');

CREATE TABLE registration_key (
    registration_id bigint NOT NULL REFERENCES registration,
    key_kind        text NOT NULL CONSTRAINT registration_key_kind CHECK (key_kind IN ('name', 'number', 'phone')),
    company_id      bigint NOT NULL REFERENCES company,
    key             text NOT NULL,
    live            boolean NOT NULL DEFAULT true,
    PRIMARY KEY (registration_id, key_kind)
);
ALTER TABLE registration_key ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE registration_key IS
    'By what the customers of registrations are one. Of a principal each is held by one live registration: of two '
    'vendors who register at once the second waits for the first. For functions of jiayi_auth alone.';
COMMENT ON COLUMN registration_key.registration_id IS 'The registration.';
COMMENT ON COLUMN registration_key.key_kind IS 'name, as customer_key() has it; number, number_key(); phone, phone_key().';
COMMENT ON COLUMN registration_key.company_id IS 'The principal.';
COMMENT ON COLUMN registration_key.key IS 'The key.';
COMMENT ON COLUMN registration_key.live IS 'The registration is pending or approved.';
CREATE UNIQUE INDEX registration_key_unique ON registration_key (company_id, key_kind, key) WHERE live;

CREATE TABLE registration_check (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint NOT NULL REFERENCES company,
    vendor_id  bigint NOT NULL REFERENCES company,
    member_id  bigint NOT NULL REFERENCES member,
    key_sha256 bytea NOT NULL CONSTRAINT registration_check_sha256 CHECK (length(key_sha256) = 32),
    verdict    text NOT NULL CONSTRAINT registration_check_verdict CHECK (verdict IN ('free', 'yours', 'taken')),
    until_on   date,
    at         timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE registration_check ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE registration_check IS
    'Evidence: which vendor asked a principal about which customer, and what it was told; also where it registered '
    'one. Counts against the principal''s checks_per_day. For functions of jiayi_auth alone.';
COMMENT ON COLUMN registration_check.id IS 'Numbers these.';
COMMENT ON COLUMN registration_check.company_id IS 'The principal.';
COMMENT ON COLUMN registration_check.vendor_id IS 'The vendor.';
COMMENT ON COLUMN registration_check.member_id IS 'Who of it asked.';
COMMENT ON COLUMN registration_check.key_sha256 IS 'The SHA-256 of the key of the name that was asked about.';
COMMENT ON COLUMN registration_check.verdict IS 'What was answered: free, yours, or taken.';
COMMENT ON COLUMN registration_check.until_on IS 'Taken: until which day, as was answered.';
COMMENT ON COLUMN registration_check.at IS 'When.';
CREATE INDEX registration_check_of_day ON registration_check (company_id, vendor_id, at);

-- A customer of the principal's own is found by its telephone number too.
CREATE INDEX customer_phone_key ON customer (company_id, phone_key(phone)) WHERE phone IS NOT NULL;

-- Names in the order of RFC 8785.
CREATE TYPE ledger_registration AS (at timestamp, author bigint, company bigint, kind text, nonce uuid,
    partner bigint, ref text, sha256 text);
COMMENT ON TYPE ledger_registration IS
    'An entry of a registration: who registered it with whom, and the SHA-256 of what was registered.';

---- Who may

INSERT INTO object_kind (no, kind, commentable, attachable) VALUES (10, 'registration', false, false);

INSERT INTO permission (name, reads, shareable, note, noun_no) VALUES
    ('registration.read', 'registration.read', false, 'see registrations of deals', 12),
    ('registration.create', 'registration.read', false, 'ask whether a customer is free, register deals, withdraw registrations', 12),
    ('registration.decide', 'registration.read', false, 'approve, reject and extend what vendors register', 12);
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, g.permission, g.scope
FROM role AS r JOIN (VALUES
    ('admin', 'registration.read', 'company'), ('admin', 'registration.create', 'company'),
    ('admin', 'registration.decide', 'company'),
    ('auditor', 'registration.read', 'company'),
    ('manager', 'registration.read', 'team'), ('manager', 'registration.create', 'own'),
    ('manager', 'registration.decide', 'team'),
    ('salesperson', 'registration.read', 'own'), ('salesperson', 'registration.create', 'own'),
    ('partner', 'registration.read', 'own'), ('partner', 'registration.create', 'own'),
    ('vendor', 'registration.read', 'own'), ('vendor', 'registration.create', 'own')
) AS g(role, permission, scope) ON g.role = r.name AND r.company_id IS NULL;

INSERT INTO transition (object, variant, from_state, to_state, side, permission, needs) VALUES
    ('registration', '', 'pending', 'approved', 'principal', 'registration.decide', 'none'),
    ('registration', '', 'pending', 'rejected', 'principal', 'registration.decide', 'reason'),
    ('registration', '', 'approved', 'approved', 'principal', 'registration.decide', 'reason'),
    ('registration', '', 'pending', 'withdrawn', 'vendor', 'registration.create', 'none'),
    ('registration', '', 'approved', 'withdrawn', 'vendor', 'registration.create', 'none'),
    ('registration', '', 'pending', 'expired', 'server', NULL, 'none'),
    ('registration', '', 'approved', 'expired', 'server', NULL, 'none');

INSERT INTO event_kind (kind, to_manager) VALUES
    ('registration.submitted', false), ('registration.approved', false), ('registration.rejected', false),
    ('registration.extended', false), ('registration.withdrawn', false), ('registration.expiring', false),
    ('registration.expired', false);

INSERT INTO job (name, every, catch_up, next_slot, due_at)
SELECT 'registrations', interval '1 minute', false, t.slot, t.slot
FROM (SELECT date_bin('1 minute', now(), '2000-01-01 00:00Z') + interval '1 minute' AS slot) AS t;
