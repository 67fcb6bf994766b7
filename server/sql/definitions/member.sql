-- Members, the people behind them and their teams: who sees whom, and who may change what. Members
-- are changed by functions of jiayi_auth only: they concern accounts, sessions and teams as well.

CREATE OR REPLACE FUNCTION email_of(member_id bigint) RETURNS text
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER AS $$
BEGIN
    RETURN (SELECT m.email FROM jiayi.member AS m WHERE m.id = email_of.member_id
        AND (m.company_id = nullif(current_setting('jiayi.company_id', true), '')::bigint
             OR jiayi.knows_company(m.company_id)));
END
$$;
COMMENT ON FUNCTION email_of(bigint) IS
    'The e-mail address of a member of a company that the caller knows: of the owner or author of '
    'what is shared with mine; NULL of any other.';
GRANT EXECUTE ON FUNCTION email_of(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION email_known(member_id bigint) RETURNS text
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER AS $$
DECLARE
    known text := coalesce(nullif(current_setting('jiayi.emails', true), ''), ' ');
    email text := split_part(split_part(known, ' ' || member_id || '=', 2), ' ', 1);
BEGIN
    IF email = '' THEN
        email := jiayi.email_of(member_id);
        PERFORM set_config('jiayi.emails', known || member_id || '=' || email || ' ', true) WHERE email IS NOT NULL;
    END IF;
    RETURN email;
END
$$;
COMMENT ON FUNCTION email_known(bigint) IS 'email_of(), remembered for the rest of the call, as slug_known() does.';
GRANT EXECUTE ON FUNCTION email_known(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION emails_of(ids bigint[]) RETURNS TABLE (id bigint, email text)
    LANGUAGE plpgsql STABLE STRICT ROWS 50 SECURITY DEFINER AS $$
BEGIN
    RETURN QUERY SELECT m.id, m.email FROM jiayi.member AS m WHERE m.id = ANY (ids)
        AND (m.company_id = jiayi.me_company()
             OR m.company_id = ANY ((SELECT jiayi.me_partners())::bigint[]));
END
$$;
COMMENT ON FUNCTION emails_of(bigint[]) IS
    'email_of() for many: of owners of what the caller sees.';
GRANT EXECUTE ON FUNCTION emails_of(bigint[]) TO jiayi_app;

CREATE OR REPLACE FUNCTION members_elsewhere(email text) RETURNS bigint[]
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER AS $$
DECLARE
    partners bigint[] := array_remove(jiayi.me_partners(), jiayi.me_company());
BEGIN
    IF partners IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT array_agg(m.id) FROM jiayi.member AS m
            WHERE m.email = lower(members_elsewhere.email) AND m.company_id = ANY (partners));
END
$$;
COMMENT ON FUNCTION members_elsewhere(text) IS
    'The members of that address in partner companies of the caller''s, or NULL; to find what is '
    'shared by its owner or author.';
GRANT EXECUTE ON FUNCTION members_elsewhere(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION member_by_email(email text) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found bigint;
BEGIN
    IF email IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT m.id INTO found FROM member AS m
    WHERE m.company_id = me_company() AND m.email = lower(member_by_email.email)
        AND m.state = 'active';
    IF found IS NULL THEN
        PERFORM refuse('JY005', 'no member %s', ROW(lower(email)));
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION member_by_email(text) IS
    'An active member of the caller''s company; NULL for NULL; the call ends where there is none.';
GRANT EXECUTE ON FUNCTION member_by_email(text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION member_seen(email text) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found bigint;
BEGIN
    SELECT m.id INTO found FROM member AS m
    WHERE m.company_id = me_company() AND m.email = lower(member_seen.email);
    IF found IS NULL THEN
        PERFORM refuse('JY005', 'no member %s', ROW(lower(email)));
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION member_seen(text) IS
    'A member of the caller''s company whom the caller sees, removed or not; the call ends where '
    'there is none.';
GRANT EXECUTE ON FUNCTION member_seen(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION member_to_manage(email text) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found bigint;
BEGIN
    PERFORM FROM company AS c WHERE c.id = me_company() FOR NO KEY UPDATE;
    found := member_by_email(email);
    IF NOT reaches(found, sight(noun('member'))) THEN
        PERFORM refuse('JY005', 'no member %s', ROW(lower(email)));
    ELSIF NOT reaches(found, me_scope()) THEN
        PERFORM refuse('JY007', 'you may see the member %s but not manage them', ROW(lower(email)));
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION member_to_manage(text) IS
    'A member whom the caller may manage. Locks the company, so that changes come one after '
    'another.';
GRANT EXECUTE ON FUNCTION member_to_manage(text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION member_manager(email text) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found bigint := member_by_email(email);
BEGIN
    IF me_scope() & 4 = 0 AND (found IS NULL OR NOT reaches(found, me_scope() | 1)) THEN
        PERFORM refuse('JY007',
            'you may put members only under yourself or somebody below you; name such a manager');
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION member_manager(text) IS
    'The manager that the caller may put a member under; NULL for NULL.';
GRANT EXECUTE ON FUNCTION member_manager(text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION member_beyond(member_id bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT rp.permission || ':' || rp.scope
    FROM jiayi.member AS m JOIN jiayi.role_permission AS rp ON rp.role_id = m.role_id
    LEFT JOIN jiayi.caller_grants() AS mine ON mine.permission = rp.permission
    WHERE m.id = member_beyond.member_id
      AND (rp.bits & 8 & ~coalesce(mine.bits, 0) <> 0
           OR NOT coalesce(mine.bits & 4 <> 0
               OR (rp.bits & 4 = 0 AND mine.bits & 2 <> 0 AND EXISTS (SELECT FROM jiayi.team AS t
                   WHERE t.manager_id = jiayi.caller() AND t.member_id = m.id)), false))
    ORDER BY rp.permission LIMIT 1
$$;
COMMENT ON FUNCTION member_beyond(bigint) IS
    'What a member reaches beyond the caller, such as deal.read:own; NULL: nothing. Who sets the '
    'password of another could act as that other.';
GRANT EXECUTE ON FUNCTION member_beyond(bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION is_my_person(member_id bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM jiayi.member AS m JOIN jiayi.member AS me
                   ON me.id = jiayi.me_member() AND me.person_id = m.person_id
                   WHERE m.id = is_my_person.member_id);
END
$$;
COMMENT ON FUNCTION is_my_person(bigint) IS
    'Whether a member is the caller, or a membership in another company that the caller linked.';
GRANT EXECUTE ON FUNCTION is_my_person(bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION person_new() RETURNS bigint LANGUAGE sql AS
$$ INSERT INTO jiayi.person DEFAULT VALUES RETURNING id $$;
COMMENT ON FUNCTION person_new() IS 'Makes the person behind a new membership.';
GRANT EXECUTE ON FUNCTION person_new() TO jiayi_auth;

CREATE OR REPLACE FUNCTION person_apart(member_id bigint) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM member AS m JOIN member AS o ON o.person_id = m.person_id
               AND o.id <> m.id WHERE m.id = person_apart.member_id) THEN
        PERFORM session_expire(ARRAY(SELECT s.id FROM session AS s JOIN session AS f ON f.id = s.via_id
            WHERE person_apart.member_id IN (s.member_id, f.member_id)));
        UPDATE member AS m SET person_id = person_new(), linked_at = NULL
        WHERE m.id = person_apart.member_id;
    END IF;
END
$$;
COMMENT ON FUNCTION person_apart(bigint) IS
    'Ends a member''s link with memberships in other companies, where somebody else decided about it, '
    'and what was opened by it.';
GRANT EXECUTE ON FUNCTION person_apart(bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION member_show(member_id bigint) RETURNS SETOF member_view LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT m.id, m.email, m.name, r.name, b.email, m.state, m.created_at
    FROM member AS m JOIN role AS r ON r.id = m.role_id LEFT JOIN member AS b ON b.id = m.manager_id
    WHERE m.id = member_show.member_id;
END
$$;
COMMENT ON FUNCTION member_show(bigint) IS
    'A member as it is now, in the middle of a statement that changes it too.';
GRANT EXECUTE ON FUNCTION member_show(bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION member_made(member_id bigint, code text) RETURNS SETOF member_made
    LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT m.*, member_made.code, (SELECT j.expires_at FROM join_code AS j
        WHERE j.member_id = member_made.member_id AND member_made.code IS NOT NULL)
    FROM member_show(member_made.member_id) AS m;
END
$$;
COMMENT ON FUNCTION member_made(bigint, text) IS
    'member_show() with the code by which the member is to set a password; NULL: none was made.';
GRANT EXECUTE ON FUNCTION member_made(bigint, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION member_add(email text, name text, role text, manager text, phc text)
    RETURNS SETOF member_made
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    given  bigint;
    boss   bigint;
    made   bigint;
    before text;
    beyond text;
BEGIN
    PERFORM FROM company AS c WHERE c.id = me_company() FOR NO KEY UPDATE;
    SELECT r.id INTO given FROM role AS r
    WHERE r.name = member_add.role AND (r.company_id = me_company()
        OR (r.company_id IS NULL AND (r.name = 'operator') = me_operator()));
    IF given IS NULL THEN
        PERFORM refuse('JY005', 'no role %s; jiayi role list shows them', ROW(role));
    END IF;
    boss := member_manager(manager);
    IF phc IS NOT NULL THEN
        PERFORM check_domain(email, me_company());
    END IF;
    SELECT m.id, m.state INTO made, before FROM member AS m WHERE m.company_id = me_company()
           AND m.email = lower(member_add.email);
    IF before = 'active' THEN
        PERFORM refuse('JY006', '%s is a member already', ROW(lower(email)));
    ELSIF before = 'removed' THEN
        UPDATE member AS m SET state = 'active', name = member_add.name, role_id = given,
            manager_id = boss WHERE m.id = made;
        -- What was theirs is theirs again, and so within reach of who sets the password.
        beyond := member_beyond(made);
        IF beyond IS NOT NULL THEN
            PERFORM refuse('JY007',
                'you cannot take %s back, for you do not have %s over what was theirs; an admin '
                'can', ROW(lower(email), beyond));
        END IF;
    ELSE
        INSERT INTO member (company_id, person_id, email, name, role_id, manager_id)
        VALUES (me_company(), person_new(), lower(member_add.email), member_add.name, given, boss)
            RETURNING id INTO made;
    END IF;
    RETURN QUERY SELECT * FROM member_made(made, password_give(made, phc));
END
$$;
COMMENT ON FUNCTION member_add(text, text, text, text, text) IS
    'Adds a member to the caller''s company, or takes one back. phc is the first password''s hash; '
    'NULL: the answer has a code by which the member sets it.';
GRANT EXECUTE ON FUNCTION member_add(text, text, text, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION member_to_take_over(email text) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found  bigint := member_to_manage(email);
    beyond text := member_beyond(found);
BEGIN
    IF beyond IS NOT NULL THEN
        PERFORM refuse('JY007',
            'you cannot change how %s signs in, for you do not have %s over what is theirs; an '
            'admin can', ROW(lower(email), beyond));
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION member_to_take_over(text) IS
    'A member whose password or address the caller may change: one who reaches nothing that the '
    'caller does not.';
GRANT EXECUTE ON FUNCTION member_to_take_over(text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION member_set_password(email text, phc text) RETURNS SETOF member_made
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    who bigint := member_to_take_over(email);
BEGIN
    IF phc IS NOT NULL THEN
        PERFORM check_domain(email, me_company());
    END IF;
    IF who = me_member() THEN
        -- A stolen session would be enough.
        PERFORM refuse('JY009', 'change your own password with jiayi passwd');
    END IF;
    RETURN QUERY SELECT * FROM member_made(who, password_give(who, phc));
END
$$;
COMMENT ON FUNCTION member_set_password(text, text) IS
    'Gives a member of the caller''s company a new password; phc NULL: a code by which the member '
    'sets one. What was opened with the old one ends.';
GRANT EXECUTE ON FUNCTION member_set_password(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION member_update(email text, name text, new_email text)
    RETURNS SETOF member_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    who   bigint := member_to_manage(email);
    there text;
BEGIN
    IF lower(new_email) <> lower(email) THEN
        PERFORM member_to_take_over(email);
        IF domain_owner(new_email) <> me_company() THEN
            PERFORM refuse('JY009',
                'addresses in %s join by invitation: add the address as a new member',
                ROW(lower(split_part(new_email, '@', 2))));
        END IF;
        SELECT m.state INTO there FROM member AS m
        WHERE m.company_id = me_company() AND m.email = lower(new_email);
        IF there = 'active' THEN
            PERFORM refuse('JY006', '%s is a member already', ROW(lower(new_email)));
        ELSIF there = 'removed' THEN
            PERFORM refuse('JY006', '%s was a member and was removed; take another address',
                ROW(lower(new_email)));
        END IF;
        PERFORM person_apart(who);
    END IF;
    UPDATE member AS m SET name = coalesce(member_update.name, m.name),
        email = coalesce(lower(new_email), m.email) WHERE m.id = who;
    RETURN QUERY SELECT * FROM member_show(who);
END
$$;
COMMENT ON FUNCTION member_update(text, text, text) IS
    'Changes the name or the address of a member of the caller''s company; NULL: stays.';
GRANT EXECUTE ON FUNCTION member_update(text, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION member_set_role(email text, role text) RETURNS SETOF member_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    who   bigint := member_to_manage(email);
    given bigint;
BEGIN
    SELECT r.id INTO given FROM role AS r
    WHERE r.name = member_set_role.role AND (r.company_id = me_company()
        OR (r.company_id IS NULL AND (r.name = 'operator') = me_operator()));
    IF given IS NULL THEN
        PERFORM refuse('JY005', 'no role %s; jiayi role list shows them', ROW(role));
    END IF;
    UPDATE member AS m SET role_id = given WHERE m.id = who;
    RETURN QUERY SELECT * FROM member_show(who);
END
$$;
COMMENT ON FUNCTION member_set_role(text, text) IS
    'Gives a member of the caller''s company another role.';
GRANT EXECUTE ON FUNCTION member_set_role(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION member_set_manager(email text, manager text) RETURNS SETOF member_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    who  bigint := member_to_manage(email);
    boss bigint := member_manager(manager);
BEGIN
    UPDATE member AS m SET manager_id = boss WHERE m.id = who;
    RETURN QUERY SELECT * FROM member_show(who);
END
$$;
COMMENT ON FUNCTION member_set_manager(text, text) IS
    'Puts a member of the caller''s company under a manager; NULL: under none.';
GRANT EXECUTE ON FUNCTION member_set_manager(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION team_height(member_id bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(max(levels), 0) FROM (
        SELECT count(*) AS levels FROM jiayi.team AS below
        JOIN jiayi.team AS between ON between.member_id = below.member_id
            AND (between.manager_id = below.manager_id
                 OR between.manager_id IN (SELECT t.member_id FROM jiayi.team AS t
                                           WHERE t.manager_id = team_height.member_id))
        WHERE below.manager_id = team_height.member_id GROUP BY below.member_id) AS chain
$$;
COMMENT ON FUNCTION team_height(bigint) IS 'How many levels of members are below one.';
GRANT EXECUTE ON FUNCTION team_height(bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION member_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    me     bigint := caller();
    given  role;
    boss   member;
    beyond text;
    was_admin boolean;
    above  bigint;
    gains  record;
    like_it text;
BEGIN
    -- Two changes in a company at once could together make a cycle, or take away the last two
    -- admins.
    PERFORM FROM company AS c WHERE c.id = NEW.company_id FOR NO KEY UPDATE;

    IF TG_OP = 'INSERT' OR NEW.email <> OLD.email THEN
        SELECT m.email INTO like_it FROM member AS m
        WHERE m.company_id = NEW.company_id AND m.id <> NEW.id
          AND address_skeleton(m.email) = address_skeleton(NEW.email) LIMIT 1;
        IF like_it IS NOT NULL AND like_it <> NEW.email THEN
            PERFORM refuse('JY006',
                '%s looks like %s, who is or was a member; take another address',
                ROW(NEW.email, like_it));
        END IF;
    END IF;

    IF TG_OP = 'UPDATE' AND NEW.state <> OLD.state AND me IS NOT NULL THEN
        PERFORM check_transition('member', '', NEW.email, OLD.state, NEW.state, 'ours');
    END IF;
    IF TG_OP = 'INSERT' OR NEW.role_id <> OLD.role_id OR NEW.state <> OLD.state THEN
        SELECT * INTO given FROM role AS r WHERE r.id = NEW.role_id;
        IF given.company_id <> NEW.company_id
           OR (given.company_id IS NULL AND given.name = 'operator')
              <> (SELECT c.is_system FROM company AS c WHERE c.id = NEW.company_id) THEN
            PERFORM refuse('JY009', 'the role %s is not for this company', ROW(given.name));
        END IF;
        IF NEW.state = 'active' AND me IS NOT NULL AND me_permission() <> 'company.create' THEN
            beyond := role_beyond(NEW.role_id);
            IF beyond IS NOT NULL THEN
                PERFORM refuse('JY007',
                    'you cannot give the role %s, for you do not have %s yourself',
                    ROW(given.name, beyond));
            END IF;
            -- A team that the caller does not reach is not opened to somebody else either.
            SELECT rp.permission INTO gains
            FROM role_permission AS rp
            LEFT JOIN caller_grants() AS mine ON mine.permission = rp.permission
            WHERE rp.role_id = NEW.role_id AND rp.bits & 6 = 2 AND mine.bits & 4 = 0
              AND NEW.id <> me
              AND EXISTS (SELECT FROM team AS t WHERE t.manager_id = NEW.id AND t.member_id <> me
                          AND NOT EXISTS (SELECT FROM team AS o WHERE o.manager_id = me
                                          AND o.member_id = t.member_id))
              AND NOT (TG_OP = 'UPDATE' AND EXISTS (SELECT FROM role_permission AS had
                       WHERE had.role_id = OLD.role_id AND had.permission = rp.permission
                         AND had.bits & 2 <> 0))
            ORDER BY rp.permission LIMIT 1;
            IF gains.permission IS NOT NULL THEN
                PERFORM refuse('JY007',
                    'you cannot give %s the role %s, for you do not have %s over all of their team',
                    ROW(NEW.email, given.name, gains.permission));
            END IF;
        END IF;
    END IF;

    IF TG_OP = 'UPDATE' AND OLD.state = 'active'
        AND (NEW.state <> 'active' OR NEW.role_id <> OLD.role_id) THEN
        SELECT r.company_id IS NULL AND r.name = 'admin' INTO was_admin
        FROM role AS r WHERE r.id = OLD.role_id;
        IF was_admin AND me IS NOT NULL AND role_beyond(OLD.role_id) IS NOT NULL THEN
            PERFORM refuse('JY007', '%s is an admin; only an admin can change that',
                ROW(OLD.email));
        END IF;
        -- The built-in admin is the one role that can give back what was taken away.
        IF was_admin
           AND NOT EXISTS (SELECT FROM member AS m WHERE m.company_id = OLD.company_id
               AND m.role_id = OLD.role_id
                           AND m.state = 'active' AND m.id <> OLD.id) THEN
            PERFORM refuse('JY009', '%s is the last admin of %s; make somebody else admin first',
                ROW(OLD.email, slug_of(OLD.company_id)));
        END IF;
    END IF;

    IF NEW.manager_id IS NOT NULL
       AND (TG_OP = 'INSERT' OR NEW.manager_id IS DISTINCT FROM OLD.manager_id) THEN
        SELECT * INTO boss FROM member AS m WHERE m.id = NEW.manager_id;
        IF boss.id = NEW.id THEN
            PERFORM refuse('JY003', 'nobody can be their own manager; name another manager');
        ELSIF EXISTS (SELECT FROM team AS t WHERE t.manager_id = NEW.id
            AND t.member_id = NEW.manager_id) THEN
            PERFORM refuse('JY009',
                '%s is below %s, who cannot come below %s in turn; name another manager',
                ROW(boss.email, NEW.email, boss.email));
        END IF;
        -- Each level costs a row of team for everybody below. Teams that were deeper before there
        -- was a limit may become flatter.
        SELECT count(*) + 1 INTO above FROM team AS t WHERE t.member_id = boss.id;
        IF above > (SELECT count(*) FROM team AS t WHERE t.member_id = NEW.id)
           AND above + team_height(NEW.id) > 20 THEN
            PERFORM refuse('JY009',
                'teams are 20 levels deep at most, and %s under %s would make more; name a manager '
                'further up', ROW(NEW.email, boss.email));
        END IF;
        -- Those above reach the teams below them: by a member of the own making, too, nobody gets
        -- or gives what they do not reach.
        IF TG_OP = 'UPDATE' AND me IS NOT NULL AND OLD.id <> me THEN
            SELECT a.id, x.email, rp.permission INTO gains
            FROM (SELECT boss.id UNION SELECT t.manager_id FROM team AS t
                  WHERE t.member_id = boss.id) AS a(id)
            JOIN member AS x ON x.id = a.id
            JOIN role_permission AS rp ON rp.role_id = x.role_id AND rp.bits & 6 = 2
            LEFT JOIN caller_grants() AS mine ON mine.permission = rp.permission
            WHERE NOT EXISTS (SELECT FROM team AS t WHERE t.manager_id = a.id
                              AND t.member_id = OLD.id)
              AND NOT coalesce(mine.bits & 4 <> 0 OR (mine.bits & 2 <> 0
                  AND EXISTS (SELECT FROM team AS t WHERE t.manager_id = me
                              AND t.member_id = OLD.id)), false)
            ORDER BY a.id = me DESC, a.id, rp.permission LIMIT 1;
            IF gains.id = me THEN
                PERFORM refuse('JY007',
                    'that would bring %s under yourself and widen what you reach; somebody else '
                    'must do it', ROW(OLD.email));
            ELSIF gains.id IS NOT NULL THEN
                PERFORM refuse('JY007',
                    'that would bring %s within reach of %s, whose %s you do not have there '
                    'yourself; somebody else must do it',
                    ROW(OLD.email, gains.email, gains.permission));
            END IF;
        END IF;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION member_guard() IS
    'Trigger: nobody gives more than they have, by a role or by a team; the last admin stays; '
    'managers make no cycles, and no more than 20 levels.';

CREATE OR REPLACE FUNCTION team_keep() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    moved bigint[];
    above bigint[] := '{}';
    day   date;
BEGIN
    PERFORM set_config('jiayi.reach', '', true);
    SELECT array_agg(t.member_id) || NEW.id INTO moved FROM team AS t WHERE t.manager_id = NEW.id;
    IF NEW.manager_id IS NOT NULL THEN
        SELECT array_agg(t.manager_id) || NEW.manager_id INTO above
        FROM team AS t WHERE t.member_id = NEW.manager_id;
    END IF;
    -- Days run forwards also where the company's clock went to another zone.
    day := greatest(company_day(NEW.company_id, clock_timestamp()),
        (SELECT max(CASE s.to_on WHEN 'infinity' THEN s.from_on ELSE s.to_on END)
         FROM team_span AS s WHERE s.member_id = ANY (moved)));
    WITH gone AS (
        DELETE FROM team AS t
        WHERE t.member_id = ANY (moved) AND t.manager_id <> ALL (moved || above)
        RETURNING t.manager_id, t.member_id
    ), for_no_day AS (
        DELETE FROM team_span AS s USING gone AS g
        WHERE s.manager_id = g.manager_id AND s.member_id = g.member_id AND s.to_on = 'infinity'
          AND s.from_on >= day
    )
    UPDATE team_span AS s SET to_on = day FROM gone AS g
    WHERE s.manager_id = g.manager_id AND s.member_id = g.member_id AND s.to_on = 'infinity'
      AND s.from_on < day;
    WITH come AS (
        INSERT INTO team (manager_id, member_id)
        SELECT a.id, m.id FROM unnest(above) AS a(id), unnest(moved) AS m(id)
        ON CONFLICT DO NOTHING RETURNING manager_id, member_id
    ), again AS ( -- on the day on which they went
        UPDATE team_span AS s SET to_on = 'infinity' FROM come AS c
        WHERE s.manager_id = c.manager_id AND s.member_id = c.member_id AND s.to_on = day
        RETURNING s.manager_id, s.member_id
    )
    INSERT INTO team_span (manager_id, member_id, from_on)
    SELECT c.manager_id, c.member_id, day FROM come AS c
    WHERE NOT EXISTS (SELECT FROM again AS a
        WHERE a.manager_id = c.manager_id AND a.member_id = c.member_id);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION team_keep() IS
    'Trigger: keeps team and team_span, when a member with all below comes under another manager.';

-- address_skeleton() itself is in a migration: an index has it.
GRANT EXECUTE ON FUNCTION address_skeleton(text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION member_span_keep() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
BEGIN
    UPDATE member_span AS s SET to_at = greatest(moment, s.from_at)
    WHERE s.member_id = NEW.id AND s.to_at IS NULL;
    INSERT INTO member_span (company_id, member_id, state, role, manager_id, from_at, by_id)
    SELECT NEW.company_id, NEW.id, NEW.state, r.name, NEW.manager_id, moment,
           nullif(current_setting('jiayi.member_id', true), '')::bigint
    FROM role AS r WHERE r.id = NEW.role_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION member_span_keep() IS
    'Trigger: what a member was ends, and what they are now begins.';

CREATE OR REPLACE FUNCTION member_span_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO event (company_id, kind, on_kind, on_id, actor_id, member_ids)
    SELECT a.company_id, w.kind, kind('member'), a.member_id, a.by_id,
           CASE w.kind WHEN 'member.removed' THEN ARRAY[b.manager_id] WHEN 'role.changed' THEN ARRAY[a.member_id]
               ELSE ARRAY[a.member_id, a.manager_id] END
    FROM added AS a
    LEFT JOIN LATERAL (SELECT s.state, s.role, s.manager_id FROM member_span AS s
        WHERE s.member_id = a.member_id AND s.id < a.id ORDER BY s.id DESC LIMIT 1) AS b ON true
    CROSS JOIN LATERAL (SELECT CASE WHEN a.state <> 'active' THEN 'member.removed'
        WHEN b.state IS DISTINCT FROM 'active' THEN 'member.added'
        WHEN b.role <> a.role THEN 'role.changed' ELSE 'member.moved' END) AS w(kind);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION member_span_tell() IS
    'Trigger: tells a member, and their manager, what they are from now on.';

---- Tables

CALL protect('person', 'id', '');
CALL open_to_auth('person', 'SELECT, INSERT');

-- Whom a member is linked with is nobody else's to know.
CALL protect('member', 'id', 'company_id', 'person_id,linked_at');
-- Whom of the company the caller sees, once for a statement: NULL is all of them. By coalesce() the planner expects half, and not next to none.
CREATE POLICY own ON member FOR SELECT TO jiayi_app
    USING (company_id = me_company()
           AND coalesce(id = ANY ((SELECT CASE WHEN sight(noun('member')) & 4 = 0 AND me_noun() = noun('member')
                    THEN me_member() || CASE WHEN sight(noun('member')) & 2 <> 0 THEN me_team() END END)::bigint[]), true));
GRANT SELECT ON member TO jiayi_app;
CALL open_to_auth('member', 'SELECT, INSERT, UPDATE');
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON member FOR EACH ROW EXECUTE FUNCTION member_guard();
CREATE TRIGGER sessions AFTER UPDATE OF role_id, state, email ON member
    FOR EACH ROW EXECUTE FUNCTION session_of_member();
CREATE TRIGGER team AFTER INSERT OR UPDATE OF manager_id
    ON member FOR EACH ROW EXECUTE FUNCTION team_keep();

CREATE TRIGGER span_new AFTER INSERT ON member FOR EACH ROW EXECUTE FUNCTION member_span_keep();
CREATE TRIGGER span AFTER UPDATE ON member FOR EACH ROW
    WHEN (OLD.state <> NEW.state OR OLD.role_id <> NEW.role_id
          OR OLD.manager_id IS DISTINCT FROM NEW.manager_id)
    EXECUTE FUNCTION member_span_keep();

-- The log has the changes of the member themselves.
CALL protect('member_span', NULL);
CALL shape('member_span', 'child', parent => 'member', key => 'member_id');
GRANT SELECT ON member_span TO jiayi_app;
CALL open_to_auth('member_span', 'SELECT, INSERT, UPDATE');
CALL only_added('member_span', 'to_at');
CALL told('member_span', 'INSERT');

CALL protect('team', NULL);
CALL shape('team', 'named', owner => 'manager_id');
GRANT SELECT ON team TO jiayi_app;
CALL open_to_auth('team', 'SELECT, INSERT, DELETE');

-- It is worked out of member_span, which is evidence.
CALL protect('team_span', NULL);
CALL open_to_auth('team_span', 'SELECT, INSERT, UPDATE, DELETE');
