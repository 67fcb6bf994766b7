-- Payments of contracts: made of the terms that both sides signed; who pays records it, who is paid confirms it.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- It shows payments as well.
DROP FUNCTION IF EXISTS contract_show(bigint, int);

CREATE TABLE payment (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint NOT NULL REFERENCES company,
    vendor_id  bigint NOT NULL REFERENCES company,
    contract_id bigint NOT NULL REFERENCES contract,
    contract_version int NOT NULL,
    position   int NOT NULL CONSTRAINT payment_position CHECK (position >= 1),
    term       text NOT NULL CONSTRAINT payment_term CHECK (length(term) <= 100),
    owner_id   bigint REFERENCES member,
    vendor_owner_id bigint REFERENCES member,
    payer      text NOT NULL CONSTRAINT payment_payer CHECK (payer IN ('principal', 'vendor')),
    title      text CONSTRAINT payment_title CHECK (length(title) BETWEEN 1 AND 200),
    amount     numeric NOT NULL CONSTRAINT payment_amount CHECK (amount >= 0),
    currency   text NOT NULL REFERENCES currency,
    due_on     date,
    due_at     timestamptz NOT NULL DEFAULT 'infinity',
    duty_id    bigint REFERENCES task,
    days       int CONSTRAINT payment_days CHECK (days >= 0),
    state      text NOT NULL DEFAULT 'planned'
               CONSTRAINT payment_state CHECK (state IN ('planned', 'due', 'paid', 'confirmed', 'waived', 'cancelled')),
    state_since timestamptz NOT NULL DEFAULT clock_timestamp(),
    turn       text CONSTRAINT payment_turn CHECK (turn IN ('principal', 'vendor')),
    paid_on    date,
    reference  text CONSTRAINT payment_reference CHECK (length(reference) BETWEEN 1 AND 100),
    paid_by    bigint REFERENCES member,
    answered_by bigint REFERENCES member,
    reason     text CONSTRAINT payment_reason CHECK (length(reason) BETWEEN 1 AND 500),
    rest_of    bigint REFERENCES payment,
    version    int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    FOREIGN KEY (contract_id, contract_version) REFERENCES contract_version,
    CONSTRAINT payment_when CHECK (due_on IS NOT NULL OR duty_id IS NOT NULL),
    CONSTRAINT payment_made CHECK ((paid_on IS NOT NULL) = (state = ANY (ARRAY['paid', 'confirmed'])))
);
ALTER TABLE payment ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE payment IS
    'What one side of a contract pays the other, as the terms have it that both signed. Seen with the contract, by both '
    'sides, for good.';
COMMENT ON COLUMN payment.id IS 'The payment''s number.';
COMMENT ON COLUMN payment.company_id IS 'The principal, as the contract has it.';
COMMENT ON COLUMN payment.vendor_id IS 'The vendor, as the contract has it.';
COMMENT ON COLUMN payment.contract_id IS 'The contract.';
COMMENT ON COLUMN payment.contract_version IS 'By which of its versions it was made.';
COMMENT ON COLUMN payment.position IS 'Its place among the payments of that version, from 1.';
COMMENT ON COLUMN payment.term IS
    'A digest of what the terms say of it, and which it is of those of which they say the same: a version that says it '
    'again repeats it.';
COMMENT ON COLUMN payment.owner_id IS 'Who of the principal is responsible for the contract.';
COMMENT ON COLUMN payment.vendor_owner_id IS 'Who of the vendor is responsible for the contract.';
COMMENT ON COLUMN payment.payer IS 'Which side pays: principal or vendor.';
COMMENT ON COLUMN payment.title IS 'For what.';
COMMENT ON COLUMN payment.amount IS 'How much: where a part was paid, that part, and the rest is a payment of its own.';
COMMENT ON COLUMN payment.currency IS 'The currency of amount.';
COMMENT ON COLUMN payment.due_on IS 'The day by whose end it is to be paid; NULL: the duty that it waits for is not accepted yet.';
COMMENT ON COLUMN payment.due_at IS 'The end of due_on where the principal is; infinity where that is NULL.';
COMMENT ON COLUMN payment.duty_id IS 'The duty after whose acceptance it is due; NULL: it is due on a day of its own.';
COMMENT ON COLUMN payment.days IS 'So many days after it; NULL: as duty_id.';
COMMENT ON COLUMN payment.state IS
    'planned; due: its day is within a week, or past; paid, as the payer says; confirmed, by who is paid; waived, by the '
    'same; cancelled: a later version of the contract does not repeat it, or its duty is owed no more.';
COMMENT ON COLUMN payment.state_since IS 'When it came into this state.';
COMMENT ON COLUMN payment.turn IS 'Which side has to do something about it now: pay, or confirm; NULL: neither.';
COMMENT ON COLUMN payment.paid_on IS 'The day on which it was paid, as the payer says; NULL: it is not.';
COMMENT ON COLUMN payment.reference IS 'By what the payment is found at the bank.';
COMMENT ON COLUMN payment.paid_by IS 'Who said last that it was paid.';
COMMENT ON COLUMN payment.answered_by IS 'Who of the other side confirmed, rejected or waived it last.';
COMMENT ON COLUMN payment.reason IS 'Why it was rejected or waived last.';
COMMENT ON COLUMN payment.rest_of IS 'Of which payment, a part of which was paid, it is the rest.';
COMMENT ON COLUMN payment.version IS 'Counts the changes, from 1.';
COMMENT ON COLUMN payment.created_at IS 'When it was made.';
COMMENT ON COLUMN payment.updated_at IS 'When it was last changed.';
-- The same payment of the terms is made once, whatever version repeats it.
CREATE UNIQUE INDEX payment_once ON payment (contract_id, term) WHERE rest_of IS NULL AND state <> 'cancelled';
-- Lists, by when they are due: of a contract; on each side all, those of one person, and those that nobody has.
CREATE INDEX payment_of_contract ON payment (contract_id, state, due_at, id);
CREATE INDEX payment_of_company ON payment (company_id, state, due_at, id);
CREATE INDEX payment_of_vendor ON payment (vendor_id, state, due_at, id);
CREATE INDEX payment_of_owner ON payment (owner_id, state, due_at, id) WHERE owner_id IS NOT NULL;
CREATE INDEX payment_of_vendor_owner ON payment (vendor_owner_id, state, due_at, id) WHERE vendor_owner_id IS NOT NULL;
CREATE INDEX payment_of_company_nobody ON payment (company_id, state, due_at, id) WHERE owner_id IS NULL;
CREATE INDEX payment_of_vendor_nobody ON payment (vendor_id, state, due_at, id) WHERE vendor_owner_id IS NULL;
-- To-do lists.
CREATE INDEX payment_waits_owner ON payment (owner_id, due_at, id) WHERE turn = 'principal';
CREATE INDEX payment_waits_vendor_owner ON payment (vendor_owner_id, due_at, id) WHERE turn = 'vendor';
CREATE INDEX payment_waits_company ON payment (company_id, due_at, id) WHERE turn = 'principal' AND owner_id IS NULL;
CREATE INDEX payment_waits_vendor ON payment (vendor_id, due_at, id) WHERE turn = 'vendor' AND vendor_owner_id IS NULL;
-- The job's; and those that wait for a duty.
CREATE INDEX payment_planned ON payment (due_at) WHERE state = 'planned';
CREATE INDEX payment_of_duty ON payment (duty_id) WHERE duty_id IS NOT NULL;

---- Who may

INSERT INTO object_kind (no, kind, commentable, attachable) VALUES (7, 'payment', true, true);

INSERT INTO permission (name, reads, shareable, note, noun_no) VALUES
    ('payment.record', 'contract.read', false, 'record, confirm, reject and waive payments of contracts', 11);
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, g.permission, g.scope
FROM role AS r JOIN (VALUES
    ('admin', 'payment.record', 'company'), ('manager', 'payment.record', 'team'),
    ('salesperson', 'payment.record', 'own'), ('partner', 'payment.record', 'own'), ('vendor', 'payment.record', 'own')
) AS g(role, permission, scope) ON g.role = r.name AND r.company_id IS NULL;

ALTER TABLE transition DROP CONSTRAINT transition_side, ADD CONSTRAINT transition_side CHECK (side IN ('ours', 'principal',
    'vendor', 'author', 'reviewer', 'assignee', 'owner', 'handler', 'opener', 'other', 'server', 'payer', 'payee'));
INSERT INTO transition (object, variant, from_state, to_state, side, permission, needs) VALUES
    ('payment', '', 'planned', 'due', 'server', NULL, 'none'),
    ('payment', '', 'planned', 'cancelled', 'server', NULL, 'none'),
    ('payment', '', 'due', 'cancelled', 'server', NULL, 'none'),
    ('payment', '', 'planned', 'paid', 'payer', 'payment.record', 'none'),
    ('payment', '', 'due', 'paid', 'payer', 'payment.record', 'none'),
    ('payment', '', 'paid', 'confirmed', 'payee', 'payment.record', 'none'),
    ('payment', '', 'paid', 'due', 'payee', 'payment.record', 'reason'),
    ('payment', '', 'planned', 'waived', 'payee', 'payment.record', 'reason'),
    ('payment', '', 'due', 'waived', 'payee', 'payment.record', 'reason');

INSERT INTO event_kind (kind, to_manager) VALUES
    ('payment.due', false), ('payment.paid', false), ('payment.rejected', false), ('payment.confirmed', false),
    ('payment.waived', false);

INSERT INTO job (name, every, catch_up, next_slot, due_at)
SELECT 'payments', interval '1 hour', false, t.slot, t.slot
FROM (SELECT date_bin('1 hour', now(), '2000-01-01 00:00Z') AS slot) AS t;
-- definitions: 5174c106e3e9c58bf65f362332c6d050f61ed5411697dad22e6ce14807edf1c3
