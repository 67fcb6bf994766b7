-- Signing in: which accounts, how often, and the sessions that come of it.

CREATE OR REPLACE FUNCTION login_wait(email text, address text) RETURNS interval LANGUAGE sql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
    SELECT max(f.at) + interval '15 minutes' - now() FROM (
        (SELECT f.at FROM login_failure AS f WHERE f.email = $1 AND f.address = $2
            AND f.at > now() - interval '15 minutes'
         ORDER BY f.at DESC OFFSET 9 LIMIT 1)
        UNION ALL
        (SELECT f.at FROM login_failure AS f WHERE f.email = $1
            AND f.at > now() - interval '15 minutes' ORDER BY f.at DESC OFFSET 99 LIMIT 1)
        UNION ALL
        (SELECT f.at FROM login_failure AS f WHERE f.address = $2
            AND f.at > now() - interval '15 minutes' ORDER BY f.at DESC OFFSET 99 LIMIT 1)
    ) AS f
$$;
COMMENT ON FUNCTION login_wait(text, text) IS
    'How long an account waits after wrong passwords: 10 from one address, or 100 in all, or 100 '
    'from an address for any account, in 15 minutes. NULL: it need not.';
GRANT EXECUTE ON FUNCTION login_wait(text, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION login_check(email text, address text) RETURNS void
    LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    wait interval := login_wait(email, address);
BEGIN
    IF wait IS NOT NULL THEN
        PERFORM refuse('JY008', format('too many wrong passwords; try again in %s minutes',
            ceil(extract(epoch FROM wait) / 60)),
                       'retry_after_ms=' || greatest(1, ceil(extract(epoch FROM wait) * 1000)));
    END IF;
END
$$;
COMMENT ON FUNCTION login_check(text, text) IS
    'Refuses an account that has to wait after wrong passwords.';
GRANT EXECUTE ON FUNCTION login_check(text, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION login_find(email text, company text, address text)
    RETURNS TABLE (member_id bigint, company_slug text, phc text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM login_check(lower(email), coalesce(address, ''));
    RETURN QUERY
    SELECT f.id, f.slug, f.phc
    FROM (SELECT m.id, c.slug, k.phc, dense_rank() OVER (ORDER BY k.phc) AS nth
          FROM person AS p
          JOIN member AS m ON m.person_id = p.id
          JOIN credential AS k ON k.member_id = m.id
          JOIN company AS c ON c.id = m.company_id
          WHERE p.email = lower(login_find.email) AND m.state = 'active'
            AND (login_find.company IS NULL OR c.slug = login_find.company)) AS f
    -- To check a password takes long: of very many different ones only some are tried.
    WHERE f.nth <= 5
    ORDER BY f.phc, f.slug;
END
$$;
COMMENT ON FUNCTION login_find(text, text, text) IS
    'What is needed to check a password: the memberships of that address, those of one password '
    'together. Nothing of it may be told before the password is right.';
GRANT EXECUTE ON FUNCTION login_find(text, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION login_fail(email text, address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO login_failure (email, address) VALUES (left(lower(login_fail.email), 254),
        left(coalesce(login_fail.address, ''), 100));
END
$$;
COMMENT ON FUNCTION login_fail(text, text) IS 'Notes a wrong password.';
GRANT EXECUTE ON FUNCTION login_fail(text, text) TO jiayi_app;

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
    'Opens a session for a member whose password was right; again for the same token, it is the '
    'same session. token_hash is the SHA-256 of the token.';
GRANT EXECUTE ON FUNCTION login_open(bigint, bytea, text, text) TO jiayi_app;

---- Tables

-- That a session was used is no change that anybody looks for.
CALL protect('session', 'id', '', 'token_hash,last_seen_at,last_address',
    'INSERT OR DELETE OR UPDATE OF revoked_at');
CREATE POLICY own ON session FOR SELECT TO jiayi_app USING (member_id = me_member());
CREATE POLICY own_update ON session FOR UPDATE TO jiayi_app USING (member_id = me_member());
GRANT SELECT (id, member_id, client, address, created_at, last_seen_at, last_address,
    idle_timeout, expires_at, revoked_at),
      UPDATE (revoked_at) ON session TO jiayi_app;
CALL open_to_auth('session', 'SELECT, INSERT, UPDATE, DELETE');

CALL protect('login_failure', NULL);
CALL open_to_auth('login_failure', 'SELECT, INSERT, DELETE');
