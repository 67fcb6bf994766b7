-- The log of changes in the ledger: each hour an entry for each company that has new ones.
-- definitions: ddfc78f411894a176499cee84942b12c53f2e308c3969978a460c5c0cd0677ab

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE TYPE ledger_audit AS (at timestamp, company bigint, entries bigint, "from" bigint, kind text,
    nonce uuid, sha256 text, "to" bigint);
COMMENT ON TYPE ledger_audit IS
    'An entry of the log of changes: of a company''s entries with numbers above from and up to to, how many '
    'there are, and their digest (see log_digest()).';
COMMENT ON COLUMN ledger_entry.on_kind IS 'What it is about: the kind of thing; 0: a part of the log.';
COMMENT ON COLUMN ledger_entry.on_id IS 'What it is about: its number; of the log the number up to which it goes.';
COMMENT ON COLUMN ledger_entry.company_id IS 'The company whose evidence it is; 0: none''s, of the log.';
COMMENT ON COLUMN ledger_entry.kind IS
    'What the evidence is: revision, decision, stage, target, record, or audit, a part of the log of changes.';

CREATE TABLE log_mark (
    one       boolean PRIMARY KEY DEFAULT true CHECK (one),
    digested  bigint NOT NULL,
    seen      bigint NOT NULL,
    seen_xmax xid8 NOT NULL
);
ALTER TABLE log_mark ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE log_mark IS
    'How far the log of changes is in the ledger: one row, kept by the job digest. Only functions of '
    'jiayi_auth see it.';
COMMENT ON COLUMN log_mark.one IS 'There is one row.';
COMMENT ON COLUMN log_mark.digested IS 'Up to this number the entries have their digest.';
COMMENT ON COLUMN log_mark.seen IS
    'The last number that had been given out at the run before: up to it the next one goes, once all '
    'transactions are over that might hold one of them.';
COMMENT ON COLUMN log_mark.seen_xmax IS 'Below this transaction those are.';
-- What is there already is digested with the first run.
INSERT INTO log_mark (digested, seen, seen_xmax)
SELECT 0, s.last_value, pg_snapshot_xmax(pg_current_snapshot()) FROM audit_log_id_seq AS s;

INSERT INTO job (name, every, catch_up, next_slot, due_at)
SELECT 'digest', interval '1 hour', false, t.slot, t.slot
FROM (SELECT date_bin('1 hour', now(), '2000-01-01 00:00Z') + interval '1 hour' AS slot) AS t;
