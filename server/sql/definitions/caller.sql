-- Who calls, and how far they reach.
--
-- authorize() says who calls, by settings that end with the transaction. Outside of a call each of
-- the me_ functions fails, so that a policy that asks shows nothing. Those of one expression the
-- planner puts in their place: for the few rows that an index finds that costs less than a
-- sub-select that is worked out once for a statement.

CREATE OR REPLACE FUNCTION no_caller() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    role text := current_setting('role');
BEGIN
    IF NOT pg_has_role(CASE role WHEN 'none' THEN session_user ELSE role END, 'jiayi_owner', 'USAGE')
    THEN
        PERFORM jiayi.refuse('JY016', 'sign in first: jiayi login');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION no_caller() IS
    'NULL for the schema''s owner and superusers, who work outside of calls; the call ends for '
    'everybody else. It is the role that the session has which counts, and that PostgreSQL guards: '
    'current_user is jiayi_auth in functions that are SECURITY DEFINER.';
GRANT EXECUTE ON FUNCTION no_caller() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION caller() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('jiayi.member_id', true), '')::bigint,
        jiayi.no_caller())
$$;
COMMENT ON FUNCTION caller() IS
    'The member who calls, or NULL for the owner outside of a call: in migrations and init. Nobody '
    'else is without a caller: that is refused.';
GRANT EXECUTE ON FUNCTION caller() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_member() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT current_setting('jiayi.member_id')::bigint $$;
COMMENT ON FUNCTION me_member() IS 'The member who calls.';
GRANT EXECUTE ON FUNCTION me_member() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_company() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT current_setting('jiayi.company_id')::bigint $$;
COMMENT ON FUNCTION me_company() IS 'The company that the caller acts for.';
GRANT EXECUTE ON FUNCTION me_company() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_session() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT current_setting('jiayi.session_id')::bigint $$;
COMMENT ON FUNCTION me_session() IS 'The session of the call.';
GRANT EXECUTE ON FUNCTION me_session() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_operator() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT current_setting('jiayi.is_operator')::boolean $$;
COMMENT ON FUNCTION me_operator() IS 'Whether the caller runs the server.';
GRANT EXECUTE ON FUNCTION me_operator() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_email() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT current_setting('jiayi.member') $$;
COMMENT ON FUNCTION me_email() IS 'The caller''s e-mail address.';
GRANT EXECUTE ON FUNCTION me_email() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_slug() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT current_setting('jiayi.company') $$;
COMMENT ON FUNCTION me_slug() IS 'The short name of the company that the caller acts for.';
GRANT EXECUTE ON FUNCTION me_slug() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_permission() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT current_setting('jiayi.permission') $$;
COMMENT ON FUNCTION me_permission() IS 'The permission that the called method needs.';
GRANT EXECUTE ON FUNCTION me_permission() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_scope() RETURNS int LANGUAGE sql STABLE AS
$$ SELECT current_setting('jiayi.scope')::int $$;
COMMENT ON FUNCTION me_scope() IS
    'How far that permission of the caller reaches; bits as in table scope.';
GRANT EXECUTE ON FUNCTION me_scope() TO jiayi_app, jiayi_auth;

-- Numbers of nouns never change; the test sql/authorize compares them with the table.
CREATE OR REPLACE FUNCTION noun(name text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE name WHEN 'company' THEN 1 WHEN 'member' THEN 2 WHEN 'role' THEN 3
        WHEN 'partner' THEN 4 WHEN 'deal' THEN 5 WHEN 'kpi' THEN 6 WHEN 'report' THEN 7
        WHEN 'audit' THEN 8 WHEN 'server' THEN 9 WHEN 'comment' THEN 34 WHEN 'link' THEN 35
        WHEN 'file' THEN 36 END
$$;
COMMENT ON FUNCTION noun(text) IS
    'permission.noun_no of a noun: folded by the planner, so that policies name nouns by words.';
GRANT EXECUTE ON FUNCTION noun(text) TO jiayi_app, jiayi_auth;

-- Built-ins only: a policy asks it for each row, and the planner puts it in place.
CREATE OR REPLACE FUNCTION sight(noun int) RETURNS int LANGUAGE sql STABLE AS
$$ SELECT ascii(substr(current_setting('jiayi.sights'), noun, 1)) & 15 $$;
COMMENT ON FUNCTION sight(int) IS
    'How far the caller sees of a noun, in any call: as far as their role''s .read reaches, and of '
    'the called permission''s noun also as far as that does, for what may be changed may be seen. '
    'Bits as in table scope; 0: nothing.';
GRANT EXECUTE ON FUNCTION sight(int) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_team() RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT array_agg(t.member_id) FROM jiayi.team AS t
        WHERE t.manager_id = jiayi.me_member());
END
$$;
COMMENT ON FUNCTION me_team() IS
    'The members below the caller. A function, so that a statement pays for it only when a policy '
    'gets that far; in policies as (SELECT me_team()), once for a statement.';
GRANT EXECUTE ON FUNCTION me_team() TO jiayi_app;

CREATE OR REPLACE FUNCTION me_owners(noun int) RETURNS bigint[] LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN jiayi.sight(noun) & 2 <> 0 THEN jiayi.me_member() || jiayi.me_team()
               ELSE ARRAY[jiayi.me_member()] END $$;
COMMENT ON FUNCTION me_owners(int) IS
    'Whose things of a noun a caller sees who does not see the whole company''s: the caller''s own, '
    'and those of the members below where their sight reaches them.';
GRANT EXECUTE ON FUNCTION me_owners(int) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_principals() RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT array_agg(p.principal_id) FROM jiayi.partnership AS p
        WHERE p.vendor_id = jiayi.me_company() AND p.state = 'active');
END
$$;
COMMENT ON FUNCTION me_principals() IS
    'The companies that share with the caller''s now: its principals in active partnerships.';
GRANT EXECUTE ON FUNCTION me_principals() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_partners() RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT array_agg(CASE p.principal_id WHEN jiayi.me_company() THEN p.vendor_id
        ELSE p.principal_id END) FROM jiayi.partnership AS p);
END
$$;
COMMENT ON FUNCTION me_partners() IS
    'The companies that the caller''s has or had a partnership with, on either side.';
GRANT EXECUTE ON FUNCTION me_partners() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION knows_company(id bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF jiayi.caller() IS NULL THEN
        RETURN true;
    END IF;
    RETURN id = jiayi.me_company()
        OR EXISTS (SELECT FROM jiayi.partnership AS p
            WHERE p.principal_id = jiayi.me_company() AND p.vendor_id = knows_company.id)
        OR EXISTS (SELECT FROM jiayi.partnership AS p
            WHERE p.vendor_id = jiayi.me_company() AND p.principal_id = knows_company.id);
END
$$;
COMMENT ON FUNCTION knows_company(bigint) IS
    'Whether the caller may learn the names of that company and its people: it is the caller''s, '
    'or has or had a partnership with it. For functions that look up names of what is seen.';
GRANT EXECUTE ON FUNCTION knows_company(bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION reaches(owner bigint, bits int) RETURNS boolean
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN bits & 4 <> 0
        OR (bits & 1 <> 0 AND owner = jiayi.me_member())
        OR (bits & 2 <> 0 AND EXISTS (SELECT FROM jiayi.team AS t
            WHERE t.manager_id = jiayi.me_member() AND t.member_id = owner));
END
$$;
COMMENT ON FUNCTION reaches(bigint, int) IS
    'Whether a scope of the caller reaches what belongs to that member of the same company.';
GRANT EXECUTE ON FUNCTION reaches(bigint, int) TO jiayi_app, jiayi_auth;
