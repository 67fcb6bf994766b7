-- Exports of all that a company has, as one snapshot, which the server makes and keeps for a day.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS export_name(text);
DROP FUNCTION IF EXISTS export_key(text, bigint);

CREATE TABLE export (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint NOT NULL REFERENCES company,
    member_id  bigint NOT NULL REFERENCES member,
    state      text NOT NULL DEFAULT 'running' CONSTRAINT export_state CHECK (state IN ('running', 'done', 'failed')),
    salt       bytea NOT NULL DEFAULT decode(replace(gen_random_uuid()::text, '-', ''), 'hex'),
    attempts   int NOT NULL DEFAULT 0,
    n_rows     bigint NOT NULL DEFAULT 0,
    began_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    as_of      timestamptz,
    ended_at   timestamptz,
    expires_at timestamptz,
    CONSTRAINT export_ended CHECK ((state = 'running') = (ended_at IS NULL)),
    CONSTRAINT export_expires CHECK ((state = 'done') = (expires_at IS NOT NULL))
);
ALTER TABLE export ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE export IS
    'A snapshot of all that a company has, as files that are kept for a day. Seen by who may import or export.';
COMMENT ON COLUMN export.id IS 'The export''s number.';
COMMENT ON COLUMN export.company_id IS 'The company.';
COMMENT ON COLUMN export.member_id IS 'Who asked for it.';
COMMENT ON COLUMN export.state IS 'running, done, or failed: it was tried several times.';
COMMENT ON COLUMN export.salt IS 'By which keys are made of what has none yet, so that they are like nothing elsewhere.';
COMMENT ON COLUMN export.attempts IS 'How often it was begun.';
COMMENT ON COLUMN export.n_rows IS 'How many rows are in it so far.';
COMMENT ON COLUMN export.began_at IS 'When it was asked for.';
COMMENT ON COLUMN export.as_of IS 'The moment that it shows; NULL: it was not begun.';
COMMENT ON COLUMN export.ended_at IS 'When it was done, or given up.';
COMMENT ON COLUMN export.expires_at IS 'Until when its files are kept.';
CREATE UNIQUE INDEX export_running ON export (company_id) WHERE state = 'running';
CREATE INDEX export_of_company ON export (company_id, id DESC);
CREATE INDEX export_expiry ON export (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE export_file (
    export_id bigint NOT NULL REFERENCES export ON DELETE CASCADE,
    no        int NOT NULL,
    name      text NOT NULL,
    kind      text,
    columns   text[] NOT NULL,
    n_rows    bigint NOT NULL DEFAULT 0,
    bytes     bigint NOT NULL DEFAULT 0,
    pieces    int NOT NULL DEFAULT 0,
    PRIMARY KEY (export_id, no)
);
ALTER TABLE export_file ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE export_file IS 'A file of an export. Seen as the export is.';
COMMENT ON COLUMN export_file.export_id IS 'Of which export.';
COMMENT ON COLUMN export_file.no IS 'Counts from 1.';
COMMENT ON COLUMN export_file.name IS 'What it is called, without an ending: a kind of rows that can be imported, or a table.';
COMMENT ON COLUMN export_file.kind IS 'As which kind it can be imported; NULL: it is for reading.';
COMMENT ON COLUMN export_file.columns IS 'The names of its columns, in their order.';
COMMENT ON COLUMN export_file.n_rows IS 'How many rows it has.';
COMMENT ON COLUMN export_file.bytes IS 'The length of all pieces.';
COMMENT ON COLUMN export_file.pieces IS 'How many pieces it has.';

CREATE TABLE export_piece (
    export_id bigint NOT NULL,
    no        int NOT NULL,
    seq       int NOT NULL,
    data      text NOT NULL,
    PRIMARY KEY (export_id, no, seq),
    FOREIGN KEY (export_id, no) REFERENCES export_file ON DELETE CASCADE
);
ALTER TABLE export_piece ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE export_piece IS 'A part of a file of an export, as long as one call carries. Seen as the export is.';
COMMENT ON COLUMN export_piece.export_id IS 'Of which export.';
COMMENT ON COLUMN export_piece.no IS 'Of which of its files.';
COMMENT ON COLUMN export_piece.seq IS 'Counts from 0.';
COMMENT ON COLUMN export_piece.data IS 'Whole rows, each a JSON object, a line feed between.';

INSERT INTO transition (object, from_state, to_state, side, permission) VALUES
    ('export', 'running', 'done', 'server', NULL), ('export', 'running', 'failed', 'server', NULL);
