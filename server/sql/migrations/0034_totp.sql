-- A second factor: one-time codes of an authenticator. Its secrets are sealed by a key that the
-- server's folder has and the database has not.
-- definitions: 29d2605f8bed18d4047dc770f65f4f8d0a93b96ef827da028f5857bee76bc1f1

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- It answers the second factor as well.
DROP FUNCTION IF EXISTS login_find(text, text, text, bytea);
DROP FUNCTION IF EXISTS link_find(text, text, text);
DROP FUNCTION IF EXISTS switch_find(text);

CREATE TABLE server_key (
    id      text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{16}$'),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE server_key IS
    'The keys that seal secrets here, by their ids; the keys are in the server''s folder. The '
    'newest seals. No call sees this table.';
COMMENT ON COLUMN server_key.id IS 'The beginning of the SHA-256 of the key.';
COMMENT ON COLUMN server_key.made_at IS 'Since when it seals.';
ALTER TABLE server_key ENABLE ROW LEVEL SECURITY;

CREATE TABLE member_totp (
    member_id     bigint PRIMARY KEY REFERENCES member,
    key_id        text NOT NULL REFERENCES server_key,
    secret_sealed bytea NOT NULL CHECK (length(secret_sealed) BETWEEN 29 AND 200),
    last_step     bigint NOT NULL DEFAULT 0,
    offered_at    timestamptz NOT NULL DEFAULT now(),
    confirmed_at  timestamptz
);
COMMENT ON TABLE member_totp IS 'A member''s authenticator. No call sees this table.';
COMMENT ON COLUMN member_totp.member_id IS 'Whose it is.';
COMMENT ON COLUMN member_totp.key_id IS 'The key that sealed the secret.';
COMMENT ON COLUMN member_totp.secret_sealed IS 'The secret, sealed for this member.';
COMMENT ON COLUMN member_totp.last_step IS
    'The step of 30 seconds whose code was used last: it and those before count no more.';
COMMENT ON COLUMN member_totp.offered_at IS 'When the secret was made.';
COMMENT ON COLUMN member_totp.confirmed_at IS
    'When the member showed the first code of it; NULL: it was only offered, and is not asked for.';
ALTER TABLE member_totp ENABLE ROW LEVEL SECURITY;
CREATE INDEX member_totp_by_key ON member_totp (key_id);

CREATE TABLE recovery_code (
    member_id   bigint NOT NULL REFERENCES member,
    code_sha256 bytea NOT NULL CHECK (length(code_sha256) = 32),
    used_at     timestamptz,
    PRIMARY KEY (member_id, code_sha256)
);
COMMENT ON TABLE recovery_code IS
    'Codes for a member who lost the authenticator, each good once. No call sees this table.';
COMMENT ON COLUMN recovery_code.member_id IS 'Whose it is.';
COMMENT ON COLUMN recovery_code.code_sha256 IS
    'The SHA-256 of the code, which was shown once and is nowhere.';
COMMENT ON COLUMN recovery_code.used_at IS 'When it was used; NULL: it was not.';
ALTER TABLE recovery_code ENABLE ROW LEVEL SECURITY;

CREATE TABLE company_role_setting (
    company_id    bigint NOT NULL REFERENCES company,
    role_id       bigint NOT NULL REFERENCES role ON DELETE CASCADE,
    requires_totp boolean NOT NULL DEFAULT false,
    PRIMARY KEY (company_id, role_id)
);
COMMENT ON TABLE company_role_setting IS
    'What a company decided about a role, which may be one that is built in. The company sees its '
    'own.';
COMMENT ON COLUMN company_role_setting.company_id IS 'The company.';
COMMENT ON COLUMN company_role_setting.role_id IS 'The role.';
COMMENT ON COLUMN company_role_setting.requires_totp IS
    'Whether who has the role needs a second factor.';
CREATE INDEX company_role_setting_by_role ON company_role_setting (role_id);
ALTER TABLE company_role_setting ENABLE ROW LEVEL SECURITY;

ALTER TABLE session
    ADD COLUMN second_factor_at timestamptz,
    ADD COLUMN needs_factor boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN session.second_factor_at IS
    'When the second factor was shown last; NULL: never. A token has it of the session that made it.';
COMMENT ON COLUMN session.needs_factor IS
    'The role requires a second factor, and none was shown: it may do nothing but show one. Kept by '
    'triggers.';
