-- A signature may be made by the signer's own key: it is kept with the bytes that were signed, so that anybody can verify it
-- definitions: fa5c547322d61be0f259a1dfb950e7a46ae9eadd022b8e1b174f10742692edc1
-- without the server. Which key that was, and the signature, are in the ledger's entry too.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

ALTER TABLE signature ADD COLUMN key_id bigint REFERENCES member_key, ADD COLUMN note text, ADD COLUMN signature bytea;
ALTER TABLE signature ADD CONSTRAINT signature_note CHECK (length(note) <= 1000);
ALTER TABLE signature ADD CONSTRAINT signature_bytes CHECK (length(signature) = 64);
ALTER TABLE signature ADD CONSTRAINT signature_by_key CHECK ((key_id IS NULL) = (note IS NULL));
ALTER TABLE signature ADD CONSTRAINT signature_of_note CHECK ((key_id IS NULL) = (signature IS NULL));
COMMENT ON COLUMN signature.key_id IS
    'By which key of the signer''s own, as it was then; NULL: by none, but in a session of the signer''s.';
COMMENT ON COLUMN signature.note IS 'The bytes, in UTF-8, that the key signed: what signature_note() gives.';
COMMENT ON COLUMN signature.signature IS 'The key''s Ed25519 signature of them.';
CREATE INDEX signature_of_key ON signature (key_id) WHERE key_id IS NOT NULL;

-- Names in the order of RFC 8785.
DROP TYPE ledger_signature;
CREATE TYPE ledger_signature AS (at timestamp, author bigint, capacity text, company bigint, key text, kind text,
    nonce uuid, partner bigint, ref text, sha256 text, side bigint, signature text, version int);
COMMENT ON TYPE ledger_signature IS
    'An entry of a signature: who signed as what for which company (side), the SHA-256 of the text, and where it was signed by '
    'a key, its public half and what it made of the note.';

DROP FUNCTION IF EXISTS contract_sign(bigint, text);
DROP FUNCTION IF EXISTS contract_show(bigint, int);
