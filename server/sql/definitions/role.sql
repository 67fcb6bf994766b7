-- Roles and what they permit: who sees which, and what may be granted.

CREATE OR REPLACE FUNCTION role_by_name(name text, own_only boolean DEFAULT false) RETURNS bigint
    LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found role;
BEGIN
    SELECT r.* INTO found FROM role AS r WHERE r.name = role_by_name.name;
    IF found.id IS NULL THEN
        PERFORM refuse('JY005', 'no role %s; jiayi role list shows them', ROW(name));
    ELSIF own_only AND found.company_id IS NULL THEN
        PERFORM refuse('JY009',
            'the role %s is built in and cannot be changed; make one of your own with role create',
            ROW(name));
    END IF;
    RETURN found.id;
END
$$;
COMMENT ON FUNCTION role_by_name(text, boolean) IS
    'A role that the caller sees, by its name; own_only: one that may be changed.';
GRANT EXECUTE ON FUNCTION role_by_name(text, boolean) TO jiayi_app;

CREATE OR REPLACE FUNCTION role_beyond(role_id bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT rp.permission || ':' || rp.scope
    FROM jiayi.role_permission AS rp
    LEFT JOIN jiayi.role_permission AS mine ON mine.permission = rp.permission
        AND mine.role_id = (SELECT m.role_id FROM jiayi.member AS m WHERE m.id = jiayi.caller())
    WHERE rp.role_id = role_beyond.role_id AND rp.bits & ~coalesce(mine.bits, 0) <> 0
    ORDER BY rp.permission LIMIT 1
$$;
COMMENT ON FUNCTION role_beyond(bigint) IS
    'What a role permits beyond the caller''s own, such as deal.read:company; NULL: nothing.';
GRANT EXECUTE ON FUNCTION role_beyond(bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION add_grants(role_id bigint, grants text[]) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    one  text;
    what text;
    far  text;
BEGIN
    FOREACH one IN ARRAY grants LOOP
        what := split_part(one, ':', 1);
        far := split_part(one, ':', 2);
        IF NOT EXISTS (SELECT FROM permission AS p WHERE p.name = what) THEN
            PERFORM refuse('JY003', 'unknown permission %s; jiayi role show admin lists them',
                ROW(what));
        ELSIF NOT EXISTS (SELECT FROM scope AS s WHERE s.word = far) THEN
            PERFORM refuse('JY003',
                'unknown scope %s; take own, own+shared, team, team+shared, company or partners',
                ROW(far));
        END IF;
        INSERT INTO role_permission (role_id, permission, scope)
            VALUES (add_grants.role_id, what, far)
        ON CONFLICT ON CONSTRAINT role_permission_pkey DO UPDATE SET scope = excluded.scope;
    END LOOP;
END
$$;
COMMENT ON FUNCTION add_grants(bigint, text[]) IS
    'Puts permissions such as deal.read:team into a role.';
GRANT EXECUTE ON FUNCTION add_grants(bigint, text[]) TO jiayi_app;

CREATE OR REPLACE FUNCTION role_show(role_id bigint) RETURNS SETOF role_view LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT r.name, r.company_id IS NULL,
           (SELECT count(*)::int FROM member AS m WHERE m.role_id = r.id
               AND m.company_id = me_company() AND m.state = 'active'),
           coalesce((SELECT array_agg(rp.permission || ':' || rp.scope ORDER BY rp.permission)
                     FROM role_permission AS rp WHERE rp.role_id = r.id), '{}')
    FROM role AS r WHERE r.id = role_show.role_id;
END
$$;
COMMENT ON FUNCTION role_show(bigint) IS
    'A role as it is now, in the middle of a statement that changes it too.';
GRANT EXECUTE ON FUNCTION role_show(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION role_create(name text, grants text[]) RETURNS SETOF role_view
    LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    IF EXISTS (SELECT FROM role AS r WHERE r.name = role_create.name
        AND r.company_id IS NOT NULL) THEN
        PERFORM refuse('JY006', 'there is a role %s already', ROW(name));
    END IF;
    INSERT INTO role (company_id, name) VALUES (me_company(), role_create.name)
        RETURNING id INTO made;
    PERFORM add_grants(made, grants);
    RETURN QUERY SELECT * FROM role_show(made);
END
$$;
COMMENT ON FUNCTION role_create(text, text[]) IS 'Makes a role of the caller''s company.';
GRANT EXECUTE ON FUNCTION role_create(text, text[]) TO jiayi_app;

CREATE OR REPLACE FUNCTION role_permission_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    owner bigint;
    mine  int;
    whole boolean;
BEGIN
    SELECT r.company_id INTO owner FROM jiayi.role AS r
           WHERE r.id = coalesce(NEW.role_id, OLD.role_id);
    IF owner IS NULL AND FOUND AND jiayi.caller() IS NOT NULL THEN
        PERFORM jiayi.refuse('JY009',
            'a built-in role cannot be changed; make one of your own with role create');
    END IF;
    IF jiayi.caller() IS NOT NULL THEN
        SELECT rp.bits INTO mine FROM jiayi.member AS m
        JOIN jiayi.role_permission AS rp ON rp.role_id = m.role_id
            AND rp.permission = coalesce(NEW.permission, OLD.permission)
        WHERE m.id = jiayi.caller();
        IF TG_OP <> 'INSERT' AND OLD.bits & ~coalesce(mine, 0) <> 0 THEN
            PERFORM jiayi.refuse('JY007',
                'you cannot take %s:%s away, for you do not have it yourself',
                ROW(OLD.permission, OLD.scope));
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    SELECT s.bits & CASE WHEN p.shareable THEN 15 ELSE 7 END, p.reads, p.whole
    INTO NEW.bits, NEW.reads, whole
    FROM jiayi.scope AS s, jiayi.permission AS p WHERE s.word = NEW.scope
        AND p.name = NEW.permission;
    IF jiayi.caller() IS NOT NULL AND NEW.bits & ~coalesce(mine, 0) <> 0 THEN
        PERFORM jiayi.refuse('JY007', 'you cannot grant %s:%s, for you do not have it yourself',
            ROW(NEW.permission, NEW.scope));
    END IF;
    IF whole AND NEW.bits & 4 = 0 THEN
        PERFORM jiayi.refuse('JY003', '%s is about the company as a whole; grant %s:company',
            ROW(NEW.permission, NEW.permission), field => 'grants');
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION role_permission_guard() IS
    'Trigger: works out the bits; built-in roles change in migrations only; nobody grants what '
    'they lack, or takes it away.';

CREATE OR REPLACE FUNCTION role_sights(role_id bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(chr(64 + coalesce(rp.bits, 0)), '' ORDER BY n.no)
    FROM generate_series(1, 60) AS n(no)
    LEFT JOIN jiayi.permission AS p ON p.noun_no = n.no AND p.name LIKE '%.read'
    LEFT JOIN jiayi.role_permission AS rp ON rp.permission = p.name
        AND rp.role_id = role_sights.role_id
$$;
COMMENT ON FUNCTION role_sights(bigint) IS 'role.sights, worked out of what the role permits.';
GRANT EXECUTE ON FUNCTION role_sights(bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION role_see() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    changed bigint := coalesce(NEW.role_id, OLD.role_id);
BEGIN
    UPDATE jiayi.role AS r SET sights = role_sights(changed) WHERE r.id = changed;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION role_see() IS 'Trigger: keeps role.sights with what the role permits.';

CREATE OR REPLACE FUNCTION role_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF jiayi.caller() IS NULL THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.company_id IS NULL THEN
            PERFORM jiayi.refuse('JY009', 'the role %s is built in and cannot be deleted',
                ROW(OLD.name));
        END IF;
        IF EXISTS (SELECT FROM jiayi.member AS m WHERE m.role_id = OLD.id
            AND m.state = 'active') THEN
            PERFORM jiayi.refuse('JY009',
                'members have the role %s; give them another first: jiayi member set-role',
                ROW(OLD.name));
        END IF;
        IF EXISTS (SELECT FROM jiayi.member AS m WHERE m.role_id = OLD.id) THEN
            -- Those who were removed keep no right by it; one who comes back is given a role anew.
            UPDATE jiayi.member AS m SET role_id = (SELECT r.id FROM jiayi.role AS r
                WHERE r.company_id IS NULL AND r.name = 'salesperson')
            WHERE m.role_id = OLD.id;
        END IF;
        RETURN OLD;
    END IF;
    IF EXISTS (SELECT FROM jiayi.role AS r WHERE r.company_id IS NULL AND r.name = NEW.name) THEN
        PERFORM jiayi.refuse('JY006', 'there is a built-in role %s; take another name',
            ROW(NEW.name));
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION role_guard() IS
    'Trigger: built-in roles stay, and so does a role that somebody has.';

---- Tables

CALL protect('scope', 'word');
CREATE POLICY everybody ON scope FOR SELECT TO jiayi_app USING (true);
GRANT SELECT ON scope TO jiayi_app;
CALL open_to_auth('scope', 'SELECT');

CALL protect('permission', 'name');
CREATE POLICY everybody ON permission FOR SELECT TO jiayi_app USING (true);
GRANT SELECT ON permission TO jiayi_app;
CALL open_to_auth('permission', 'SELECT');

-- sights only repeats role_permission.
CALL protect('role', 'id', 'company_id', 'sights');
CREATE POLICY visible ON role FOR SELECT TO jiayi_app
    USING (CASE WHEN company_id IS NULL THEN (name = 'operator') = me_operator()
                ELSE company_id = me_company() END);
CREATE POLICY own_insert ON role FOR INSERT TO jiayi_app WITH CHECK (company_id = me_company());
CREATE POLICY own_delete ON role FOR DELETE TO jiayi_app USING (company_id = me_company());
GRANT SELECT, DELETE ON role TO jiayi_app;
GRANT INSERT (company_id, name) ON role TO jiayi_app;
CALL open_to_auth('role', 'SELECT, UPDATE');
CREATE TRIGGER guard BEFORE INSERT OR DELETE ON role FOR EACH ROW EXECUTE FUNCTION role_guard();

CALL protect('role_permission', 'role_id,permission', '');
CREATE POLICY visible ON role_permission FOR SELECT TO jiayi_app
    USING (role_id IN (SELECT r.id FROM role AS r));
CREATE POLICY own_insert ON role_permission FOR INSERT TO jiayi_app
    WITH CHECK (role_id IN (SELECT r.id FROM role AS r WHERE r.company_id = me_company()));
CREATE POLICY own_update ON role_permission FOR UPDATE TO jiayi_app
    USING (role_id IN (SELECT r.id FROM role AS r WHERE r.company_id = me_company()));
CREATE POLICY own_delete ON role_permission FOR DELETE TO jiayi_app
    USING (role_id IN (SELECT r.id FROM role AS r WHERE r.company_id = me_company()));
GRANT SELECT, DELETE ON role_permission TO jiayi_app;
GRANT INSERT (role_id, permission, scope), UPDATE (scope) ON role_permission TO jiayi_app;
CALL open_to_auth('role_permission', 'SELECT');
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON role_permission
    FOR EACH ROW EXECUTE FUNCTION role_permission_guard();
CREATE TRIGGER sights AFTER INSERT OR UPDATE OR DELETE ON role_permission
    FOR EACH ROW EXECUTE FUNCTION role_see();
-- What migrations permitted meanwhile.
UPDATE role AS r SET sights = role_sights(r.id) WHERE r.sights <> role_sights(r.id);
