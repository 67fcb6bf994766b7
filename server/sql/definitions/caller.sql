-- Who calls, and how far they reach.
--
-- authorize() says who calls, by settings that end with the transaction: jiayi.member_id and
-- jiayi.company_id, which policies ask for each row; jiayi.sights; and jiayi.call, which is
-- of role.grants what the call needs and session.caller. Outside of a call each of
-- the me_ functions fails, so that a policy that asks shows nothing. Those of one expression the
-- planner puts in their place: for the few rows that an index finds that costs less than a
-- sub-select that is worked out once for a statement.

CREATE OR REPLACE FUNCTION no_caller() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    role text := current_setting('role');
BEGIN
    role := CASE role WHEN 'none' THEN session_user ELSE role END;
    IF NOT pg_has_role(role, 'jiayi_owner', 'USAGE') AND NOT pg_has_role(role, 'jiayi_job', 'USAGE')
    THEN
        PERFORM jiayi.refuse('JY016', 'sign in first: jiayi login');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION no_caller() IS
    'NULL for the schema''s owner and superusers, who work outside of calls, and for the jobs of the '
    'server; the call ends for everybody else. It is the role that the session has which counts, and that PostgreSQL guards: '
    'current_user is jiayi_auth in functions that are SECURITY DEFINER.';
GRANT EXECUTE ON FUNCTION no_caller() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION caller() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('jiayi.member_id', true), '')::bigint,
        jiayi.no_caller())
$$;
COMMENT ON FUNCTION caller() IS
    'The member who calls, or NULL for the owner outside of a call, in migrations and init, and for '
    'jobs. Nobody else is without a caller: that is refused.';
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
$$ SELECT split_part(current_setting('jiayi.call'), ' ', 6)::bigint $$;
COMMENT ON FUNCTION me_session() IS 'The session of the call.';
GRANT EXECUTE ON FUNCTION me_session() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_operator() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT split_part(current_setting('jiayi.call'), ' ', 7)::boolean $$;
COMMENT ON FUNCTION me_operator() IS 'Whether the caller runs the server.';
GRANT EXECUTE ON FUNCTION me_operator() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_email() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT split_part(current_setting('jiayi.call'), ' ', 4) $$;
COMMENT ON FUNCTION me_email() IS 'The caller''s e-mail address.';
GRANT EXECUTE ON FUNCTION me_email() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_slug() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT split_part(current_setting('jiayi.call'), ' ', 5) $$;
COMMENT ON FUNCTION me_slug() IS 'The short name of the company that the caller acts for.';
GRANT EXECUTE ON FUNCTION me_slug() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_permission() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT p.name FROM jiayi.permission AS p
    WHERE p.no = split_part(current_setting('jiayi.call'), ' ', 3)::int
$$;
COMMENT ON FUNCTION me_permission() IS
    'The permission that the called method needs; NULL: none but a session.';
GRANT EXECUTE ON FUNCTION me_permission() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_noun() RETURNS int LANGUAGE sql STABLE AS
$$ SELECT split_part(current_setting('jiayi.call'), ' ', 2)::int $$;
COMMENT ON FUNCTION me_noun() IS 'What that permission is about, as noun() has it; 0: nothing.';
GRANT EXECUTE ON FUNCTION me_noun() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_scope() RETURNS int LANGUAGE sql STABLE AS
$$ SELECT split_part(current_setting('jiayi.call'), ' ', 1)::int $$;
COMMENT ON FUNCTION me_scope() IS
    'How far that permission of the caller reaches; bits as in table scope.';
GRANT EXECUTE ON FUNCTION me_scope() TO jiayi_app, jiayi_auth;

-- Numbers of nouns never change; the test sql/authorize compares them with the table.
CREATE OR REPLACE FUNCTION noun(name text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE name WHEN 'company' THEN 1 WHEN 'member' THEN 2 WHEN 'role' THEN 3
        WHEN 'partner' THEN 4 WHEN 'deal' THEN 5 WHEN 'kpi' THEN 6 WHEN 'report' THEN 7
        WHEN 'audit' THEN 8 WHEN 'server' THEN 9 WHEN 'customer' THEN 10 WHEN 'contract' THEN 11 WHEN 'payment' THEN 11 WHEN 'registration' THEN 12 WHEN 'task' THEN 13 WHEN 'case' THEN 14 WHEN 'stage' THEN 15
        WHEN 'choice' THEN 16
        WHEN 'rate' THEN 17 WHEN 'checklist' THEN 18 WHEN 'playbook' THEN 26
        WHEN 'comment' THEN 34 WHEN 'link' THEN 35 WHEN 'file' THEN 36
        WHEN 'participant' THEN 37 WHEN 'tier' THEN 29 WHEN 'data' THEN 32 END
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

CREATE OR REPLACE FUNCTION me_sight() RETURNS int LANGUAGE sql STABLE AS
$$ SELECT jiayi.sight(jiayi.me_noun()) $$;
COMMENT ON FUNCTION me_sight() IS 'How far the caller sees what the called method is about.';
GRANT EXECUTE ON FUNCTION me_sight() TO jiayi_app, jiayi_auth;

-- As me_reach() has it: a policy is asked in the midst of functions as well, for one thing after the other, and each time they
-- would be collected anew.
CREATE OR REPLACE FUNCTION me_team() RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    reach text := current_setting('jiayi.reach', true);
BEGIN
    IF reach IS NULL OR reach = '' THEN
        reach := jiayi.me_reach();
    END IF;
    RETURN nullif((split_part(reach, '}', 1) || '}')::bigint[], '{}');
END
$$;
COMMENT ON FUNCTION me_team() IS
    'The members below the caller; NULL: nobody is. A function, so that a statement pays for it only when a policy '
    'gets that far; in policies as (SELECT me_team()), once for a statement.';
GRANT EXECUTE ON FUNCTION me_team() TO jiayi_app, jiayi_auth;

-- These three are what lists begin with, and policies ask for them once for a statement.
CREATE OR REPLACE FUNCTION me_owners(noun int) RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    sight int := jiayi.sight(noun);
BEGIN
    RETURN CASE WHEN sight & 1 <> 0 THEN ARRAY[jiayi.me_member()] END
        || CASE WHEN sight & 2 <> 0 THEN jiayi.me_team() END;
END
$$;
COMMENT ON FUNCTION me_owners(int) IS
    'Whose things of a noun a caller sees who does not see the whole company''s: the caller''s own, '
    'and those of the members below where their sight reaches them. NULL: nobody''s.';
GRANT EXECUTE ON FUNCTION me_owners(int) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_whole(noun int) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN jiayi.sight(noun) & 4 <> 0 THEN jiayi.me_company() END;
END
$$;
COMMENT ON FUNCTION me_whole(int) IS
    'The caller''s company, where the caller sees all of its things of a noun; NULL where not.';
GRANT EXECUTE ON FUNCTION me_whole(int) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_partner(noun int) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN jiayi.sight(noun) & 8 <> 0 THEN jiayi.me_company() END;
END
$$;
COMMENT ON FUNCTION me_partner(int) IS
    'The caller''s company, where the caller sees what others share with it of a noun; NULL where not.';
GRANT EXECUTE ON FUNCTION me_partner(int) TO jiayi_app;

CREATE OR REPLACE FUNCTION owner_seen(noun int, email text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    mine bigint;
BEGIN
    IF lower(email) = jiayi.me_email() THEN -- without a look-up: one's own is what is listed most
        RETURN jiayi.me_member();
    END IF;
    mine := jiayi.me_company();
    RETURN (SELECT m.id FROM jiayi.member AS m
        WHERE m.company_id = mine AND m.email = lower(owner_seen.email)
          AND (jiayi.me_whole(noun) IS NOT NULL OR m.id = ANY (jiayi.me_owners(noun))));
END
$$;
COMMENT ON FUNCTION owner_seen(int, text) IS
    'The member of the caller''s company of that address, where the caller sees what that one has of a '
    'noun, or is the one; NULL where not.';
GRANT EXECUTE ON FUNCTION owner_seen(int, text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_principals() RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    mine bigint := jiayi.me_company();
BEGIN
    RETURN (SELECT array_agg(p.principal_id) FROM jiayi.partnership AS p
        WHERE p.vendor_id = mine AND p.state = 'active' AND p.shares @> now());
END
$$;
COMMENT ON FUNCTION me_principals() IS
    'The companies that share with the caller''s now: its principals in active partnerships with a contract '
    'that is in force.';
GRANT EXECUTE ON FUNCTION me_principals() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION me_partners() RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    mine bigint := jiayi.me_company();
BEGIN
    RETURN (SELECT array_agg(CASE p.principal_id WHEN mine THEN p.vendor_id
        ELSE p.principal_id END) FROM jiayi.partnership AS p
        WHERE p.principal_id = mine OR p.vendor_id = mine); -- asked with the rights of jiayi_auth as well
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
    RETURN id = jiayi.me_company() OR jiayi.in_reach(-id)
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
DECLARE
    me bigint := jiayi.me_member();
BEGIN
    IF bits & 4 <> 0 OR (bits & 1 <> 0 AND owner = me) THEN
        RETURN true;
    END IF;
    -- By itself: what has a look-up in it is a statement, whether that is come to or not.
    RETURN bits & 2 <> 0 AND EXISTS (SELECT FROM jiayi.team AS t WHERE t.manager_id = me AND t.member_id = owner);
END
$$;
COMMENT ON FUNCTION reaches(bigint, int) IS
    'Whether a scope of the caller reaches what belongs to that member of the same company.';
GRANT EXECUTE ON FUNCTION reaches(bigint, int) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION sides_reached(company bigint, owner bigint, vendor bigint, vendor_owner bigint, bits int)
    RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    us   bigint := jiayi.me_company();
    mine bigint := CASE us WHEN company THEN owner WHEN vendor THEN vendor_owner END;
BEGIN
    IF us <> company AND us <> vendor THEN
        RETURN false;
    END IF;
    RETURN bits & 4 <> 0 OR (bits & 1 <> 0 AND coalesce(mine = jiayi.me_member(), false))
        OR (bits & 2 <> 0 AND (mine IS NULL OR jiayi.in_reach(mine)));
END
$$;
COMMENT ON FUNCTION sides_reached(bigint, bigint, bigint, bigint, int) IS
    'Whether a scope of the caller reaches what two companies have with each other: by who of the caller''s is responsible '
    'for it; what nobody is, by a team''s scope.';
GRANT EXECUTE ON FUNCTION sides_reached(bigint, bigint, bigint, bigint, int) TO jiayi_app, jiayi_auth;

-- Worked out once for a call, when it is first asked for. It is a setting, as what authorize() says is,
-- because a sub-select in a policy costs every statement its start, whether it is asked or not. Who asks is a variable: of a
-- small table the planner reads every row, and would read the setting anew for each of them.
CREATE OR REPLACE FUNCTION me_reach() RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    me   bigint := jiayi.me_member();
    mine bigint := jiayi.me_company();
BEGIN
    RETURN set_config('jiayi.reach', concat('{ ',
        (SELECT string_agg(t.member_id::text, ' , ') FROM jiayi.team AS t
         WHERE t.manager_id = me), ' } ',
        (SELECT string_agg(concat(-p.principal_id, ' ', -p.principal_id, ':', p.span, ' '), '')
         FROM jiayi.partnership AS p
         WHERE p.vendor_id = mine AND p.state = 'active' AND p.shares @> now())), true);
END
$$;
COMMENT ON FUNCTION me_reach() IS
    'The numbers of the members below the caller, as an array is written, and of the companies that share with the caller''s '
    'now as negative ones, also with the span of the partnership, each between blanks. For in_reach() and me_team().';
GRANT EXECUTE ON FUNCTION me_reach() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION in_reach(number bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    reach text := current_setting('jiayi.reach', true);
BEGIN
    IF reach IS NULL OR reach = '' THEN
        reach := jiayi.me_reach();
    END IF;
    RETURN strpos(reach, ' ' || number || ' ') > 0;
END
$$;
COMMENT ON FUNCTION in_reach(bigint) IS
    'Whether that member is below the caller; of a negative number: whether that company shares with '
    'the caller''s now.';
GRANT EXECUTE ON FUNCTION in_reach(bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION in_span(company bigint, span int) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    reach text := current_setting('jiayi.reach', true);
BEGIN
    IF reach IS NULL OR reach = '' THEN
        reach := jiayi.me_reach();
    END IF;
    RETURN strpos(reach, concat(' ', -company, ':', span, ' ')) > 0;
END
$$;
COMMENT ON FUNCTION in_span(bigint, int) IS
    'Whether that company shares with the caller''s now what it gave to it in that span of the partnership.';
GRANT EXECUTE ON FUNCTION in_span(bigint, int) TO jiayi_app, jiayi_auth;

-- A policy is one function: each that stands in an expression is set up anew for every statement that
-- asks for the table, called or not; what is in a body only where it is come to.
CREATE OR REPLACE FUNCTION shared_seen(noun int, owner bigint, company bigint, partner bigint, span int,
    on_kind smallint, on_id bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    sight int := jiayi.sight(noun);
BEGIN
    -- What is the caller's own is known by the owner alone, who belongs to the row's company.
    IF owner = jiayi.me_member() THEN
        RETURN sight & 1 <> 0;
    ELSIF company = jiayi.me_company() THEN
        IF sight & 4 <> 0 OR (sight & 2 <> 0 AND jiayi.in_reach(owner)) THEN
            RETURN true;
        END IF;
    ELSIF partner = jiayi.me_company() AND sight & 8 <> 0 AND jiayi.in_span(company, span) THEN
        RETURN true;
    END IF;
    RETURN on_id IS NOT NULL AND sight <> 0 AND jiayi.takes_part(on_kind, on_id, company);
END
$$;
COMMENT ON FUNCTION shared_seen(int, bigint, bigint, bigint, int, smallint, bigint) IS
    'Policy of what a member of a company owns and a partner may share: the owner sees it, those above '
    'and the company as far as their sight of the noun reaches, the partner''s people while a contract '
    'is in force and it was given to them in this span of the partnership, and who takes part in it. Without on_id: whoever sees it otherwise.';
GRANT EXECUTE ON FUNCTION shared_seen(int, bigint, bigint, bigint, int, smallint, bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION shared_side(company bigint, partner bigint, on_kind smallint,
    on_id bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    mine bigint := jiayi.me_company();
BEGIN
    IF company = mine THEN
        RETURN true;
    END IF;
    IF partner = mine AND jiayi.in_reach(-company) THEN
        RETURN true;
    END IF;
    RETURN jiayi.takes_part(on_kind, on_id, company);
END
$$;
COMMENT ON FUNCTION shared_side(bigint, bigint, smallint, bigint) IS
    'Policy of changing what a company may share: the caller''s company has it, it is shared with the '
    'caller''s by a contract in force, or the caller takes part; a trigger says who of these may.';
GRANT EXECUTE ON FUNCTION shared_side(bigint, bigint, smallint, bigint) TO jiayi_app;
