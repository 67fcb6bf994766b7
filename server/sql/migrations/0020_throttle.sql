-- Wrong passwords slow down who sends them, and nobody else: budgets of an account in a network, of
-- a network, of a device that signed in before and of a session, instead of a lock for an account.
-- definitions: 4940f0a42d766a93ecc55da15d2f8400f1f30f29dcaa6f9957ed9f4f3ecb4b8a

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- Functions that go, or change their arguments

DROP FUNCTION IF EXISTS login_find(text, text, text);
DROP FUNCTION IF EXISTS login_fail(text, text);
DROP FUNCTION IF EXISTS login_check(text, text);
DROP FUNCTION IF EXISTS login_wait(text, text);
DROP FUNCTION IF EXISTS password_find(text);
DROP TABLE login_failure;

CREATE TABLE throttle (
    budget text NOT NULL
           CHECK (budget IN ('account', 'device', 'member', 'network', 'pair')),
    key    text NOT NULL,
    level  double precision NOT NULL CHECK (level >= 0),
    at     timestamptz NOT NULL,
    PRIMARY KEY (budget, key)
);
COMMENT ON TABLE throttle IS
    'What wrong passwords have used of the budgets, for slowing down. No call sees this table.';
COMMENT ON COLUMN throttle.budget IS
    'pair (an account in a network), network, account (from wherever), device (one that signed in '
    'before), or member (changing the own password).';
COMMENT ON COLUMN throttle.key IS
    'Whose: the address and the company as they were typed, whether there is such an account or '
    'not, and the network; or the number of the device or the member.';
COMMENT ON COLUMN throttle.level IS 'Wrong passwords that were not forgotten yet, as of then.';
COMMENT ON COLUMN throttle.at IS 'When the last one was.';
-- Old ones, for housekeeping.
CREATE INDEX throttle_at ON throttle (at);
ALTER TABLE throttle ENABLE ROW LEVEL SECURITY;

CREATE TABLE device (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id     bigint NOT NULL REFERENCES member,
    secret_sha256 bytea NOT NULL CONSTRAINT device_secret_unique UNIQUE
                  CHECK (length(secret_sha256) = 32),
    created_at    timestamptz NOT NULL DEFAULT now(),
    last_seen_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE device IS
    'A device that a member signed in on: others'' wrong passwords do not slow it down. No call '
    'sees this table.';
COMMENT ON COLUMN device.id IS 'The device''s number.';
COMMENT ON COLUMN device.member_id IS 'Who signed in on it.';
COMMENT ON COLUMN device.secret_sha256 IS
    'The SHA-256 of the secret that the client keeps and shows when it signs in again.';
COMMENT ON COLUMN device.created_at IS 'When the member first signed in on it.';
COMMENT ON COLUMN device.last_seen_at IS 'When the member last did.';
-- A member's devices, by when they were last seen.
CREATE INDEX device_of_member ON device (member_id, last_seen_at DESC);
-- Those that nobody has any more, for housekeeping.
CREATE INDEX device_seen ON device (last_seen_at);
ALTER TABLE device ENABLE ROW LEVEL SECURITY;
