-- Keys by which members sign: the public halves.
-- definitions: 1021ca9dafc04958a4895e8989f94876ed6becd1e32cfa644df8a3bcf4ec25e2

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE TABLE member_key (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id  bigint NOT NULL REFERENCES member,
    public_key bytea NOT NULL CONSTRAINT member_key_unique UNIQUE CHECK (length(public_key) = 32),
    note       text CHECK (length(note) BETWEEN 1 AND 100),
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
COMMENT ON TABLE member_key IS
    'The public keys by which members sign, also those that they revoked: old signatures are checked '
    'by them. Seen by the member''s company and its partners.';
COMMENT ON COLUMN member_key.id IS 'The key''s number.';
COMMENT ON COLUMN member_key.member_id IS 'Whose it is.';
COMMENT ON COLUMN member_key.public_key IS 'The public half, Ed25519; the private one is the client''s.';
COMMENT ON COLUMN member_key.note IS 'What the member says of it: on which machine it is.';
COMMENT ON COLUMN member_key.created_at IS 'When it was added.';
COMMENT ON COLUMN member_key.revoked_at IS 'Since when it signs no more; NULL: it does.';
-- A member's keys, the newest first.
CREATE INDEX member_key_of_member ON member_key (member_id, id DESC);
ALTER TABLE member_key ENABLE ROW LEVEL SECURITY;
