-- Signing in: which accounts, and the sessions that come of it; how often: throttle.sql. The connections that sign
-- people in are jiayi_login, which has these functions and no table.

GRANT USAGE ON SCHEMA jiayi TO jiayi_login;

CREATE OR REPLACE FUNCTION login_find(email text, company text, address text, device bytea,
    OUT member_id bigint, OUT phc text, OUT totp_key text, OUT totp_sealed text, OUT totp_after bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM throttle_refuse(throttle_wait(email, company, address, device));
    SELECT m.id, k.phc INTO member_id, phc
    FROM member AS m
    JOIN credential AS k ON k.member_id = m.id
    JOIN company AS c ON c.id = m.company_id
    WHERE m.email = lower(login_find.email) AND m.state = 'active' AND k.spent_at IS NULL
      AND (login_find.company IS NULL OR c.slug = login_find.company)
    ORDER BY m.company_id IS NOT DISTINCT FROM domain_owner(m.email) DESC, m.id LIMIT 1;
    SELECT f.* INTO totp_key, totp_sealed, totp_after FROM factor_of(login_find.member_id) AS f;
END
$$;
COMMENT ON FUNCTION login_find(text, text, text, bytea) IS
    'What is needed to check a password: the one membership that is meant - in the company named, '
    'else in the one that has the address''s domain, else the oldest. Nothing of it may be told '
    'before the password is right. NULL: there is none. totp_: what its second factor is checked by.';
GRANT EXECUTE ON FUNCTION login_find(text, text, text, bytea) TO jiayi_login;

CREATE OR REPLACE FUNCTION login_open(
    member_id bigint, token_hash bytea, client text, address text, keep boolean DEFAULT false,
    OUT session_id bigint, OUT expires_at timestamptz, OUT email text, OUT name text,
    OUT company text, OUT role text, OUT password_set_by text, OUT password_spent boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    who record;
BEGIN
    SELECT m.id, m.company_id, m.email, m.name, c.slug, r.name AS role INTO who
    FROM member AS m JOIN company AS c ON c.id = m.company_id JOIN role AS r ON r.id = m.role_id
    WHERE m.id = login_open.member_id AND m.state = 'active' FOR SHARE OF m;
    SELECT s.id, s.expires_at INTO session_id, expires_at FROM session AS s
    WHERE s.token_hash = login_open.token_hash AND s.member_id = who.id;
    -- From here on it is this member who acts; the log of changes says so.
    PERFORM set_config('jiayi.member_id', who.id::text, true), set_config('jiayi.company_id',
        who.company_id::text, true);
    SELECT b.email, k.once INTO password_set_by, password_spent
    FROM credential AS k LEFT JOIN member AS b ON b.id = k.set_by
    WHERE k.member_id = who.id AND (k.spent_at IS NULL OR session_id IS NOT NULL) FOR UPDATE OF k;
    IF NOT FOUND THEN
        PERFORM refuse('JY016',
            'address, password or company is wrong; if you act for several, add --company');
    END IF;
    UPDATE credential AS k SET spent_at = now()
    WHERE k.member_id = who.id AND k.once AND k.spent_at IS NULL;
    IF session_id IS NULL THEN
        INSERT INTO session (member_id, token_hash, client, address, last_address, idle_timeout)
        VALUES (who.id, login_open.token_hash, left(login_open.client, 200),
            left(login_open.address, 100), left(login_open.address, 100),
            session_idle(who.company_id, keep))
        RETURNING id, session.expires_at INTO session_id, expires_at;
    END IF;
    email := who.email;
    name := who.name;
    company := who.slug;
    role := who.role;
END
$$;
COMMENT ON FUNCTION login_open(bigint, bytea, text, text, boolean) IS
    'Opens a session for a member whose password was right; again for the same token, it is the '
    'same session; kept on a device, it may be unused for as many days as the company says. token_hash '
    'is the SHA-256 of the token. password_set_by: who set the password, '
    'where that was somebody else; password_spent: it opens no other session.';
GRANT EXECUTE ON FUNCTION login_open(bigint, bytea, text, text, boolean) TO jiayi_login;

CREATE OR REPLACE FUNCTION login_factor(session_id bigint, step bigint, code_sha256 bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    opened session;
BEGIN
    SELECT s.* INTO opened FROM session AS s WHERE s.id = login_factor.session_id;
    IF opened.second_factor_at IS NULL AND factor_use(opened.member_id, step, login_factor.code_sha256) THEN
        UPDATE session AS s SET second_factor_at = now() WHERE s.id = opened.id;
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION login_factor(bigint, bigint, bytea) IS
    'Uses up the code that a session was opened with, of who has a second factor; the call ends where '
    'it was used before. The transaction may be begun again after it ended well.';
GRANT EXECUTE ON FUNCTION login_factor(bigint, bigint, bytea) TO jiayi_login;

CREATE OR REPLACE FUNCTION login_replace(session_id bigint, before bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    opened session;
    had    session;
BEGIN
    SELECT s.* INTO opened FROM session AS s WHERE s.id = login_replace.session_id;
    SELECT s.* INTO had FROM session AS s
    WHERE s.token_hash = login_replace.before AND s.kind = 'login' AND s.id <> opened.id;
    -- What was opened by switching was all that its page had: where it came from has no holder any more.
    IF had.via_id IS NOT NULL THEN
        SELECT s.* INTO had FROM session AS s WHERE s.id = had.via_id;
    END IF;
    IF had.member_id = opened.member_id THEN
        UPDATE session AS s SET revoked_at = now() WHERE s.id = had.id AND s.revoked_at IS NULL;
    ELSE
        PERFORM session_expire(ARRAY(SELECT s.id FROM session AS s WHERE s.id = had.id OR s.via_id = had.id));
    END IF;
END
$$;
COMMENT ON FUNCTION login_replace(bigint, bytea) IS
    'Who showed a session in signing in goes on in the one that was opened: that one ends. before is the '
    'SHA-256 of its token; NULL: there was none.';
GRANT EXECUTE ON FUNCTION login_replace(bigint, bytea) TO jiayi_login;

---- Codes by which members set a first password

CREATE OR REPLACE FUNCTION join_find(code text, OUT member_id bigint, OUT email text, OUT home text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    SELECT m.id, m.email, h.slug INTO member_id, email, home
    FROM join_code AS j JOIN member AS m ON m.id = j.member_id
    LEFT JOIN company AS h ON h.id = domain_owner(m.email) AND h.id <> m.company_id
    WHERE j.code_sha256 = sha256(convert_to(join_find.code, 'UTF8'))
      AND j.used_at IS NULL AND j.expires_at > now() AND m.state = 'active';
    IF member_id IS NULL THEN
        PERFORM refuse('JY016',
            'the code is wrong, out of date or was used already; ask for a new one');
    END IF;
END
$$;
COMMENT ON FUNCTION join_find(text) IS
    'Whose code it is; the call ends where it is nobody''s. home: where the address''s domain is '
    'another company''s, that one, so that only who signs in there joins here.';
GRANT EXECUTE ON FUNCTION join_find(text) TO jiayi_login;

CREATE OR REPLACE FUNCTION join_open(
    code text, phc text, token_hash bytea, client text, address text, keep boolean DEFAULT false,
    home_step bigint DEFAULT NULL, home_code_sha256 bytea DEFAULT NULL,
    OUT session_id bigint, OUT expires_at timestamptz, OUT email text, OUT name text,
    OUT company text, OUT role text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    who     bigint;
    at_home bigint;
BEGIN
    -- The transaction may be begun again after it ended well: then there is the session.
    SELECT s.member_id INTO who FROM session AS s WHERE s.token_hash = join_open.token_hash;
    IF who IS NULL THEN
        SELECT f.member_id, h.id INTO who, at_home FROM join_find(code) AS f
        LEFT JOIN company AS c ON c.slug = f.home
        LEFT JOIN member AS h ON h.company_id = c.id AND h.email = f.email;
        UPDATE join_code AS j SET used_at = now() WHERE j.member_id = who AND j.used_at IS NULL
            AND j.code_sha256 = sha256(convert_to(join_open.code, 'UTF8'));
        IF NOT FOUND THEN
            PERFORM join_find(code); -- somebody else was faster
        END IF;
        PERFORM set_config('jiayi.member_id', who::text, true), set_config('jiayi.company_id',
            (SELECT m.company_id FROM member AS m WHERE m.id = who)::text, true);
        INSERT INTO credential (member_id, phc, own) VALUES (who, join_open.phc, true);
        IF at_home IS NOT NULL THEN
            -- Who signed in at home linked the two.
            PERFORM factor_use(at_home, home_step, home_code_sha256), link_join(at_home, who);
        END IF;
    END IF;
    SELECT o.session_id, o.expires_at, o.email, o.name, o.company, o.role
    INTO session_id, expires_at, email, name, company, role
    FROM login_open(who, join_open.token_hash, join_open.client, join_open.address, keep) AS o;
END
$$;
COMMENT ON FUNCTION join_open(text, text, bytea, text, text, boolean, bigint, bytea) IS
    'Redeems a code: sets the member''s password, whose hash is phc, and opens a session, as '
    'login_open() does; who signed in at home uses up the code of a second factor there.';
GRANT EXECUTE ON FUNCTION join_open(text, text, bytea, text, text, boolean, bigint, bytea) TO jiayi_login;

---- What a session has of its member, role and company
--
-- Who writes a session locks its member first, then the role, each FOR SHARE; who changes one of these
-- changes the sessions after it. So each waits for the other, and the later one sees the earlier.

CREATE OR REPLACE FUNCTION session_rights() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    who member;
BEGIN
    SELECT m.* INTO who FROM member AS m WHERE m.id = NEW.member_id FOR SHARE;
    -- A statement of its own: what waits for the role's lock goes on with the rows as they were before.
    PERFORM FROM role AS r WHERE r.id = who.role_id FOR SHARE;
    SELECT CASE who.state WHEN 'active' THEN g.grants END, g.sights, g.wider
    INTO NEW.grants, NEW.sights, NEW.wider
    FROM role AS r, token_grants(r, NEW.permits) AS g WHERE r.id = who.role_id;
    SELECT concat_ws(' ', who.email, c.slug, NEW.id, c.is_system) INTO NEW.caller
    FROM company AS c WHERE c.id = who.company_id FOR KEY SHARE;
    NEW.company_id := who.company_id;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION session_rights() IS
    'Trigger: a session has a copy of what authorize() asks of its member, role and company.';

CREATE OR REPLACE FUNCTION session_of_member() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM role AS r WHERE r.id IN (OLD.role_id, NEW.role_id) ORDER BY r.id FOR SHARE;
    UPDATE session AS s SET caller = concat_ws(' ', NEW.email, c.slug, s.id, c.is_system),
        grants = CASE NEW.state WHEN 'active' THEN g.grants END, sights = g.sights, wider = g.wider
    FROM session AS had, role AS r, company AS c, token_grants(r, had.permits) AS g
    WHERE had.id = s.id AND r.id = NEW.role_id AND c.id = NEW.company_id
        AND s.member_id = NEW.id AND s.revoked_at IS NULL;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION session_of_member() IS
    'Trigger: sessions have their member''s role, address and state.';

CREATE OR REPLACE FUNCTION session_of_role() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    UPDATE session AS s SET grants = g.grants, sights = g.sights, wider = g.wider
    FROM session AS had, member AS m, token_grants(NEW, had.permits) AS g
    WHERE had.id = s.id AND m.role_id = NEW.id AND m.state = 'active' AND s.member_id = m.id
        AND s.revoked_at IS NULL;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION session_of_role() IS 'Trigger: sessions have what their role permits.';

CREATE OR REPLACE FUNCTION session_of_company() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    UPDATE session AS s SET caller = concat_ws(' ', m.email, NEW.slug, s.id, NEW.is_system)
    FROM member AS m WHERE m.company_id = NEW.id AND s.member_id = m.id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION session_of_company() IS 'Trigger: sessions have their company''s short name.';

---- Tables

-- That a session was used is no change that anybody looks for.
CALL protect('session', 'id', '',
    'token_hash,last_seen_at,last_address,via_id,needs_factor,company_id,caller,grants,sights,wider',
    'INSERT OR DELETE OR UPDATE OF revoked_at');
CALL shape('session', 'named', owner => 'member_id');
GRANT SELECT (id, member_id, client, address, created_at, last_seen_at, last_address,
    idle_timeout, expires_at, revoked_at, kind, name, permits, second_factor_at),
      UPDATE (revoked_at) ON session TO jiayi_app;
CALL open_to_auth('session', 'SELECT, INSERT, UPDATE, DELETE');
CREATE TRIGGER rights BEFORE INSERT ON session FOR EACH ROW EXECUTE FUNCTION session_rights();
-- Migrations bring permissions and give them to built-in roles.
SELECT role_refresh(id) FROM role;
UPDATE session AS s SET grants = g.grants, sights = g.sights, wider = g.wider
FROM session AS had, member AS m, role AS r, token_grants(r, had.permits) AS g
WHERE had.id = s.id AND m.id = s.member_id AND r.id = m.role_id AND m.state = 'active' AND s.revoked_at IS NULL
    AND (s.grants, s.sights, s.wider) IS DISTINCT FROM (g.grants, g.sights, g.wider);
