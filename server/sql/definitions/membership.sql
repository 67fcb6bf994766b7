-- The memberships of one person in several companies. Who shows both passwords links two of them,
-- and may then switch from one to the other. A link is the person's: it ends where anybody else
-- decides how one of them signs in, and no company learns of it.

CREATE OR REPLACE FUNCTION linked_members() RETURNS TABLE (member_id bigint, company text,
    since timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT o.id, c.slug, greatest(m.linked_at, o.linked_at)
    FROM member AS m
    JOIN member AS o ON o.person_id = m.person_id AND o.id <> m.id AND o.state = 'active'
    JOIN company AS c ON c.id = o.company_id
    WHERE m.id = me_member() AND m.linked_at IS NOT NULL AND o.linked_at IS NOT NULL
    ORDER BY c.slug, o.id;
END
$$;
COMMENT ON FUNCTION linked_members() IS
    'Whom the caller may switch to, and since when: a session from before does not.';
GRANT EXECUTE ON FUNCTION linked_members() TO jiayi_app;

CREATE OR REPLACE FUNCTION link_find(email text, company text, address text, OUT member_id bigint, OUT phc text,
    OUT totp_key text, OUT totp_sealed text, OUT totp_after bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS
$$ SELECT f.* FROM login_find(coalesce($1, me_email()), $2, $3, NULL) AS f $$;
COMMENT ON FUNCTION link_find(text, text, text) IS
    'login_find() for the membership that the caller would link; email NULL: of the same address.';
GRANT EXECUTE ON FUNCTION link_find(text, text, text) TO jiayi_login;

CREATE OR REPLACE FUNCTION link_fail(email text, company text, address text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS
$$ SELECT login_fail(coalesce($1, me_email()), $2, $3, NULL) $$;
COMMENT ON FUNCTION link_fail(text, text, text) IS
    'Notes a wrong password of link_find().';
GRANT EXECUTE ON FUNCTION link_fail(text, text, text) TO jiayi_login;

CREATE OR REPLACE FUNCTION link_check(member_id bigint) RETURNS void LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    slug   text;
    chosen boolean;
BEGIN
    SELECT c.slug, coalesce(k.own, false) INTO slug, chosen
    FROM member AS m JOIN company AS c ON c.id = m.company_id
    LEFT JOIN credential AS k ON k.member_id = m.id AND k.spent_at IS NULL
    WHERE m.id = link_check.member_id AND m.state = 'active';
    IF NOT coalesce(chosen, false) THEN
        PERFORM refuse('JY009', 'somebody else chose your password at %s; choose one of '
            'your own there first: jiayi passwd', ROW(slug));
    END IF;
END
$$;
COMMENT ON FUNCTION link_check(bigint) IS
    'Refuses a membership whose password somebody else chose, and so knows: that one could link '
    'and switch as well.';
GRANT EXECUTE ON FUNCTION link_check(bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION link_join(mine bigint, other bigint) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    chosen boolean := NOT EXISTS (SELECT FROM credential AS k
        WHERE k.member_id IN (mine, other) AND NOT k.own);
BEGIN
    UPDATE member AS m SET person_id = me.person_id, linked_at = CASE
        WHEN m.linked_at IS NULL AND NOT (chosen AND m.id IN (mine, other)) THEN NULL
        WHEN m.id = mine THEN coalesce(m.linked_at, now())
        ELSE now() END
    FROM member AS me, member AS o
    WHERE me.id = mine AND o.id = other AND (m.id = mine OR m.person_id = o.person_id);
END
$$;
COMMENT ON FUNCTION link_join(bigint, bigint) IS
    'Makes two memberships one person''s, with all that the other is linked with. Where somebody '
    'else chose one of the passwords, and so knows it, nobody switches between the two.';
GRANT EXECUTE ON FUNCTION link_join(bigint, bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION link_open(
    other_id bigint, token_hash bytea, client text, address text, step bigint, code_sha256 bytea,
    OUT session_id bigint, OUT expires_at timestamptz, OUT email text, OUT name text,
    OUT company text, OUT role text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    mine bigint := me_member();
    -- The company's log is not to tell that its member is another company's as well.
    was  text := current_setting('jiayi.method', true);
BEGIN
    IF other_id = mine THEN
        PERFORM refuse('JY003', 'that is how you are signed in; name another company, or another '
            'address with --user');
    END IF;
    PERFORM factor_fresh();
    PERFORM FROM member AS m WHERE m.id IN (mine, other_id) ORDER BY m.id FOR NO KEY UPDATE;
    PERFORM link_check(mine), link_check(other_id);
    IF NOT EXISTS (SELECT FROM session AS s WHERE s.token_hash = link_open.token_hash) THEN
        PERFORM factor_use(other_id, step, link_open.code_sha256);
    END IF;
    PERFORM link_join(mine, other_id), set_config('jiayi.method', replace(was, '/LinkCompany', '/SignIn'), true);
    SELECT o.session_id, o.expires_at, o.email, o.name, o.company, o.role
    INTO session_id, expires_at, email, name, company, role
    FROM login_open(mine, link_open.token_hash, link_open.client, link_open.address,
        (SELECT s.idle_timeout >= interval '1 day' FROM session AS s WHERE s.id = me_session())) AS o;
    UPDATE session AS s SET second_factor_at = before.second_factor_at
    FROM session AS before WHERE s.id = session_id AND before.id = me_session();
    PERFORM set_config('jiayi.method', was, true);
END
$$;
COMMENT ON FUNCTION link_open(bigint, bytea, text, text, bigint, bytea) IS
    'Links the caller with another membership, both passwords being right, and opens a session, as '
    'login_open() does: the caller signed in just now, and may switch.';
GRANT EXECUTE ON FUNCTION link_open(bigint, bytea, text, text, bigint, bytea) TO jiayi_login;

CREATE OR REPLACE FUNCTION link_end() RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    companies text[] := (SELECT array_agg(l.company) FROM linked_members() AS l);
BEGIN
    IF companies IS NULL THEN
        PERFORM refuse('JY009', 'you linked no other company with this one');
    END IF;
    PERFORM person_apart(me_member());
    RETURN companies;
END
$$;
COMMENT ON FUNCTION link_end() IS
    'Ends the caller''s link with memberships in other companies, and says in which.';
GRANT EXECUTE ON FUNCTION link_end() TO jiayi_app;

CREATE OR REPLACE FUNCTION switch_find(company text, OUT member_id bigint, OUT totp_key text,
    OUT totp_sealed text, OUT totp_after bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    mine  session;
    since timestamptz;
BEGIN
    PERFORM factor_fresh();
    PERFORM throttle_refuse(password_wait(me_member()));
    SELECT s.* INTO mine FROM session AS s WHERE s.id = me_session();
    SELECT l.member_id INTO member_id FROM linked_members() AS l
    WHERE l.company = switch_find.company ORDER BY l.since, l.member_id LIMIT 1;
    -- Whoever ends the link meanwhile comes before, or after what is opened by it.
    PERFORM FROM member AS m WHERE m.id IN (mine.member_id, switch_find.member_id)
        ORDER BY m.id FOR SHARE;
    SELECT l.since INTO since FROM linked_members() AS l
    WHERE l.member_id = switch_find.member_id;
    IF since IS NULL THEN
        PERFORM refuse('JY005', 'you linked no company %s with yours; with both passwords: '
            'jiayi company link %s', ROW(company, company));
    ELSIF mine.via_id IS NOT NULL THEN
        PERFORM refuse('JY009', 'this session was opened by switching; switch from the one that '
            'you signed in with');
    ELSIF mine.created_at < since THEN
        PERFORM refuse('JY009', 'you signed in before %s was linked; sign in again: '
            'jiayi login', ROW(company));
    END IF;
    SELECT f.* INTO totp_key, totp_sealed, totp_after FROM factor_of(switch_find.member_id) AS f;
END
$$;
COMMENT ON FUNCTION switch_find(text) IS
    'The membership in that company that the caller''s session may switch to; the call ends where '
    'there is none; of several the one that was linked first. A company that is not there and one that is not linked are told alike.';
GRANT EXECUTE ON FUNCTION switch_find(text) TO jiayi_login;

CREATE OR REPLACE FUNCTION switch_open(
    company text, token_hash bytea, client text, address text, step bigint, code_sha256 bytea,
    OUT session_id bigint, OUT expires_at timestamptz, OUT email text, OUT name text,
    OUT company_slug text, OUT role text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    other bigint := (SELECT f.member_id FROM switch_find(company) AS f);
    mine  session;
    was   text := current_setting('jiayi.method', true);
BEGIN
    SELECT s.* INTO mine FROM session AS s WHERE s.id = me_session();
    -- The log of the other company does not name the address here, but looks up the one there; and
    -- tells no more than that its member signed in.
    PERFORM set_config('jiayi.call', '', true),
        set_config('jiayi.method', replace(was, '/SwitchCompany', '/SignIn'), true);
    SELECT o.session_id, o.expires_at, o.email, o.name, o.company, o.role
    INTO session_id, expires_at, email, name, company_slug, role
    FROM login_open(other, switch_open.token_hash, switch_open.client, switch_open.address,
        mine.idle_timeout >= interval '1 day') AS o;
    UPDATE session AS s SET via_id = mine.id, expires_at = least(s.expires_at, mine.expires_at)
    WHERE s.id = session_id RETURNING s.expires_at INTO expires_at;
    PERFORM login_factor(session_id, step, switch_open.code_sha256),
        set_config('jiayi.method', was, true);
END
$$;
COMMENT ON FUNCTION switch_open(text, bytea, text, text, bigint, bytea) IS
    'Opens a session of the caller''s membership in that company, as login_open() does; it ends '
    'with the session of the call at the latest.';
GRANT EXECUTE ON FUNCTION switch_open(text, bytea, text, text, bigint, bytea) TO jiayi_login;

CREATE OR REPLACE FUNCTION session_expire(ids bigint[]) RETURNS void LANGUAGE sql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
    UPDATE session AS s SET expires_at = now()
    WHERE s.id = ANY ($1) AND s.expires_at > now() AND s.revoked_at IS NULL
$$;
COMMENT ON FUNCTION session_expire(bigint[]) IS
    'Ends sessions of other companies'' members. They expire; a revocation would stand in the log of '
    'a company that is not theirs.';
GRANT EXECUTE ON FUNCTION session_expire(bigint[]) TO jiayi_auth;

CREATE OR REPLACE FUNCTION session_ended() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM session_expire(ARRAY(SELECT s.id FROM session AS s WHERE s.via_id = NEW.id));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION session_ended() IS
    'Trigger: what was opened from a session by switching ends with it.';

---- Tables

CREATE TRIGGER ended AFTER UPDATE OF revoked_at ON session FOR EACH ROW
    WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL)
    EXECUTE FUNCTION session_ended();
