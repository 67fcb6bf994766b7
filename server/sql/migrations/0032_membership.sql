-- Memberships of one person in several companies: `company link` ties them together by both
-- passwords, `company switch` goes from one to the other.
-- definitions: 1eb6e3b0eb6cfffc333bd859b0a1ec15fd5ee7cedfe8cfbeb0b1f216c90c09a9

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- What is noted here nobody did: it is no entry in anybody's log.
ALTER TABLE credential DISABLE TRIGGER USER;
ALTER TABLE member DISABLE TRIGGER USER;

ALTER TABLE credential ADD COLUMN own boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN credential.own IS
    'Whether the member chose it, by a code or as a change of the password before: only who did '
    'links memberships.';
UPDATE credential AS k SET own = true
WHERE k.set_by IS NULL AND NOT k.once AND EXISTS (
    SELECT FROM join_code AS j WHERE j.member_id = k.member_id AND j.used_at IS NOT NULL);

ALTER TABLE member ADD COLUMN linked_at timestamptz;
COMMENT ON COLUMN member.linked_at IS
    'Since when the person switches to and from it: who linked it had chosen its password. NULL: '
    'not at all.';
-- Those that were linked by joining; what was opened before does not switch.
UPDATE member AS m SET linked_at = now()
FROM credential AS k
WHERE k.member_id = m.id AND k.own AND EXISTS (
    SELECT FROM member AS o JOIN credential AS c ON c.member_id = o.id
    WHERE o.person_id = m.person_id AND o.id <> m.id AND c.own);

ALTER TABLE session
    ADD COLUMN via_id bigint CONSTRAINT session_via REFERENCES session ON DELETE CASCADE;
COMMENT ON COLUMN session.via_id IS
    'The session, of another membership of the person, that it was opened from by switching; with '
    'which it ends. NULL: by a password.';
-- What was opened from a session.
CREATE INDEX session_by_via ON session (via_id) WHERE via_id IS NOT NULL;

ALTER TABLE credential ENABLE TRIGGER USER;
ALTER TABLE member ENABLE TRIGGER USER;
