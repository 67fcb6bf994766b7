-- Breaches: cases in which one side of a contract says that the other does not do what it owes. What the terms have for
-- that - days to make good, what each day costs - is worked out and shown, and booked nowhere.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- These show breaches as well.
DROP FUNCTION IF EXISTS contract_show(bigint, int);
DROP FUNCTION IF EXISTS case_open(text, bigint, bigint, smallint, bigint, text, int, bigint, bigint, numeric, text);

ALTER TABLE case_file DROP CONSTRAINT case_file_kind;
ALTER TABLE case_file ADD CONSTRAINT case_file_kind
    CHECK (kind IN ('conflict', 'breach', 'dispute', 'complaint', 'support', 'suggestion'));
ALTER TABLE case_file ADD COLUMN clause int, ADD COLUMN cure_by timestamptz, ADD COLUMN cure_over boolean NOT NULL DEFAULT false,
    ADD COLUMN turn_id bigint REFERENCES company;
ALTER TABLE case_file ADD CONSTRAINT case_file_breach CHECK ((kind = 'breach') = (clause IS NOT NULL));
COMMENT ON TABLE case_file IS
    'Cases: conflicts between two vendors of a principal, breaches of contracts, disputes, complaints, requests for support, '
    'suggestions. In the company see one who opened it, who handles it, those above them and who sees all; a suggestion '
    'everybody. On a vendor''s side, for good, who opened it and those above, of what others opened the managers. Statements '
    'are comments.';
COMMENT ON COLUMN case_file.kind IS 'conflict, breach, dispute, complaint, support or suggestion.';
COMMENT ON COLUMN case_file.on_kind IS
    'What it is about: the kind of thing; of a breach a duty or a payment of the contract. NULL: nothing in particular.';
COMMENT ON COLUMN case_file.contract_id IS 'Of a breach or a dispute the contract.';
COMMENT ON COLUMN case_file.clause IS 'Of a breach the clause that says what it costs: its place in contract_version.';
COMMENT ON COLUMN case_file.cure_by IS 'Of a breach until when it may be made good without a penalty; NULL: the clause gives no days for that.';
COMMENT ON COLUMN case_file.cure_over IS 'That is over; both sides were told, unless it was made good.';
COMMENT ON COLUMN case_file.turn_id IS 'Of a breach or a dispute between two companies whose turn it is; NULL: nobody''s.';
COMMENT ON COLUMN case_file.proposed_side IS 'Of a breach or a dispute the company that proposes decision; NULL: nothing is proposed.';
COMMENT ON COLUMN case_file.venue IS
    'Of a breach or a dispute where it went: arbitration or litigation. NULL: it stayed between the two.';
COMMENT ON COLUMN case_file.amount IS 'What is claimed, in currency; of a breach what the clause''s percentage is of.';
-- Whose turn it was in those that are open.
UPDATE case_file AS c SET turn_id = CASE c.state
    WHEN 'opened' THEN CASE c.opened_company_id WHEN c.company_id THEN c.vendor_id ELSE c.company_id END
    WHEN 'answered' THEN c.opened_company_id
    ELSE CASE c.proposed_side WHEN c.company_id THEN c.vendor_id WHEN c.vendor_id THEN c.company_id END END
WHERE c.kind = 'dispute' AND c.state IN ('opened', 'answered', 'negotiation');
CREATE INDEX case_file_of_contract ON case_file (contract_id, id) WHERE contract_id IS NOT NULL;
CREATE INDEX case_file_turn ON case_file (turn_id, answer_by, id) WHERE turn_id IS NOT NULL;
CREATE INDEX case_file_to_cure ON case_file (cure_by) WHERE NOT cure_over AND cure_by IS NOT NULL;

INSERT INTO transition (object, variant, from_state, to_state, side, permission, needs)
SELECT object, 'breach', from_state, to_state, side, permission, needs FROM transition
WHERE object = 'case_file' AND variant = 'dispute';

INSERT INTO event_kind (kind, to_manager) VALUES ('case.overdue', false);
-- definitions: fe0093a3bf4756bbc2e7ef616d1c2f199369ad813c9a54ec768f98cfd8203c80
