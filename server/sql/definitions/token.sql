-- Tokens: sessions of programs. What one may do is what the role permits at that moment, and of that
-- what was chosen when it was made.

CREATE OR REPLACE FUNCTION permits_bits(permits text[], permission text) RETURNS int
LANGUAGE sql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
    SELECT coalesce(bit_or(s.bits & CASE WHEN p.shareable THEN 15 ELSE 7 END), 0)
    FROM unnest($1) AS one(word)
    JOIN scope AS s ON s.word = split_part(one.word, ':', 2)
    JOIN permission AS p ON p.name = $2
    WHERE split_part(one.word, ':', 1) = $2
$$;
COMMENT ON FUNCTION permits_bits(text[], text) IS
    'How far a token with these permissions reaches with one of them; bits as in table scope.';
GRANT EXECUTE ON FUNCTION permits_bits(text[], text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION permits_sights(permits text[], sights text) RETURNS text
LANGUAGE sql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
    SELECT string_agg(chr(64 + (ascii(substr($2, n.no, 1)) & 15 & permits_bits($1, p.name))), ''
                      ORDER BY n.no)
    FROM generate_series(1, length($2)) AS n(no)
    LEFT JOIN permission AS p ON p.noun_no = n.no AND p.name LIKE '%.read'
$$;
COMMENT ON FUNCTION permits_sights(text[], text) IS
    'Of what a role sees, what a token with these permissions does.';
GRANT EXECUTE ON FUNCTION permits_sights(text[], text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION token_grants(r role, permits text[], OUT grants text[], OUT sights text,
    OUT wider text[]) LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF permits IS NULL THEN
        grants := r.grants;
        sights := r.sights;
        wider := r.wider;
        RETURN;
    END IF;
    SELECT array_agg(CASE WHEN g.no IN (1, 3) THEN g.word
                     ELSE nullif(split_part(g.word, ' ', 1)::int & permits_bits(permits, p.name), 0)
                         || ' ' || p.noun_no || ' ' || p.no END ORDER BY g.no)
    INTO grants
    FROM unnest(r.grants) WITH ORDINALITY AS g(word, no) LEFT JOIN permission AS p ON p.no = g.no;
    sights := permits_sights(permits, r.sights);
    wider := grants_wider(grants, sights);
END
$$;
COMMENT ON FUNCTION token_grants(role, text[]) IS
    'What a session of that role may do and see; of a token, of that what was chosen for it.';
GRANT EXECUTE ON FUNCTION token_grants(role, text[]) TO jiayi_auth;

CREATE OR REPLACE FUNCTION caller_grants() RETURNS TABLE (permission text, scope text, bits int)
LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    permits text[];
BEGIN
    IF caller() IS NOT NULL THEN
        permits := (SELECT s.permits FROM session AS s WHERE s.id = me_session());
    END IF;
    RETURN QUERY SELECT rp.permission, rp.scope,
        CASE WHEN permits IS NULL THEN rp.bits ELSE rp.bits & permits_bits(permits, rp.permission) END
    FROM member AS m JOIN role_permission AS rp ON rp.role_id = m.role_id WHERE m.id = caller();
END
$$;
COMMENT ON FUNCTION caller_grants() IS
    'What the caller may do: what the role permits, and of that what the token does where the call '
    'came with one.';
GRANT EXECUTE ON FUNCTION caller_grants() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION token_open(
    name text, grants text[], expires date, token_hash bytea, client text, address text,
    OUT id bigint, OUT ends_at timestamptz, OUT made_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    today  date := today();
    beyond text;
BEGIN
    SELECT s.id, s.expires_at, s.created_at INTO id, ends_at, made_at
    FROM session AS s WHERE s.token_hash = token_open.token_hash;
    IF id IS NOT NULL THEN
        RETURN; -- the transaction was begun again after it ended well
    END IF;
    PERFORM factor_fresh();
    IF expires < today OR expires > today + 366 THEN
        PERFORM refuse('JY003', 'a token ends within 366 days, by %s', ROW(today + 366), field => 'expires');
    END IF;
    PERFORM refuse('JY003', 'unknown permission %s; jiayi whoami lists yours', ROW(split_part(g, ':', 1)), field => 'grants')
    FROM unnest(grants) AS g WHERE split_part(g, ':', 1) NOT IN (SELECT p.name FROM permission AS p);
    PERFORM refuse('JY003', 'unknown scope %s; take own, own+shared, team, '
            'team+shared, company or partners', ROW(split_part(g, ':', 2)), field => 'grants')
    FROM unnest(grants) AS g WHERE split_part(g, ':', 2) NOT IN (SELECT s.word FROM scope AS s);
    SELECT g INTO beyond FROM unnest(grants) AS g
    LEFT JOIN caller_grants() AS mine ON mine.permission = split_part(g, ':', 1)
    WHERE permits_bits(ARRAY[g], split_part(g, ':', 1)) & ~coalesce(mine.bits, 0) <> 0 LIMIT 1;
    IF beyond IS NOT NULL THEN
        PERFORM refuse('JY007', 'you cannot give a token %s, for you do not have it '
            'yourself', ROW(beyond));
    ELSIF EXISTS (SELECT FROM session AS s WHERE s.member_id = me_member() AND s.kind = 'token'
            AND s.name = token_open.name AND s.revoked_at IS NULL AND s.expires_at > now()) THEN
        PERFORM refuse('JY006', 'you have a token %s already, which was shown once; take '
            'another name, or end it: jiayi token list', ROW(name));
    END IF;
    INSERT INTO session (member_id, token_hash, client, address, last_address, kind, name, permits,
        idle_timeout, expires_at, second_factor_at)
    VALUES (me_member(), token_open.token_hash, left(token_open.client, 200),
        left(token_open.address, 100), left(token_open.address, 100), 'token', token_open.name, grants,
        interval '367 days', least(day_begins(me_company(), expires + 1),
            now() + interval '366 days'),
        (SELECT s.second_factor_at FROM session AS s WHERE s.id = me_session()))
    RETURNING session.id, session.expires_at, session.created_at INTO id, ends_at, made_at;
END
$$;
COMMENT ON FUNCTION token_open(text, text[], date, bytea, text, text) IS
    'Makes a token of the caller''s; token_hash is the SHA-256 of it. It may do no more than the '
    'caller, and ends with the day that is given.';
GRANT EXECUTE ON FUNCTION token_open(text, text[], date, bytea, text, text) TO jiayi_login;

CREATE OR REPLACE FUNCTION session_revoke(session_id bigint) RETURNS SETOF bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY UPDATE session AS s SET revoked_at = now()
    WHERE s.member_id = me_member() AND s.revoked_at IS NULL
      AND CASE WHEN session_revoke.session_id IS NULL THEN s.id <> me_session()
               ELSE s.id = session_revoke.session_id END
    RETURNING s.id;
    IF NOT FOUND AND session_id IS NOT NULL THEN
        PERFORM refuse('JY005', 'there is no session %s that you can see', ROW(session_id));
    END IF;
END
$$;
COMMENT ON FUNCTION session_revoke(bigint) IS
    'Ends one of the caller''s sessions, or a token; NULL: all but the one that calls.';
GRANT EXECUTE ON FUNCTION session_revoke(bigint) TO jiayi_app;
