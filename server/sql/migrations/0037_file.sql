-- Files on deals, reports and other things: they come in chunks, and are evidence once complete.
-- definitions: 41f13098cb202e03406e5a49f2b63d7ef1ab75cc2376025469fc04081a14c5ae

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

ALTER TABLE object_kind ADD COLUMN attachable boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN object_kind.attachable IS 'Whether files can be put on it: file put.';
ALTER TABLE object_kind DISABLE TRIGGER USER;
UPDATE object_kind SET attachable = true WHERE kind IN ('deal', 'activity', 'report', 'partner');
ALTER TABLE object_kind ENABLE TRIGGER USER;

CREATE TABLE file (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id        bigint NOT NULL,
    author_company_id bigint NOT NULL REFERENCES company,
    audience          text NOT NULL DEFAULT 'shared'
                      CONSTRAINT file_audience CHECK (audience IN ('shared', 'internal')),
    on_kind           smallint NOT NULL REFERENCES object_kind,
    on_id             bigint NOT NULL,
    version           int,
    name              text NOT NULL CONSTRAINT file_name CHECK (octet_length(name) >= 1
                          AND octet_length(name) <= 255 AND name <> '.' AND name <> '..'
                          AND name !~ '[/\x01-\x1f\x7f]'),
    bytes             bigint NOT NULL CONSTRAINT file_bytes CHECK (bytes BETWEEN 1 AND 10485760),
    sha256            bytea NOT NULL CONSTRAINT file_sha256 CHECK (length(sha256) = 32),
    state             text NOT NULL DEFAULT 'uploading'
                      CONSTRAINT file_state CHECK (state IN ('uploading', 'complete')),
    member_id         bigint NOT NULL REFERENCES member,
    begun_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    completed_at      timestamptz,
    CONSTRAINT file_completed CHECK ((state = 'complete') = (completed_at IS NOT NULL))
);
ALTER TABLE file ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE file IS
    'A file that somebody put on a thing. Until it is complete only its author sees it; from then on it '
    'is evidence, and seen as a comment on the thing is.';
COMMENT ON COLUMN file.id IS 'The file''s number.';
COMMENT ON COLUMN file.company_id IS 'The thing''s company, copied by a trigger.';
COMMENT ON COLUMN file.author_company_id IS
    'The company of who put it there, whose quota it takes; set by a trigger.';
COMMENT ON COLUMN file.audience IS 'shared, or internal: for the company of who put it there alone.';
COMMENT ON COLUMN file.on_kind IS 'What it was put on: the kind of thing.';
COMMENT ON COLUMN file.on_id IS 'Its number.';
COMMENT ON COLUMN file.version IS
    'The version that the thing had when the upload was begun, or last gone on with; NULL: it has none.';
COMMENT ON COLUMN file.name IS 'What it is called; the name of a file in a folder, never a path.';
COMMENT ON COLUMN file.bytes IS 'How long it is.';
COMMENT ON COLUMN file.sha256 IS 'The SHA-256 of its bytes: what arrived has it, or was not kept.';
COMMENT ON COLUMN file.state IS 'uploading, while chunks are added; then complete.';
COMMENT ON COLUMN file.member_id IS 'Who put it there.';
COMMENT ON COLUMN file.begun_at IS
    'When its upload was begun, or last gone on with; a day later it is given up.';
COMMENT ON COLUMN file.completed_at IS 'When it was complete.';
-- What is on a thing, the newest first.
CREATE INDEX file_of ON file (on_kind, on_id, id DESC);
-- What a company's files take.
CREATE INDEX file_of_author_company ON file (author_company_id) INCLUDE (bytes);
-- An upload that is begun again goes on.
CREATE UNIQUE INDEX file_uploading ON file (member_id, on_kind, on_id, name, sha256, bytes, audience)
    WHERE state = 'uploading';

CREATE TABLE file_chunk (
    file_id bigint NOT NULL REFERENCES file ON DELETE CASCADE,
    seq     int NOT NULL CONSTRAINT file_chunk_seq CHECK (seq >= 0),
    data    bytea NOT NULL CONSTRAINT file_chunk_data CHECK (length(data) BETWEEN 1 AND 262144),
    PRIMARY KEY (file_id, seq)
);
ALTER TABLE file_chunk ENABLE ROW LEVEL SECURITY;
-- Most files are compressed already.
ALTER TABLE file_chunk ALTER COLUMN data SET STORAGE EXTERNAL;
COMMENT ON TABLE file_chunk IS
    'A piece of a file: 256 KiB, the last one what is left. Seen with the file, and evidence with it.';
COMMENT ON COLUMN file_chunk.file_id IS 'The file.';
COMMENT ON COLUMN file_chunk.seq IS 'Its place in the file, from 0.';
COMMENT ON COLUMN file_chunk.data IS 'Its bytes.';

INSERT INTO permission (name, reads, shareable, note, noun_no) VALUES
    ('file.add', 'file.add', false, 'put files on what one sees', 36);
INSERT INTO transition (object, from_state, to_state, side, permission) VALUES
    ('file', 'uploading', 'complete', 'author', 'file.add');
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, 'file.add', 'company' FROM role AS r
WHERE r.company_id IS NULL AND r.name IN ('admin', 'manager', 'salesperson', 'partner', 'vendor');
