-- Partnerships: who sees which, which side may change what, and the partners that other calls name.

CREATE OR REPLACE FUNCTION vendor_by_slug(slug text) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found record;
BEGIN
    IF slug IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT p.vendor_id, p.state INTO found FROM partnership AS p JOIN company AS c
           ON c.id = p.vendor_id
    WHERE p.principal_id = me_company() AND c.slug = vendor_by_slug.slug;
    IF found.vendor_id IS NULL THEN
        PERFORM refuse('JY005', format('no vendor %s; jiayi partner list shows them', slug));
    ELSIF found.state <> 'active' THEN
        PERFORM refuse('JY009', format('the partnership with %s is %s, not active', slug,
            found.state));
    END IF;
    RETURN found.vendor_id;
END
$$;
COMMENT ON FUNCTION vendor_by_slug(text) IS
    'A vendor of the caller''s company in an active partnership; NULL for NULL; the call ends '
    'where there is none.';
GRANT EXECUTE ON FUNCTION vendor_by_slug(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION addressee_by_slug(slug text) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found record;
BEGIN
    SELECT c.id, p.state INTO found FROM company AS c
    LEFT JOIN partnership AS p ON p.principal_id = c.id AND p.vendor_id = me_company()
    WHERE c.slug = addressee_by_slug.slug AND (c.id = me_company() OR p.id IS NOT NULL);
    IF found.id IS NULL THEN
        PERFORM refuse('JY005',
            format('no principal %s; name your own company or one of jiayi partner list', slug));
    ELSIF found.id <> me_company() AND found.state <> 'active' THEN
        PERFORM refuse('JY009', format('the partnership with %s is %s, not active', slug,
            found.state));
    END IF;
    RETURN found.id;
END
$$;
COMMENT ON FUNCTION addressee_by_slug(text) IS
    'The caller''s own company, or a principal of it in an active partnership.';
GRANT EXECUTE ON FUNCTION addressee_by_slug(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION partner_show(partnership_id bigint) RETURNS SETOF partner_view
    LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT p.id, o.slug, o.name, CASE p.principal_id WHEN me_company() THEN 'vendor'
           ELSE 'principal' END,
           p.state, p.updated_at, p.created_at, a.slug, b.slug
    FROM partnership AS p
    JOIN company AS a ON a.id = p.principal_id
    JOIN company AS b ON b.id = p.vendor_id
    JOIN company AS o ON o.id = CASE p.principal_id WHEN me_company() THEN p.vendor_id
        ELSE p.principal_id END
    WHERE p.id = partner_show.partnership_id;
END
$$;
COMMENT ON FUNCTION partner_show(bigint) IS
    'A partnership as it is now, in the middle of a statement that changes it too.';
GRANT EXECUTE ON FUNCTION partner_show(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION partner_invite(slug text) RETURNS SETOF partner_view LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    other bigint := company_by_slug(slug);
    there partnership;
    made  bigint;
BEGIN
    IF other IS NULL THEN
        PERFORM refuse('JY005', format('no company %s', slug));
    ELSIF other = me_company() THEN
        PERFORM refuse('JY003', 'a company cannot be its own partner; name another');
    END IF;
    SELECT * INTO there FROM partnership AS p WHERE p.principal_id = me_company()
           AND p.vendor_id = other;
    IF there.id IS NULL THEN
        INSERT INTO partnership (principal_id, vendor_id) VALUES (me_company(), other)
        ON CONFLICT ON CONSTRAINT partnership_pair_unique DO NOTHING RETURNING id INTO made;
    ELSIF there.state = 'ended' THEN
        UPDATE partnership AS p SET state = 'invited' WHERE p.id = there.id AND p.state = 'ended'
            RETURNING p.id INTO made;
    END IF;
    IF made IS NULL THEN
        PERFORM refuse('JY006', format('%s is a vendor of yours already; the partnership is %s',
            slug, coalesce(there.state, 'invited')));
    END IF;
    RETURN QUERY SELECT * FROM partner_show(made);
END
$$;
COMMENT ON FUNCTION partner_invite(text) IS 'Invites a company to be a vendor of the caller''s.';
GRANT EXECUTE ON FUNCTION partner_invite(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION partner_change(slug text, other_side text,
    state text) RETURNS SETOF partner_view
    LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    other  bigint := company_by_slug(slug);
    found  bigint[];
    living bigint[];
    now_is text;
BEGIN
    SELECT array_agg(p.id), array_agg(p.id) FILTER (WHERE p.state <> 'ended'),
           min(p.state) INTO found, living, now_is FROM partnership AS p
    WHERE (p.principal_id = me_company() AND p.vendor_id = other
        AND coalesce(other_side, 'vendor') = 'vendor')
       OR (p.vendor_id = me_company() AND p.principal_id = other
           AND coalesce(other_side, 'principal') = 'principal');
    IF cardinality(found) > 1 AND cardinality(living) = 1 THEN
        found := living;
    END IF;
    IF found IS NULL THEN
        PERFORM refuse('JY005', format('no %s %s', coalesce(other_side, 'partner'), slug));
    ELSIF cardinality(found) > 1 THEN
        PERFORM refuse('JY003',
            format('%s is both a principal and a vendor of yours; say which with --side', slug));
    END IF;
    UPDATE partnership AS p SET state = partner_change.state WHERE p.id = found[1];
    RETURN QUERY SELECT * FROM partner_show(found[1]);
END
$$;
COMMENT ON FUNCTION partner_change(text, text, text) IS
    'Brings the partnership with a company into another state. other_side says what that company '
    'is to the caller''s: principal, vendor, or NULL for either.';
GRANT EXECUTE ON FUNCTION partner_change(text, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION partnership_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    mine text;
BEGIN
    IF jiayi.caller() IS NOT NULL THEN
        mine := CASE WHEN OLD.principal_id = jiayi.me_company() THEN 'principal' ELSE 'vendor' END;
        IF NOT EXISTS (SELECT FROM jiayi.partnership_transition AS t
                       WHERE t.from_state = OLD.state AND t.to_state = NEW.state
                           AND t.side = mine) THEN
            RAISE EXCEPTION USING ERRCODE = 'JY009',
                MESSAGE = CASE WHEN OLD.state = NEW.state
                    THEN format('the partnership is %s already', OLD.state)
                    ELSE format('the partnership is %s; the %s cannot make it %s', OLD.state, mine,
                                NEW.state) END;
        END IF;
    END IF;
    NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION partnership_guard() IS
    'Trigger: a partnership changes its state as partnership_transition has it.';

---- Tables

CALL protect('partnership_transition', 'from_state,to_state,side', '');
CREATE POLICY everybody ON partnership_transition FOR SELECT TO jiayi_app USING (true);
GRANT SELECT ON partnership_transition TO jiayi_app;

CALL protect('partnership', 'id', 'principal_id,vendor_id');
CREATE POLICY sides ON partnership FOR SELECT TO jiayi_app
    USING (principal_id = me_company() OR vendor_id = me_company());
CREATE POLICY invite ON partnership FOR INSERT TO jiayi_app
    WITH CHECK (principal_id = me_company() AND state = 'invited');
CREATE POLICY sides_update ON partnership FOR UPDATE TO jiayi_app
    USING (principal_id = me_company() OR vendor_id = me_company());
GRANT SELECT ON partnership TO jiayi_app;
GRANT INSERT (principal_id, vendor_id), UPDATE (state) ON partnership TO jiayi_app;
CALL open_to_auth('partnership', 'SELECT');
CREATE TRIGGER guard BEFORE UPDATE ON partnership FOR EACH ROW EXECUTE FUNCTION partnership_guard();
