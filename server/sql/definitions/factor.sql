-- The second factor: a member's authenticator and recovery codes, and the roles that require it. The
-- secrets are sealed; that a code is right the server finds out, and here it is used up.

CREATE OR REPLACE FUNCTION factor_of(member_id bigint, OUT totp_key text, OUT totp_sealed text,
    OUT totp_after bigint)
LANGUAGE sql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
    SELECT t.key_id, encode(t.secret_sealed, 'hex'), t.last_step FROM member_totp AS t
    WHERE t.member_id = $1 AND t.confirmed_at IS NOT NULL
$$;
COMMENT ON FUNCTION factor_of(bigint) IS
    'What is needed to check a member''s one-time code; NULLs where none is asked for.';
GRANT EXECUTE ON FUNCTION factor_of(bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION factor_use(member_id bigint, step bigint, code_sha256 bytea)
    RETURNS boolean LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM member_totp AS t WHERE t.member_id = factor_use.member_id
                   AND t.confirmed_at IS NOT NULL) THEN
        RETURN false;
    END IF;
    IF code_sha256 IS NOT NULL THEN
        UPDATE recovery_code AS r SET used_at = now()
        WHERE r.member_id = factor_use.member_id AND r.code_sha256 = factor_use.code_sha256
          AND r.used_at IS NULL;
    ELSE
        UPDATE member_totp AS t SET last_step = step
        WHERE t.member_id = factor_use.member_id AND t.last_step < step;
    END IF;
    IF NOT FOUND THEN
        PERFORM refuse('JY016', 'the code is wrong or was used already; wait for the next one');
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION factor_use(bigint, bigint, bytea) IS
    'Uses up the code of a step, or a recovery code: whoever comes second is refused. False where '
    'the member has no second factor.';
GRANT EXECUTE ON FUNCTION factor_use(bigint, bigint, bytea) TO jiayi_auth;

CREATE OR REPLACE FUNCTION factor_fresh() RETURNS void LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM member_totp AS t JOIN session AS s ON s.id = me_session()
               WHERE t.member_id = me_member() AND t.confirmed_at IS NOT NULL
                 AND (s.kind = 'token' OR coalesce(s.second_factor_at, '-infinity') < now() - interval '10 minutes')) THEN
        PERFORM factor_no_token();
        PERFORM refuse('JY009', 'show your second factor again first: jiayi totp verify CODE');
    END IF;
END
$$;
COMMENT ON FUNCTION factor_fresh() IS
    'Refuses a caller who has a second factor and did not show it within ten minutes.';
GRANT EXECUTE ON FUNCTION factor_fresh() TO jiayi_auth;

CREATE OR REPLACE FUNCTION factor_no_token() RETURNS void LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT s.kind FROM session AS s WHERE s.id = me_session()) = 'token' THEN
        PERFORM refuse('JY007', 'a token cannot do that; sign in with your password: jiayi login');
    END IF;
END
$$;
COMMENT ON FUNCTION factor_no_token() IS
    'Refuses tokens, which cannot show a second factor.';
GRANT EXECUTE ON FUNCTION factor_no_token() TO jiayi_auth;

CREATE OR REPLACE FUNCTION factor_needed(member_id bigint) RETURNS boolean LANGUAGE sql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
    SELECT coalesce(bool_or(c.requires_totp), false) FROM member AS m
    JOIN company_role_setting AS c ON c.company_id = m.company_id AND c.role_id = m.role_id
    WHERE m.id = $1
$$;
COMMENT ON FUNCTION factor_needed(bigint) IS 'Whether a member''s role requires a second factor.';
GRANT EXECUTE ON FUNCTION factor_needed(bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION factor_keep() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    NEW.needs_factor := NEW.second_factor_at IS NULL AND factor_needed(NEW.member_id);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION factor_keep() IS 'Trigger: keeps session.needs_factor of a session.';

CREATE OR REPLACE FUNCTION factor_of_role() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    -- The trigger before it works needs_factor out.
    UPDATE session AS s SET second_factor_at = s.second_factor_at
    WHERE s.member_id = NEW.id AND s.revoked_at IS NULL;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION factor_of_role() IS
    'Trigger: another role may require a second factor, from the next call on.';

---- The member's own

CREATE OR REPLACE FUNCTION totp_begin() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM factor_no_token();
    IF EXISTS (SELECT FROM member_totp AS t WHERE t.member_id = me_member() AND t.confirmed_at IS NOT NULL) THEN
        PERFORM refuse('JY006', 'you have a second factor already; end it first: jiayi totp disable');
    END IF;
    RETURN me_member();
END
$$;
COMMENT ON FUNCTION totp_begin() IS 'The caller, for whom a secret may be made.';
GRANT EXECUTE ON FUNCTION totp_begin() TO jiayi_login;

CREATE OR REPLACE FUNCTION totp_offer(key_id text, secret_sealed bytea, OUT email text, OUT company text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    who bigint := totp_begin();
BEGIN
    INSERT INTO member_totp AS t (member_id, key_id, secret_sealed)
    VALUES (who, totp_offer.key_id, totp_offer.secret_sealed)
    ON CONFLICT ON CONSTRAINT member_totp_pkey DO UPDATE SET key_id = excluded.key_id,
        secret_sealed = excluded.secret_sealed, offered_at = now(), last_step = 0
    WHERE t.confirmed_at IS NULL;
    email := me_email();
    company := me_slug();
END
$$;
COMMENT ON FUNCTION totp_offer(text, bytea) IS
    'Keeps a sealed secret for the caller until a code of it confirms it.';
GRANT EXECUTE ON FUNCTION totp_offer(text, bytea) TO jiayi_login;

CREATE OR REPLACE FUNCTION totp_find(is_on boolean, OUT member_id bigint, OUT totp_key text,
    OUT totp_sealed text, OUT totp_after bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM factor_no_token();
    PERFORM throttle_refuse(password_wait(me_member()));
    SELECT t.member_id, t.key_id, encode(t.secret_sealed, 'hex'), t.last_step
    INTO member_id, totp_key, totp_sealed, totp_after
    FROM member_totp AS t WHERE t.member_id = me_member() AND (t.confirmed_at IS NOT NULL) = is_on;
    IF member_id IS NULL THEN
        PERFORM refuse('JY009', CASE WHEN is_on
            THEN 'you have no second factor; set one up: jiayi totp enable'
            ELSE 'there is nothing to confirm; set a second factor up: jiayi totp enable' END);
    END IF;
END
$$;
COMMENT ON FUNCTION totp_find(boolean) IS
    'What is needed to check a code of the caller''s authenticator, which is on or only offered.';
GRANT EXECUTE ON FUNCTION totp_find(boolean) TO jiayi_login;

CREATE OR REPLACE FUNCTION totp_confirm(step bigint, codes text[]) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    UPDATE member_totp AS t SET confirmed_at = now(), last_step = totp_confirm.step
    WHERE t.member_id = me_member() AND t.confirmed_at IS NULL;
    IF NOT FOUND THEN
        PERFORM refuse('JY009', 'there is nothing to confirm; set a second factor up: jiayi totp enable');
    END IF;
    DELETE FROM recovery_code AS r WHERE r.member_id = me_member();
    INSERT INTO recovery_code (member_id, code_sha256)
    SELECT me_member(), sha256(convert_to(c, 'UTF8')) FROM unnest(codes) AS c;
    UPDATE session AS s SET second_factor_at = now() WHERE s.id = me_session();
    RETURN me_member();
END
$$;
COMMENT ON FUNCTION totp_confirm(bigint, text[]) IS
    'Turns the caller''s second factor on, which showed a code of that step, with new recovery codes.';
GRANT EXECUTE ON FUNCTION totp_confirm(bigint, text[]) TO jiayi_login;

CREATE OR REPLACE FUNCTION totp_verify(step bigint, code_sha256 bytea, token_hash bytea,
    OUT session_id bigint, OUT expires_at timestamptz, OUT email text, OUT name text,
    OUT company text, OUT role text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM factor_use(me_member(), step, totp_verify.code_sha256);
    UPDATE session AS s SET second_factor_at = now(), token_hash = totp_verify.token_hash
    WHERE s.id = me_session() RETURNING s.id, s.expires_at INTO session_id, expires_at;
    SELECT m.email, m.name, c.slug, r.name INTO email, name, company, role
    FROM member AS m JOIN company AS c ON c.id = m.company_id JOIN role AS r ON r.id = m.role_id
    WHERE m.id = me_member();
END
$$;
COMMENT ON FUNCTION totp_verify(bigint, bytea, bytea) IS
    'The caller showed the second factor. The session gets another token, whose SHA-256 is '
    'token_hash; the old one is nobody''s any more.';
GRANT EXECUTE ON FUNCTION totp_verify(bigint, bytea, bytea) TO jiayi_login;

CREATE OR REPLACE FUNCTION totp_fail() RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$ SELECT throttle_use('member', me_member()::text) $$;
COMMENT ON FUNCTION totp_fail() IS 'Notes a wrong code of the caller''s, as a wrong password.';
GRANT EXECUTE ON FUNCTION totp_fail() TO jiayi_login;

CREATE OR REPLACE FUNCTION factor_drop(member_id bigint) RETURNS boolean LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM recovery_code AS r WHERE r.member_id = factor_drop.member_id;
    DELETE FROM member_totp AS t WHERE t.member_id = factor_drop.member_id;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION factor_drop(bigint) IS 'Takes a member''s second factor away; false: there was none.';
GRANT EXECUTE ON FUNCTION factor_drop(bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION totp_disable() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM factor_fresh();
    IF factor_needed(me_member()) THEN
        PERFORM refuse('JY009', 'your role requires a second factor; an admin decides: jiayi role '
            'require-totp ROLE --off');
    ELSIF NOT factor_drop(me_member()) THEN
        PERFORM refuse('JY009', 'you have no second factor; set one up: jiayi totp enable');
    END IF;
    UPDATE session AS s SET second_factor_at = NULL WHERE s.member_id = me_member();
    RETURN true;
END
$$;
COMMENT ON FUNCTION totp_disable() IS 'Ends the caller''s second factor.';
GRANT EXECUTE ON FUNCTION totp_disable() TO jiayi_app;

---- Others'

CREATE OR REPLACE FUNCTION member_reset_totp(email text) RETURNS SETOF member_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    who bigint := member_to_take_over(email);
BEGIN
    IF who = me_member() THEN
        -- A stolen session would be enough.
        PERFORM refuse('JY009', 'end your own second factor with jiayi totp disable');
    ELSIF NOT factor_drop(who) THEN
        PERFORM refuse('JY009', '%s has no second factor', ROW(lower(email)));
    END IF;
    PERFORM person_apart(who);
    UPDATE session AS s SET revoked_at = now() WHERE s.member_id = who AND s.revoked_at IS NULL;
    RETURN QUERY SELECT * FROM member_show(who);
END
$$;
COMMENT ON FUNCTION member_reset_totp(text) IS
    'Takes the second factor of a member away who lost it. Sessions and links end.';
GRANT EXECUTE ON FUNCTION member_reset_totp(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION role_require_totp(role text, off boolean,
    OUT role_name text, OUT requires_totp boolean, OUT members_without int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    found bigint;
BEGIN
    SELECT r.id INTO found FROM role AS r
    WHERE r.name = role_require_totp.role AND (r.company_id = me_company()
        OR (r.company_id IS NULL AND (r.name = 'operator') = me_operator()));
    IF found IS NULL THEN
        PERFORM refuse('JY005', 'no role %s; jiayi role list shows them', ROW(role));
    END IF;
    -- Nobody is signing in just now who would not be asked.
    LOCK TABLE session IN SHARE ROW EXCLUSIVE MODE;
    INSERT INTO company_role_setting (company_id, role_id, requires_totp)
    VALUES (me_company(), found, NOT coalesce(off, false))
    ON CONFLICT ON CONSTRAINT company_role_setting_pkey DO UPDATE SET
        requires_totp = excluded.requires_totp;
    UPDATE session AS s SET second_factor_at = s.second_factor_at FROM member AS m
    WHERE m.id = s.member_id AND m.company_id = me_company() AND m.role_id = found
      AND s.revoked_at IS NULL;
    role_name := role;
    requires_totp := NOT coalesce(off, false);
    SELECT count(*) INTO members_without FROM member AS m
    WHERE m.company_id = me_company() AND m.role_id = found AND m.state = 'active'
      AND NOT EXISTS (SELECT FROM member_totp AS t WHERE t.member_id = m.id AND t.confirmed_at IS NOT NULL);
END
$$;
COMMENT ON FUNCTION role_require_totp(text, boolean) IS
    'Whether who has a role of the caller''s company needs a second factor, from the next call on.';
GRANT EXECUTE ON FUNCTION role_require_totp(text, boolean) TO jiayi_app;

---- Tables

CALL protect('server_key', 'id', '');
CALL open_to_auth('server_key', 'SELECT');

CALL protect('member_totp', 'member_id', '', 'secret_sealed');
CALL open_to_auth('member_totp', 'SELECT, INSERT, UPDATE, DELETE');

CALL protect('recovery_code', 'member_id', '', 'code_sha256');
CALL open_to_auth('recovery_code', 'SELECT, INSERT, UPDATE, DELETE');

CALL protect('company_role_setting', 'company_id,role_id');
CALL shape('company_role_setting', 'house');
GRANT SELECT ON company_role_setting TO jiayi_app;
CALL open_to_auth('company_role_setting', 'SELECT, INSERT, UPDATE');

CREATE TRIGGER factor BEFORE INSERT OR UPDATE OF second_factor_at ON session
    FOR EACH ROW EXECUTE FUNCTION factor_keep();
CREATE TRIGGER factor AFTER UPDATE OF role_id ON member FOR EACH ROW
    WHEN (OLD.role_id <> NEW.role_id) EXECUTE FUNCTION factor_of_role();
