-- A session that is opened a second time is the same session. The server begins a transaction again when its connection is
-- lost before it knows how the first one ended; a token is 256 random bits, so its hash is nobody else's.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE OR REPLACE FUNCTION login_open(
    member_id bigint, token_hash bytea, client text, address text,
    OUT session_id bigint, OUT expires_at timestamptz, OUT email text, OUT name text,
    OUT company text, OUT role text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    who record;
BEGIN
    SELECT m.id, m.company_id, m.email, m.name, c.slug, r.name AS role INTO who
    FROM member AS m JOIN company AS c ON c.id = m.company_id JOIN role AS r ON r.id = m.role_id
    WHERE m.id = login_open.member_id AND m.state = 'active' FOR KEY SHARE OF m;
    IF who.id IS NULL THEN
        PERFORM refuse('JY016', 'wrong e-mail address, password or company');
    END IF;
    -- From here on it is this member who acts; the log of changes says so.
    PERFORM set_config('jiayi.member_id', who.id::text, true), set_config('jiayi.company_id',
        who.company_id::text, true);
    DELETE FROM login_failure AS f WHERE f.email = who.email
        AND f.address = coalesce(login_open.address, '');
    SELECT s.id, s.expires_at INTO session_id, expires_at FROM session AS s
    WHERE s.token_hash = login_open.token_hash AND s.member_id = who.id;
    IF session_id IS NULL THEN
        INSERT INTO session (member_id, token_hash, client, address, last_address)
        VALUES (who.id, login_open.token_hash, left(login_open.client, 200),
            left(login_open.address, 100), left(login_open.address, 100))
        RETURNING id, session.expires_at INTO session_id, expires_at;
    END IF;
    email := who.email;
    name := who.name;
    company := who.slug;
    role := who.role;
END
$$;
COMMENT ON FUNCTION login_open(bigint, bytea, text, text) IS
    'Opens a session for a member whose password was right; again for the same token, it is the same session. '
    'token_hash is the SHA-256 of the token.';
