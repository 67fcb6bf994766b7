-- Imports: files of rows, and by which keys their rows are known when they come again.
-- definitions: 5ae883b7ecfe97df4accf8d12215296e304e32b08eaed8ec09f877731d2858fd

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE TABLE import (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint NOT NULL REFERENCES company,
    kind       text NOT NULL CONSTRAINT import_kind CHECK (kind IN ('customers', 'contacts', 'deals',
                   'followups', 'tasks', 'kpi_records', 'rates')),
    source     text NOT NULL CONSTRAINT import_source CHECK (source ~ '^[a-z][a-z0-9_-]{0,39}$'),
    name       text NOT NULL CONSTRAINT import_name CHECK (length(name) >= 1 AND length(name) <= 200),
    sha256     bytea NOT NULL CONSTRAINT import_sha256 CHECK (length(sha256) = 32),
    dry_run    boolean NOT NULL DEFAULT false,
    state      text NOT NULL DEFAULT 'running' CONSTRAINT import_state CHECK (state IN ('running', 'done')),
    total      int NOT NULL CONSTRAINT import_total CHECK (total > 0),
    applied    int NOT NULL DEFAULT 0,
    skipped    int NOT NULL DEFAULT 0,
    failed     int NOT NULL DEFAULT 0,
    last_line  int NOT NULL DEFAULT 0,
    member_id  bigint NOT NULL REFERENCES member,
    began_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at   timestamptz,
    CONSTRAINT import_ended CHECK ((state = 'done') = (ended_at IS NOT NULL))
);
ALTER TABLE import ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE import IS
    'A file whose rows become things of a company, and how far that is. Seen by who may import or '
    'export.';
COMMENT ON COLUMN import.id IS 'The import''s number.';
COMMENT ON COLUMN import.company_id IS 'The company.';
COMMENT ON COLUMN import.kind IS 'What its rows are.';
COMMENT ON COLUMN import.source IS 'Where they come from: keys count for a source.';
COMMENT ON COLUMN import.name IS 'What the file is called.';
COMMENT ON COLUMN import.sha256 IS 'The SHA-256 of the file, by which an import is gone on with.';
COMMENT ON COLUMN import.dry_run IS 'Rows are tried, and nothing of them stays.';
COMMENT ON COLUMN import.state IS 'running, or done.';
COMMENT ON COLUMN import.total IS 'How many rows the file has.';
COMMENT ON COLUMN import.applied IS 'How many came in; of a dry run: would have.';
COMMENT ON COLUMN import.skipped IS 'How many were there already.';
COMMENT ON COLUMN import.failed IS 'How many were left out because they are wrong.';
COMMENT ON COLUMN import.last_line IS 'The last line of the file that was dealt with; 0: none.';
COMMENT ON COLUMN import.member_id IS 'Who began it.';
COMMENT ON COLUMN import.began_at IS 'When it began.';
COMMENT ON COLUMN import.ended_at IS 'When it was done.';
CREATE INDEX import_of_company ON import (company_id, id DESC);
-- One that was cut off is gone on with; two that begin at once are one.
CREATE UNIQUE INDEX import_running ON import (company_id, kind, source, sha256, dry_run)
    WHERE state = 'running';

-- Foreign keys would be asked for each row: what stands here is copied from rows that cannot go.
CREATE TABLE external_ref (
    company_id bigint NOT NULL,
    kind       text NOT NULL,
    source     text NOT NULL,
    key        text NOT NULL CONSTRAINT external_ref_key CHECK (length(key) >= 1 AND length(key) <= 200),
    on_id      bigint NOT NULL,
    import_id  bigint,
    line       int,
    PRIMARY KEY (company_id, kind, source, key),
    CONSTRAINT external_ref_line CHECK ((import_id IS NULL) = (line IS NULL))
);
ALTER TABLE external_ref ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE external_ref IS
    'What other programs, and files, call a thing of ours: by that a row is known that is imported once '
    'more. Seen by who may import or export.';
COMMENT ON COLUMN external_ref.company_id IS 'The company.';
COMMENT ON COLUMN external_ref.kind IS 'What it is, as import.kind has it.';
COMMENT ON COLUMN external_ref.source IS 'Who calls it so; jiayi: our own exports.';
COMMENT ON COLUMN external_ref.key IS
    'What it is called there; of a row without a key #, and the SHA-256 of the row.';
COMMENT ON COLUMN external_ref.on_id IS 'The thing''s number.';
COMMENT ON COLUMN external_ref.import_id IS 'By which import it came; NULL: by none.';
COMMENT ON COLUMN external_ref.line IS 'In which line of that.';
-- By what a thing is called in an export.
CREATE INDEX external_ref_of ON external_ref (company_id, kind, on_id, source);

INSERT INTO permission (name, reads, shareable, note, noun_no, whole) VALUES
    ('data.import', 'data.import', false, 'import rows of tables', 32, true);
INSERT INTO transition (object, from_state, to_state, side, permission) VALUES
    ('import', 'running', 'done', 'author', 'data.import');
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, 'data.import', 'company' FROM role AS r WHERE r.company_id IS NULL AND r.name = 'admin';
