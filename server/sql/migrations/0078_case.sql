-- Cases: what two disagree on, or somebody complains of, asks or suggests, is opened, argued, decided and closed.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE TABLE case_file (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind              text NOT NULL CONSTRAINT case_file_kind
                      CHECK (kind IN ('conflict', 'dispute', 'complaint', 'support', 'suggestion')),
    company_id        bigint NOT NULL REFERENCES company,
    vendor_id         bigint REFERENCES company,
    other_vendor_id   bigint REFERENCES company,
    opened_by         bigint NOT NULL REFERENCES member,
    opened_company_id bigint NOT NULL REFERENCES company,
    handler_id        bigint REFERENCES member,
    on_kind           smallint REFERENCES object_kind,
    on_id             bigint,
    contract_id       bigint REFERENCES contract,
    contract_version  int,
    customer_id       bigint REFERENCES customer,
    title             text NOT NULL CONSTRAINT case_file_title CHECK (length(title) BETWEEN 1 AND 200),
    text              text NOT NULL CONSTRAINT case_file_text CHECK (length(text) BETWEEN 1 AND 4000),
    severity          smallint CONSTRAINT case_file_severity CHECK (severity >= 1 AND severity <= 4),
    state             text NOT NULL DEFAULT 'opened' CONSTRAINT case_file_state CHECK (state IN ('opened', 'heard',
                      'mediation', 'decided', 'appealed', 'answered', 'negotiation', 'arbitration', 'litigation', 'resolved',
                      'assigned', 'handled', 'reopened', 'considered', 'adopted', 'declined', 'done', 'closed', 'withdrawn')),
    state_since       timestamptz NOT NULL DEFAULT clock_timestamp(),
    answer_by         timestamptz,
    decision          text CONSTRAINT case_file_decision CHECK (length(decision) BETWEEN 1 AND 4000),
    decided_by        bigint REFERENCES member,
    proposed_side     bigint REFERENCES company,
    named             boolean NOT NULL DEFAULT false,
    venue             text CONSTRAINT case_file_venue CHECK (venue IN ('arbitration', 'litigation')),
    amount            numeric CONSTRAINT case_file_amount CHECK (amount >= 0),
    currency          text REFERENCES currency,
    score             smallint CONSTRAINT case_file_score CHECK (score >= 1 AND score <= 10),
    appeals           int NOT NULL DEFAULT 0,
    closed_at         timestamptz,
    version           int NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT case_file_two CHECK (company_id <> vendor_id AND company_id <> other_vendor_id AND vendor_id <> other_vendor_id),
    CONSTRAINT case_file_other CHECK (other_vendor_id IS NULL OR kind = 'conflict'),
    CONSTRAINT case_file_on CHECK ((on_kind IS NULL) = (on_id IS NULL)),
    CONSTRAINT case_file_money CHECK ((amount IS NULL) = (currency IS NULL))
);
ALTER TABLE case_file ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE case_file IS
    'Cases: conflicts between two vendors of a principal, disputes, complaints, requests for support, suggestions. In the '
    'company see one who opened it, who handles it, those above them and who sees all; a suggestion everybody. On a '
    'vendor''s side, for good, who opened it and those above, of what others opened the managers. Statements are comments.';
COMMENT ON COLUMN case_file.id IS 'The case''s number.';
COMMENT ON COLUMN case_file.kind IS 'conflict, dispute, complaint, support or suggestion.';
COMMENT ON COLUMN case_file.company_id IS 'The principal; or the company whose own case it is.';
COMMENT ON COLUMN case_file.vendor_id IS 'The vendor; of a conflict the first one. NULL: nobody outside is a side of it.';
COMMENT ON COLUMN case_file.other_vendor_id IS 'Of a conflict the second vendor, whom the first does not learn of; and the other way round.';
COMMENT ON COLUMN case_file.opened_by IS 'Who opened it.';
COMMENT ON COLUMN case_file.opened_company_id IS 'That one''s company.';
COMMENT ON COLUMN case_file.handler_id IS 'Who of company_id handles it; in a conflict mediates. NULL: nobody yet.';
COMMENT ON COLUMN case_file.on_kind IS 'What it is about: the kind of thing. NULL: nothing in particular.';
COMMENT ON COLUMN case_file.on_id IS 'Its number.';
COMMENT ON COLUMN case_file.contract_id IS 'Of a dispute the contract.';
COMMENT ON COLUMN case_file.contract_version IS 'The version of it that was in force.';
COMMENT ON COLUMN case_file.customer_id IS 'Of a complaint who complains.';
COMMENT ON COLUMN case_file.title IS 'The first line of the text.';
COMMENT ON COLUMN case_file.text IS 'What it is about, in the words of who opened it.';
COMMENT ON COLUMN case_file.severity IS 'Of a complaint or a request: 1, the worst, to 4.';
COMMENT ON COLUMN case_file.state IS 'As transition has it, for each kind.';
COMMENT ON COLUMN case_file.state_since IS 'When it came into this state.';
COMMENT ON COLUMN case_file.answer_by IS 'By when whose turn it is is to answer: the end of a working day.';
COMMENT ON COLUMN case_file.decision IS 'What was decided, or is proposed for deciding.';
COMMENT ON COLUMN case_file.decided_by IS 'Who decided, or accepted what the other side proposed.';
COMMENT ON COLUMN case_file.proposed_side IS 'Of a dispute the company that proposes decision; NULL: nothing is proposed.';
COMMENT ON COLUMN case_file.named IS 'The decision of a conflict tells each vendor who the other is.';
COMMENT ON COLUMN case_file.venue IS 'Of a dispute where it went: arbitration or litigation. NULL: it stayed between the two.';
COMMENT ON COLUMN case_file.amount IS 'What is claimed, in currency.';
COMMENT ON COLUMN case_file.currency IS 'The currency of amount.';
COMMENT ON COLUMN case_file.score IS 'How content who opened it was, 1 to 10.';
COMMENT ON COLUMN case_file.appeals IS 'How often what was decided was appealed, or it was reopened.';
COMMENT ON COLUMN case_file.closed_at IS 'When it was closed.';
COMMENT ON COLUMN case_file.version IS 'Counts the changes, from 1.';
COMMENT ON COLUMN case_file.created_at IS 'When it was opened.';
COMMENT ON COLUMN case_file.updated_at IS 'When it was last changed.';
-- The newest first: all of a company's, a vendor's as either one of two, those of who opened and who handles.
CREATE INDEX case_file_of_company ON case_file (company_id, id DESC NULLS LAST);
CREATE INDEX case_file_of_nobody ON case_file (company_id, id DESC NULLS LAST) WHERE handler_id IS NULL;
CREATE INDEX case_file_of_house ON case_file (company_id, id DESC NULLS LAST) WHERE kind = 'suggestion';
CREATE INDEX case_file_of_vendor ON case_file (vendor_id, id DESC NULLS LAST) WHERE vendor_id IS NOT NULL;
CREATE INDEX case_file_of_other ON case_file (other_vendor_id, id DESC NULLS LAST) WHERE other_vendor_id IS NOT NULL;
CREATE INDEX case_file_of_opener ON case_file (opened_by, id DESC NULLS LAST);
CREATE INDEX case_file_of_handler ON case_file (handler_id, id DESC NULLS LAST) WHERE handler_id IS NOT NULL;
CREATE INDEX case_file_on ON case_file (on_kind, on_id, id DESC) WHERE on_id IS NOT NULL;
-- What waits for its handler, and what is handled and nobody closed.
CREATE INDEX case_file_waiting ON case_file (handler_id, answer_by, id)
    WHERE state = ANY ('{opened,heard,mediation,appealed,assigned,reopened,considered,adopted}');
CREATE INDEX case_file_handled ON case_file (answer_by) WHERE state = 'handled';

-- Evidence is handed over: what a link points at, as it was, for whoever sees the case.
ALTER TABLE link ADD COLUMN snapshot text CONSTRAINT link_snapshot CHECK (length(snapshot) BETWEEN 1 AND 400000),
    ADD COLUMN to_version int, ADD COLUMN sha256 bytea CONSTRAINT link_sha256 CHECK (length(sha256) = 32);
ALTER TABLE link DROP CONSTRAINT link_role;
ALTER TABLE link ADD CONSTRAINT link_role
    CHECK (role IN ('about', 'basis', 'caused_by', 'follows', 'duplicate_of', 'evidence'));
ALTER TABLE link ADD CONSTRAINT link_evidence CHECK ((role = 'evidence') = (snapshot IS NOT NULL));
COMMENT ON COLUMN link.snapshot IS
    'Of evidence: what the second thing was then, in words; who sees the first thing reads it, and of the second nothing more.';
COMMENT ON COLUMN link.to_version IS 'Of evidence: which version of the second thing that is; NULL: it has none.';
COMMENT ON COLUMN link.sha256 IS 'Of evidence: the SHA-256 of the snapshot.';

INSERT INTO object_kind (no, kind, commentable, attachable) VALUES (9, 'case', true, true);

INSERT INTO permission (name, reads, shareable, note, noun_no) VALUES
    ('case.read', 'case.read', true, 'see cases', 14),
    ('case.open', 'case.read', false, 'open cases, answer, escalate, reopen, close and withdraw them', 14),
    ('case.handle', 'case.read', false, 'assign and handle cases', 14),
    ('case.decide', 'case.read', false, 'decide cases', 14);
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, g.permission, g.scope
FROM role AS r JOIN (VALUES
    ('admin', 'case.read', 'partners'), ('admin', 'case.open', 'partners'),
    ('admin', 'case.handle', 'partners'), ('admin', 'case.decide', 'partners'),
    ('auditor', 'case.read', 'partners'),
    ('manager', 'case.read', 'team+shared'), ('manager', 'case.open', 'own'), ('manager', 'case.handle', 'team'),
    ('salesperson', 'case.read', 'own+shared'), ('salesperson', 'case.open', 'own'), ('salesperson', 'case.handle', 'own'),
    ('partner', 'case.read', 'own+shared'), ('partner', 'case.open', 'own'), ('partner', 'case.handle', 'own'),
    ('vendor', 'case.read', 'own+shared'), ('vendor', 'case.open', 'own'), ('vendor', 'case.handle', 'own')
) AS g(role, permission, scope) ON g.role = r.name AND r.company_id IS NULL;

ALTER TABLE transition DROP CONSTRAINT transition_side, ADD CONSTRAINT transition_side CHECK (side IN ('ours', 'principal',
    'vendor', 'author', 'reviewer', 'assignee', 'owner', 'opener', 'other', 'handler', 'server'));
INSERT INTO transition (object, variant, from_state, to_state, side, permission, needs)
SELECT 'case_file', t.variant, t.from_state, t.to_state, t.side, t.permission, t.needs FROM (VALUES
    ('conflict', 'opened', 'heard', 'server', NULL, 'none'),
    ('conflict', 'opened', 'heard', 'handler', 'case.handle', 'comment'),
    ('conflict', 'heard', 'mediation', 'handler', 'case.handle', 'comment'),
    ('conflict', 'mediation', 'decided', 'handler', 'case.decide', 'comment'),
    ('conflict', 'decided', 'appealed', 'opener', 'case.open', 'reason'),
    ('conflict', 'decided', 'appealed', 'other', 'case.open', 'reason'),
    ('conflict', 'appealed', 'decided', 'handler', 'case.decide', 'comment'),
    ('conflict', 'decided', 'closed', 'handler', 'case.handle', 'none'),
    ('conflict', 'decided', 'closed', 'opener', 'case.open', 'none'),
    ('dispute', 'opened', 'answered', 'other', 'case.open', 'comment'),
    ('dispute', 'answered', 'negotiation', 'opener', 'case.open', 'comment'),
    ('dispute', 'opened', 'arbitration', 'opener', 'case.open', 'comment'),
    ('dispute', 'opened', 'litigation', 'opener', 'case.open', 'comment'),
    ('dispute', 'answered', 'arbitration', 'opener', 'case.open', 'comment'),
    ('dispute', 'answered', 'litigation', 'opener', 'case.open', 'comment'),
    ('dispute', 'answered', 'arbitration', 'other', 'case.open', 'comment'),
    ('dispute', 'answered', 'litigation', 'other', 'case.open', 'comment'),
    ('dispute', 'negotiation', 'arbitration', 'opener', 'case.open', 'comment'),
    ('dispute', 'negotiation', 'litigation', 'opener', 'case.open', 'comment'),
    ('dispute', 'negotiation', 'arbitration', 'other', 'case.open', 'comment'),
    ('dispute', 'negotiation', 'litigation', 'other', 'case.open', 'comment'),
    ('dispute', 'answered', 'resolved', 'opener', 'case.decide', 'comment'),
    ('dispute', 'answered', 'resolved', 'other', 'case.decide', 'comment'),
    ('dispute', 'negotiation', 'resolved', 'opener', 'case.decide', 'comment'),
    ('dispute', 'negotiation', 'resolved', 'other', 'case.decide', 'comment'),
    ('dispute', 'arbitration', 'resolved', 'opener', 'case.decide', 'comment'),
    ('dispute', 'arbitration', 'resolved', 'other', 'case.decide', 'comment'),
    ('dispute', 'litigation', 'resolved', 'opener', 'case.decide', 'comment'),
    ('dispute', 'litigation', 'resolved', 'other', 'case.decide', 'comment'),
    ('dispute', 'resolved', 'closed', 'opener', 'case.open', 'none'),
    ('complaint', 'opened', 'assigned', 'handler', 'case.handle', 'none'),
    ('complaint', 'assigned', 'handled', 'handler', 'case.handle', 'comment'),
    ('complaint', 'handled', 'closed', 'opener', 'case.open', 'none'),
    ('complaint', 'handled', 'closed', 'server', NULL, 'none'),
    ('complaint', 'handled', 'reopened', 'opener', 'case.open', 'reason'),
    ('complaint', 'closed', 'reopened', 'opener', 'case.open', 'reason'),
    ('complaint', 'reopened', 'assigned', 'handler', 'case.handle', 'none'),
    ('suggestion', 'opened', 'considered', 'handler', 'case.handle', 'comment'),
    ('suggestion', 'considered', 'adopted', 'handler', 'case.handle', 'comment'),
    ('suggestion', 'considered', 'declined', 'handler', 'case.handle', 'comment'),
    ('suggestion', 'adopted', 'done', 'handler', 'case.handle', 'comment')
) AS t(variant, from_state, to_state, side, permission, needs);
INSERT INTO transition (object, variant, from_state, to_state, side, permission, needs)
SELECT object, 'support', from_state, to_state, side, permission, needs FROM transition
WHERE object = 'case_file' AND variant = 'complaint';
INSERT INTO transition (object, variant, from_state, to_state, side, permission, needs)
SELECT 'case_file', k, 'opened', 'withdrawn', 'opener', 'case.open', 'none'
FROM unnest(ARRAY['conflict', 'dispute', 'complaint', 'support', 'suggestion']) AS k;
INSERT INTO transition (object, variant, from_state, to_state, side, permission, needs) VALUES
    ('registration', '', 'pending', 'expired', 'handler', 'case.decide', 'comment'),
    ('registration', '', 'approved', 'expired', 'handler', 'case.decide', 'comment');

INSERT INTO event_kind (kind, to_manager) VALUES
    ('case.opened', false), ('case.assigned', false), ('case.answered', false), ('case.handled', false),
    ('case.escalated', false), ('case.proposed', false), ('case.decided', false), ('case.reopened', false),
    ('case.closed', false), ('case.withdrawn', false);

INSERT INTO job (name, every, catch_up, next_slot, due_at)
SELECT 'cases', interval '1 hour', false, t.slot, t.slot
FROM (SELECT date_bin('1 hour', now(), '2000-01-01 00:00Z') + interval '1 hour' AS slot) AS t;

ALTER TABLE comment DROP CONSTRAINT comment_topic,
    ADD CONSTRAINT comment_topic CHECK (topic IN ('comment', 'review', 'delivery', 'statement', 'market', 'competitor',
        'need', 'expectation', 'opportunity', 'lesson'));
-- definitions: b6a68a9ad365381e1205c4879f2cc4481a786649e049f7590b6316daa992ea62
