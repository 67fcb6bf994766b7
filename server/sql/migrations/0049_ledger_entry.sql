-- Entries of the ledger: what of the evidence will be hashed into it, from the day on which it is made.
-- definitions: 0

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- Whose the deal was besides, at the time: the deal itself may say another by now.
ALTER TABLE deal_stage ADD COLUMN vendor_id bigint;
COMMENT ON COLUMN deal_stage.vendor_id IS
    'The vendor that the deal was shared with from then on; NULL: none, or not known.';

-- What is written is small by what it is made of: a check of its length would be set up for every move.
-- The index of positions comes with who gives them.
CREATE TABLE ledger_entry (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    company_id bigint NOT NULL,
    partner_id bigint,
    on_id      bigint NOT NULL,
    at         timestamptz NOT NULL,
    position   bigint,
    version    int,
    on_kind    smallint NOT NULL,
    kind       text NOT NULL,
    entry      bytea NOT NULL
);
ALTER TABLE ledger_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_entry ALTER COLUMN entry SET STORAGE PLAIN;
COMMENT ON TABLE ledger_entry IS
    'What the ledger will have of a row of evidence, written with it in its transaction. Only ever '
    'added to, but for the position. Only functions of jiayi_auth see it.';
COMMENT ON COLUMN ledger_entry.id IS 'The entry''s number.';
COMMENT ON COLUMN ledger_entry.xid IS
    'The transaction: entries are put in order by it, for what commits late may have a small number.';
COMMENT ON COLUMN ledger_entry.company_id IS 'The company whose evidence it is.';
COMMENT ON COLUMN ledger_entry.partner_id IS 'The other company that it concerns; NULL: none.';
COMMENT ON COLUMN ledger_entry.on_id IS 'What it is about: its number.';
COMMENT ON COLUMN ledger_entry.at IS 'When the evidence was made.';
COMMENT ON COLUMN ledger_entry.position IS
    'Its place in the ledger; NULL: it has none yet. Set once.';
COMMENT ON COLUMN ledger_entry.version IS 'The version of that then; NULL: it has none.';
COMMENT ON COLUMN ledger_entry.on_kind IS 'What it is about: the kind of thing.';
COMMENT ON COLUMN ledger_entry.kind IS
    'What the evidence is: revision, decision, stage, target or record.';
COMMENT ON COLUMN ledger_entry.entry IS
    'The bytes that are hashed: JSON in the form of RFC 8785, so that others come to the same.';
CREATE INDEX ledger_entry_waiting ON ledger_entry (xid, id) WHERE position IS NULL;

-- Names in the order of RFC 8785, which is that of the columns.
CREATE TYPE ledger_stage AS (at timestamp, author bigint, changed text, closed timestamp, company bigint,
    "from" text, kind text, nonce uuid, outcome text, owner bigint, partner bigint, ref text, sha256 text,
    side bigint, stage text, version int, way text);
COMMENT ON TYPE ledger_stage IS
    'An entry of a row of a deal''s history: when and by whom, of which company (side), in which way the deal '
    'came from which stage to which, with what outcome and closed when, who owns it since; the SHA-256 of '
    'the reason, and of what was changed of a deal that was won or lost.';
CREATE TYPE ledger_revision AS (at timestamp, author bigint, company bigint, digest text, kind text,
    nonce uuid, partner bigint, ref text, sha256 text, version int);
COMMENT ON TYPE ledger_revision IS
    'An entry of a revision: its digest, which covers all that decides what it is, and its text''s SHA-256.';
CREATE TYPE ledger_decision AS (at timestamp, author bigint, comment bigint, company bigint, decision text,
    digest text, kind text, nonce uuid, partner bigint, ref text, sha256 text, version int);
COMMENT ON TYPE ledger_decision IS
    'An entry of a decision: what was decided of which version, the comment with its digest, and its '
    'text''s SHA-256.';
CREATE TYPE ledger_figure AS (at timestamp, author bigint, company bigint, id bigint, kind text, kpi text,
    member bigint, nonce uuid, partner bigint, period text, ref text, sha256 text, value text);
COMMENT ON TYPE ledger_figure IS
    'An entry of a target or a record: the number of its row, the KPI''s code, the period, whose it is, '
    'the value, and its note''s SHA-256.';

-- Comments are listed by when they were said: of a thing; on a company's things and by its people on others',
-- on a topic or on all.
DROP INDEX comment_of, comment_topic_of_company, comment_topic_of_author;
CREATE INDEX comment_of ON comment (on_kind, on_id, at DESC, id DESC);
CREATE INDEX comment_of_company ON comment (company_id, at DESC, id DESC);
CREATE INDEX comment_topic_of_company ON comment (company_id, topic, at DESC, id DESC);
CREATE INDEX comment_of_author ON comment (author_company_id, at DESC, id DESC)
    WHERE company_id <> author_company_id;
CREATE INDEX comment_topic_of_author ON comment (author_company_id, topic, at DESC, id DESC)
    WHERE company_id <> author_company_id;
