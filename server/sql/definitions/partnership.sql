-- Partnerships: who sees which, which side may change what, and the partners that other calls name.

CREATE OR REPLACE FUNCTION no_partner(slug text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM jiayi.refuse('JY005', '%s is no partner of yours', ROW(slug));
END
$$;
COMMENT ON FUNCTION no_partner(text) IS
    'Ends the call, in the same words whether there is no such company or only no partnership.';
GRANT EXECUTE ON FUNCTION no_partner(text) TO jiayi_app;

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
        PERFORM no_partner(slug);
    ELSIF found.state <> 'active' THEN
        PERFORM refuse('JY009', 'the partnership with %s is %s, not active',
            ROW(slug, word('partnership', found.state)));
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
        PERFORM no_partner(slug);
    ELSIF found.id <> me_company() AND found.state <> 'active' THEN
        PERFORM refuse('JY009', 'the partnership with %s is %s, not active',
            ROW(slug, word('partnership', found.state)));
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
GRANT EXECUTE ON FUNCTION partner_show(bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION invitation_show(invitation_id bigint) RETURNS SETOF partner_view
    LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT NULL::bigint, CASE i.principal_id WHEN me_company() THEN i.slug ELSE a.slug END,
           NULL::text,
           CASE i.principal_id WHEN me_company() THEN 'vendor' ELSE 'principal' END,
           CASE i.state WHEN 'open' THEN 'invited' ELSE 'ended' END, i.updated_at, i.created_at,
           a.slug, i.slug
    FROM invitation AS i JOIN company AS a ON a.id = i.principal_id
    WHERE i.id = invitation_show.invitation_id
      AND (i.principal_id = me_company() OR i.slug = me_slug());
END
$$;
COMMENT ON FUNCTION invitation_show(bigint) IS
    'An invitation as it is now, as partnerships are answered: of the other side the short name.';
GRANT EXECUTE ON FUNCTION invitation_show(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION invitation_between(slug text, side text) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    -- Who was invited looks from the own short name: what it is told of is known to it already.
    RETURN (SELECT i.id FROM invitation AS i JOIN company AS a ON a.id = i.principal_id
            WHERE i.state = 'open'
              AND ((coalesce(side, 'vendor') = 'vendor' AND i.principal_id = me_company()
                    AND i.slug = invitation_between.slug)
                   OR (coalesce(side, 'principal') = 'principal' AND i.slug = me_slug()
                       AND a.slug = invitation_between.slug))
            ORDER BY i.id LIMIT 1);
END
$$;
COMMENT ON FUNCTION invitation_between(text, text) IS
    'The open invitation between the caller''s company and that of a short name, or NULL. side '
    'says what that company is to be to the caller''s: principal, vendor, or NULL for either.';
GRANT EXECUTE ON FUNCTION invitation_between(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION partner_invite(slug text) RETURNS SETOF partner_view LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    there text;
    made  bigint;
BEGIN
    IF slug = me_slug() THEN
        PERFORM refuse('JY003', 'a company cannot be its own partner; name another');
    END IF;
    -- What the caller's company knows already decides: nothing tells which companies there are.
    SELECT p.state INTO there FROM partnership AS p JOIN company AS c ON c.id = p.vendor_id
    WHERE p.principal_id = me_company() AND c.slug = partner_invite.slug;
    IF coalesce(there, 'ended') <> 'ended' THEN
        PERFORM refuse('JY006', '%s is a vendor of yours already; the partnership is %s',
            ROW(slug, word('partnership', there)));
    ELSIF (SELECT count(*) FROM invitation AS i
           WHERE i.principal_id = me_company() AND i.state = 'open') >= 50 THEN
        PERFORM refuse('JY009', '50 invitations wait for an answer; take one back with jiayi '
            'partner end, or wait');
    END IF;
    INSERT INTO invitation (principal_id, slug, signed_by)
    VALUES (me_company(), partner_invite.slug, me_member())
    ON CONFLICT DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN
        PERFORM refuse('JY006', '%s is invited already', ROW(slug));
    END IF;
    RETURN QUERY SELECT * FROM invitation_show(made);
END
$$;
COMMENT ON FUNCTION partner_invite(text) IS
    'Invites the company of a short name, if there is one, to be a vendor of the caller''s.';
GRANT EXECUTE ON FUNCTION partner_invite(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION partner_accept(slug text) RETURNS SETOF partner_view LANGUAGE plpgsql
SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    given invitation;
    made  bigint;
BEGIN
    UPDATE invitation AS i SET state = 'accepted', updated_at = now()
    WHERE i.id = invitation_between(partner_accept.slug, 'principal') AND i.state = 'open'
    RETURNING * INTO given;
    IF given.id IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO partnership (principal_id, vendor_id, created_at, invitation_id)
    VALUES (given.principal_id, me_company(), given.created_at, given.id)
    ON CONFLICT ON CONSTRAINT partnership_pair_unique
        DO UPDATE SET state = 'active', invitation_id = excluded.invitation_id
    RETURNING id INTO made;
    RETURN QUERY SELECT * FROM partner_show(made);
END
$$;
COMMENT ON FUNCTION partner_accept(text) IS
    'Accepts the invitation of a principal; nothing where there is none.';
GRANT EXECUTE ON FUNCTION partner_accept(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION partner_change(slug text, other_side text,
    state text) RETURNS SETOF partner_view
    LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    invited bigint := invitation_between(slug, other_side);
    found   bigint[];
    living  bigint[];
    mine    text;
BEGIN
    SELECT array_agg(p.id), array_agg(p.id) FILTER (WHERE p.state <> 'ended') INTO found, living
    FROM partnership AS p JOIN company AS c ON c.slug = partner_change.slug
    WHERE (p.principal_id = me_company() AND p.vendor_id = c.id
        AND coalesce(other_side, 'vendor') = 'vendor')
       OR (p.vendor_id = me_company() AND p.principal_id = c.id
           AND coalesce(other_side, 'principal') = 'principal');
    IF cardinality(found) > 1 AND cardinality(living) = 1 THEN
        found := living;
    END IF;
    IF cardinality(found) > 1 OR (invited IS NOT NULL AND living IS NOT NULL) THEN
        PERFORM refuse('JY003',
            '%s is both a principal and a vendor of yours; say which with --side', ROW(slug));
    ELSIF invited IS NOT NULL THEN
        IF state <> 'ended' THEN
            SELECT CASE i.side WHEN 'vendor' THEN 'principal' ELSE 'vendor' END INTO mine
            FROM invitation_show(invited) AS i;
            PERFORM refuse('JY009', 'the partnership is invited; the %s cannot make it %s',
                ROW(word('side', mine), word('partnership', state)));
        END IF;
        UPDATE invitation AS i SET state = 'withdrawn' WHERE i.id = invited AND i.state = 'open';
        RETURN QUERY SELECT * FROM invitation_show(invited);
        RETURN;
    ELSIF found IS NULL THEN
        PERFORM no_partner(slug);
    END IF;
    UPDATE partnership AS p SET state = partner_change.state WHERE p.id = found[1];
    RETURN QUERY SELECT * FROM partner_show(found[1]);
END
$$;
COMMENT ON FUNCTION partner_change(text, text, text) IS
    'Brings the partnership with a company into another state, or takes back an invitation. '
    'other_side says what that company is to the caller''s: principal, vendor, or NULL for either.';
GRANT EXECUTE ON FUNCTION partner_change(text, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION invitation_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF jiayi.caller() IS NOT NULL THEN
        PERFORM jiayi.check_transition('invitation', '',
            CASE OLD.principal_id WHEN jiayi.me_company() THEN OLD.slug
                ELSE jiayi.slug_of(OLD.principal_id) END, OLD.state, NEW.state,
            CASE OLD.principal_id WHEN jiayi.me_company() THEN 'principal' ELSE 'vendor' END);
    END IF;
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION invitation_guard() IS 'Trigger: an invitation is answered or taken back once.';

CREATE OR REPLACE FUNCTION partnership_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- An invitation that was accepted begins it anew.
    IF jiayi.caller() IS NOT NULL
       AND NOT (NEW.invitation_id IS DISTINCT FROM OLD.invitation_id AND OLD.state = 'ended'
                AND NEW.state = 'active') THEN
        PERFORM jiayi.check_transition('partnership', '', jiayi.slug_of(CASE OLD.principal_id
                WHEN jiayi.me_company() THEN OLD.vendor_id ELSE OLD.principal_id END),
            OLD.state, NEW.state,
            CASE OLD.principal_id WHEN jiayi.me_company() THEN 'principal' ELSE 'vendor' END);
    END IF;
    NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION partnership_guard() IS
    'Trigger: a partnership changes its state as transition has it.';

CREATE OR REPLACE FUNCTION partnership_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    SELECT NEW.principal_id, NEW.vendor_id,
           CASE WHEN NEW.state <> 'active' THEN 'partner.' || NEW.state
                WHEN TG_OP = 'UPDATE' AND OLD.state = 'suspended' THEN 'partner.resumed'
                ELSE 'partner.accepted' END,
           kind('partner'), NEW.id, c.member_id,
           CASE WHEN c.company_id IS DISTINCT FROM NEW.principal_id THEN partner_people(NEW.principal_id) END
           || CASE WHEN c.company_id IS DISTINCT FROM NEW.vendor_id THEN partner_people(NEW.vendor_id)
                  ELSE '{}' END
    FROM (SELECT nullif(current_setting('jiayi.member_id', true), '')::bigint,
                 nullif(current_setting('jiayi.company_id', true), '')::bigint) AS c(member_id, company_id);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION partnership_tell() IS
    'Trigger: tells the other side''s people that a partnership begins, rests or ends.';

-- Told or not, the same is written: how long a call takes tells nothing of which companies there are.
CREATE OR REPLACE FUNCTION invitation_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    SELECT a.principal_id, c.id, 'partner.invited', kind('invitation'), a.id, a.signed_by,
           partner_people(c.id)
    FROM added AS a LEFT JOIN company AS c ON c.slug = a.slug;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION invitation_tell() IS
    'Trigger: tells the people of the company that is invited, if there is one.';

---- Tables

CALL protect('partnership', 'id', 'principal_id,vendor_id');
CREATE POLICY sides ON partnership FOR SELECT TO jiayi_app
    USING (principal_id = me_company() OR vendor_id = me_company());
CREATE POLICY sides_update ON partnership FOR UPDATE TO jiayi_app
    USING (principal_id = me_company() OR vendor_id = me_company());
GRANT SELECT ON partnership TO jiayi_app;
GRANT UPDATE (state) ON partnership TO jiayi_app;
-- By accepting an invitation.
CALL open_to_auth('partnership', 'SELECT, INSERT, UPDATE');
CREATE TRIGGER guard BEFORE UPDATE ON partnership FOR EACH ROW EXECUTE FUNCTION partnership_guard();
CALL told('partnership', 'INSERT', 'true');
CALL told('partnership', 'UPDATE OF state', 'NEW.state <> OLD.state');

CALL protect('invitation', 'id', 'principal_id');
CREATE POLICY sides ON invitation FOR SELECT TO jiayi_app
    USING (principal_id = me_company() OR slug = me_slug());
CREATE POLICY invite ON invitation FOR INSERT TO jiayi_app
    WITH CHECK (principal_id = me_company() AND signed_by = me_member() AND state = 'open');
CREATE POLICY sides_update ON invitation FOR UPDATE TO jiayi_app
    USING (principal_id = me_company() OR slug = me_slug())
    WITH CHECK ((principal_id = me_company() OR slug = me_slug()) AND state = 'withdrawn');
GRANT SELECT, INSERT (principal_id, slug, signed_by), UPDATE (state) ON invitation TO jiayi_app;
CALL open_to_auth('invitation', 'SELECT, UPDATE');
CREATE TRIGGER guard BEFORE UPDATE ON invitation FOR EACH ROW EXECUTE FUNCTION invitation_guard();
CALL told('invitation', 'INSERT');
