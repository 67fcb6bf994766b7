-- Tokens for programs: sessions with a name and an end, that may do no more than was chosen.
-- definitions: 36d9950b0d89784f14ac5d8b4685eb11bf98208f2c218438fe18dce31b302b52

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

ALTER TABLE session DISABLE TRIGGER USER;
ALTER TABLE session
    ADD COLUMN kind text NOT NULL DEFAULT 'login' CHECK (kind IN ('login', 'token')),
    ADD COLUMN name text CHECK (length(name) BETWEEN 1 AND 100),
    ADD COLUMN permits text[],
    ADD CONSTRAINT session_token_is_whole CHECK (
        (kind = 'token') = (name IS NOT NULL) AND (kind = 'token') = (permits IS NOT NULL));
ALTER TABLE session ENABLE TRIGGER USER;
COMMENT ON TABLE session IS 'A sign-in, or a token of a program. A member sees their own.';
COMMENT ON COLUMN session.kind IS
    'login: somebody signed in; token: made by its member for a program.';
COMMENT ON COLUMN session.name IS 'What the member calls a token; NULL of a login.';
COMMENT ON COLUMN session.permits IS
    'What a token may do of what the member''s role permits: permissions, each with its scope. NULL '
    'of a login: all of it.';
