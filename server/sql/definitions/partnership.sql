-- Partnerships: who sees which, which side may change what, and the partners that other calls name.

CREATE OR REPLACE FUNCTION no_partner(slug text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM jiayi.refuse('JY005', '%s is no partner of yours', ROW(slug));
END
$$;
COMMENT ON FUNCTION no_partner(text) IS
    'Ends the call, in the same words whether there is no such company or only no partnership.';
GRANT EXECUTE ON FUNCTION no_partner(text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION sharing_pause(principal bigint, vendor bigint, OUT pauses text, OUT pauses_until timestamptz,
    OUT contract_id bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF me_company() IS DISTINCT FROM principal AND me_company() IS DISTINCT FROM vendor OR NOT EXISTS (SELECT FROM partnership AS p
            WHERE p.principal_id = principal AND p.vendor_id = vendor AND p.state = 'active' AND NOT p.shares @> now()) THEN
        RETURN;
    END IF;
    SELECT 'until_then', c.from_at, c.id INTO pauses, pauses_until, contract_id FROM contract AS c
    WHERE c.company_id = principal AND c.vendor_id = vendor AND c.state = 'active' AND c.from_at > now()
    ORDER BY c.from_at, c.id LIMIT 1;
    IF NOT FOUND THEN
        SELECT 'until_resumed', c.id INTO pauses, contract_id FROM contract AS c
        WHERE c.company_id = principal AND c.vendor_id = vendor AND c.state = 'suspended' AND c.to_at > now()
        ORDER BY c.id DESC LIMIT 1;
    END IF;
END
$$;
COMMENT ON FUNCTION sharing_pause(bigint, bigint) IS
    'Where two companies, of which the caller''s is one, do not share just now and will again: until_then, when that contract begins, '
    'which both have signed; until_resumed, once that one is. NULLs otherwise.';
GRANT EXECUTE ON FUNCTION sharing_pause(bigint, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION no_contract(slug text, principal bigint, vendor bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p record;
BEGIN
    SELECT * INTO p FROM jiayi.sharing_pause(principal, vendor);
    IF p.pauses = 'until_then' THEN
        PERFORM jiayi.refuse('JY009', 'sharing with %s pauses until %s, when contract %s begins', ROW(slug,
            jiayi.company_day(jiayi.me_company(), p.pauses_until)::text, p.contract_id));
    ELSIF p.pauses = 'until_resumed' THEN
        PERFORM jiayi.refuse('JY009', 'sharing with %s pauses until contract %s, which is suspended, is resumed', ROW(slug, p.contract_id));
    END IF;
    PERFORM jiayi.refuse('JY009', 'no contract with %s is in force; see: jiayi contract list', ROW(slug));
END
$$;
COMMENT ON FUNCTION no_contract(text, bigint, bigint) IS
    'Ends the call: nothing is shared with that company just now, and where that is so for a while, until when.';
GRANT EXECUTE ON FUNCTION no_contract(text, bigint, bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION partner_span(principal bigint, vendor bigint) RETURNS int LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT p.span FROM jiayi.partnership AS p
        WHERE p.principal_id = principal AND p.vendor_id = vendor);
END
$$;
COMMENT ON FUNCTION partner_span(bigint, bigint) IS
    'The span of a partnership in which something is given to the vendor now; NULL: there is no such partnership.';
GRANT EXECUTE ON FUNCTION partner_span(bigint, bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION vendor_by_slug(slug text) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found record;
BEGIN
    IF slug IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT p.vendor_id, p.state, p.shares @> now() AS shares INTO found
    FROM partnership AS p JOIN company AS c ON c.id = p.vendor_id
    WHERE p.principal_id = me_company() AND c.slug = vendor_by_slug.slug;
    IF found.vendor_id IS NULL THEN
        PERFORM no_partner(slug);
    ELSIF found.state <> 'active' THEN
        PERFORM refuse('JY009', 'the partnership with %s is %s, not active',
            ROW(slug, word('partnership', found.state)));
    ELSIF NOT found.shares THEN
        PERFORM no_contract(slug, me_company(), found.vendor_id);
    END IF;
    RETURN found.vendor_id;
END
$$;
COMMENT ON FUNCTION vendor_by_slug(text) IS
    'A vendor of the caller''s company with a contract in force; NULL for NULL; the call ends '
    'where there is none.';
GRANT EXECUTE ON FUNCTION vendor_by_slug(text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION addressee_by_slug(slug text) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found record;
BEGIN
    SELECT c.id, p.state, p.shares @> now() AS shares INTO found FROM company AS c
    LEFT JOIN partnership AS p ON p.principal_id = c.id AND p.vendor_id = me_company()
    WHERE c.slug = addressee_by_slug.slug AND (c.id = me_company() OR p.id IS NOT NULL);
    IF found.id IS NULL THEN
        PERFORM no_partner(slug);
    ELSIF found.id <> me_company() AND found.state <> 'active' THEN
        PERFORM refuse('JY009', 'the partnership with %s is %s, not active',
            ROW(slug, word('partnership', found.state)));
    ELSIF found.id <> me_company() AND NOT found.shares THEN
        PERFORM no_contract(slug, found.id, me_company());
    END IF;
    RETURN found.id;
END
$$;
COMMENT ON FUNCTION addressee_by_slug(text) IS
    'The caller''s own company, or a principal of it with a contract in force.';
GRANT EXECUTE ON FUNCTION addressee_by_slug(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION partner_shares(p partnership) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT nullif(p.state = 'active' AND p.shares @> now(), false) $$;
COMMENT ON FUNCTION partner_shares(partnership) IS
    'Whether the two share now, as calls answer it: NULL where not.';
GRANT EXECUTE ON FUNCTION partner_shares(partnership) TO jiayi_app, jiayi_auth;

-- By itself: few were ended, and of two tables with policies the set-up is dear.
CREATE OR REPLACE FUNCTION partner_begins_anew(principal bigint, vendor bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM jiayi.company AS b JOIN jiayi.invitation AS i ON i.slug = b.slug
        WHERE b.id = vendor AND i.principal_id = principal AND i.state = 'open');
END
$$;
COMMENT ON FUNCTION partner_begins_anew(bigint, bigint) IS 'Whether that vendor is invited by that principal, without an answer so far.';
GRANT EXECUTE ON FUNCTION partner_begins_anew(bigint, bigint) TO jiayi_app;

-- Put into the calling statement by the planner, as deal_shown() is. The caller's company is one of the two, and its short name known.
CREATE OR REPLACE FUNCTION partner_shown(p partnership) RETURNS SETOF partner_view LANGUAGE sql STABLE AS $$
    SELECT p.id, o.slug, o.name, CASE p.principal_id WHEN jiayi.me_company() THEN 'vendor' ELSE 'principal' END,
           p.state, p.updated_at, p.created_at, CASE p.principal_id WHEN o.id THEN o.slug ELSE jiayi.me_slug() END,
           CASE p.vendor_id WHEN o.id THEN o.slug ELSE jiayi.me_slug() END, jiayi.partner_shares(p), jiayi.email_of(p.responsible_id),
           jiayi.email_of(p.vendor_responsible_id), t.code, t.name
    FROM jiayi.company AS o, jiayi.tier_of(p) AS t
    WHERE o.id = CASE p.principal_id WHEN jiayi.me_company() THEN p.vendor_id ELSE p.principal_id END
$$;
COMMENT ON FUNCTION partner_shown(partnership) IS 'A partnership as calls answer it.';
GRANT EXECUTE ON FUNCTION partner_shown(partnership) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION partner_show(partnership_id bigint) RETURNS SETOF partner_view
    LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT v.* FROM partnership AS p, partner_shown(p) AS v WHERE p.id = partner_show.partnership_id;
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
           a.slug, i.slug, NULL::boolean,
           CASE i.principal_id WHEN me_company() THEN email_of(coalesce(i.responsible_id, i.signed_by)) END, NULL::text,
           NULL::text, NULL::text
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

CREATE OR REPLACE FUNCTION partner_invite(slug text, terms text, no_framework boolean, responsible text DEFAULT NULL)
    RETURNS SETOF partner_view LANGUAGE plpgsql
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
    IF no_framework IS NOT TRUE THEN
        PERFORM signs();
        terms := coalesce(terms, framework_text(me_company()));
    END IF;
    INSERT INTO invitation (principal_id, slug, signed_by, terms, responsible_id)
    VALUES (me_company(), partner_invite.slug, me_member(), partner_invite.terms, member_by_email(responsible))
    ON CONFLICT DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN
        PERFORM refuse('JY006', '%s is invited already', ROW(slug));
    END IF;
    RETURN QUERY SELECT * FROM invitation_show(made);
END
$$;
COMMENT ON FUNCTION partner_invite(text, text, boolean, text) IS
    'Invites the company of a short name, if there is one, to be a vendor of the caller''s, and signs the '
    'framework contract: terms, or the page that says what is shared. Of the caller''s company that member looks '
    'after it, or who calls.';
GRANT EXECUTE ON FUNCTION partner_invite(text, text, boolean, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION partner_accept(slug text, sha256 text) RETURNS SETOF partner_view LANGUAGE plpgsql
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
    ELSIF given.terms IS NOT NULL THEN
        PERFORM signs();
    END IF;
    IF partner_accept.sha256 <> coalesce(sha256_hex(given.terms), '') THEN
        PERFORM refuse('JY010', 'the terms are others by now than those that you read; look at them again: '
            'jiayi partner show %s', ROW(slug), field => 'sha256');
    END IF;
    INSERT INTO partnership (principal_id, vendor_id, created_at, invitation_id, responsible_id, vendor_responsible_id)
    VALUES (given.principal_id, me_company(), given.created_at, given.id,
        (SELECT m.id FROM member AS m WHERE m.state = 'active' AND m.id = coalesce(given.responsible_id, given.signed_by)),
        me_member())
    ON CONFLICT ON CONSTRAINT partnership_pair_unique
        DO UPDATE SET state = 'active', invitation_id = excluded.invitation_id, responsible_id = excluded.responsible_id,
            vendor_responsible_id = excluded.vendor_responsible_id
    RETURNING id INTO made;
    IF given.terms IS NOT NULL THEN
        PERFORM framework_sign(given, me_company());
    END IF;
    RETURN QUERY SELECT * FROM partner_show(made);
END
$$;
COMMENT ON FUNCTION partner_accept(text, text) IS
    'Accepts the invitation of a principal, and signs the framework contract, if there is one, whose text has '
    'that SHA-256; nothing where there is no invitation. Of the vendor who accepts looks after the partnership.';
GRANT EXECUTE ON FUNCTION partner_accept(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION partner_asked(slug text, other_side text) RETURNS SETOF partner_view LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    invited bigint := invitation_between(slug, other_side);
    found   bigint[];
BEGIN
    IF invited IS NOT NULL THEN
        RETURN QUERY SELECT * FROM invitation_show(invited);
        RETURN;
    END IF;
    -- What lives before what has ended.
    SELECT array_agg(p.id ORDER BY p.state = 'ended', p.id) INTO found
    FROM partnership AS p JOIN company AS c ON c.slug = partner_asked.slug
    WHERE (p.principal_id = me_company() AND p.vendor_id = c.id AND coalesce(other_side, 'vendor') = 'vendor')
       OR (p.vendor_id = me_company() AND p.principal_id = c.id
           AND coalesce(other_side, 'principal') = 'principal');
    IF found IS NULL THEN
        PERFORM no_partner(slug);
    END IF;
    RETURN QUERY SELECT * FROM partner_show(found[1]);
END
$$;
COMMENT ON FUNCTION partner_asked(text, text) IS
    'The invitation or the partnership with a company; of several one that has not ended. other_side says what '
    'that company is to the caller''s: principal, vendor, or NULL for either.';
GRANT EXECUTE ON FUNCTION partner_asked(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION partner_terms(p partner_view) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    pair partnership;
BEGIN
    IF p.id IS NULL THEN
        RETURN (SELECT i.terms FROM invitation AS i JOIN company AS a ON a.id = i.principal_id
            WHERE i.state = 'open' AND a.slug = p.principal AND i.slug = p.vendor
              AND (i.principal_id = me_company() OR i.slug = me_slug()));
    END IF;
    SELECT * INTO pair FROM partnership AS x
    WHERE x.id = p.id AND me_company() IN (x.principal_id, x.vendor_id);
    RETURN (SELECT r.body FROM contract AS c JOIN revision AS r
            ON r.on_kind = kind('contract') AND r.on_id = c.id AND r.version = c.version
        WHERE c.company_id = pair.principal_id AND c.vendor_id = pair.vendor_id AND c.kind = 'framework'
        ORDER BY c.id DESC LIMIT 1);
END
$$;
COMMENT ON FUNCTION partner_terms(partner_view) IS
    'The text of the framework contract of a partnership or an invitation of the caller''s company; NULL: none.';
GRANT EXECUTE ON FUNCTION partner_terms(partner_view) TO jiayi_app;

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

---- Who looks after a partnership

CREATE OR REPLACE FUNCTION partner_between(slug text, other_side text) RETURNS partnership LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found partnership[];
BEGIN
    -- What lives before what has ended.
    found := ARRAY(SELECT p FROM partnership AS p
        JOIN company AS c ON c.id = CASE p.principal_id WHEN me_company() THEN p.vendor_id ELSE p.principal_id END
        WHERE c.slug = partner_between.slug AND me_company() IN (p.principal_id, p.vendor_id)
          AND other_side IS DISTINCT FROM CASE p.principal_id WHEN me_company() THEN 'principal' ELSE 'vendor' END
        ORDER BY p.state = 'ended', p.id);
    IF cardinality(found) = 0 THEN
        PERFORM no_partner(slug);
    ELSIF cardinality(found) > 1 AND found[2].state <> 'ended' THEN
        PERFORM refuse('JY003', '%s is both a principal and a vendor of yours; say which with --side', ROW(slug));
    END IF;
    RETURN found[1];
END
$$;
COMMENT ON FUNCTION partner_between(text, text) IS
    'The partnership with a company, for who changes something about it; of two the one that has not ended. other_side '
    'says what that company is to the caller''s: principal, vendor, or NULL for either. The call ends where there is none.';
GRANT EXECUTE ON FUNCTION partner_between(text, text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION partner_responsible(p partnership) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT CASE p.principal_id WHEN jiayi.me_company() THEN p.responsible_id ELSE p.vendor_responsible_id END
$$;
COMMENT ON FUNCTION partner_responsible(partnership) IS 'Who of the caller''s company looks after a partnership.';
GRANT EXECUTE ON FUNCTION partner_responsible(partnership) TO jiayi_app, jiayi_auth;

-- As jiayi_auth: a call changes of the partnership its state alone.
CREATE OR REPLACE FUNCTION partner_assign(slug text, email text, other_side text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    pair partnership := partner_between(slug, other_side);
    who  bigint := member_by_email(email);
    ours boolean := pair.principal_id = me_company();
BEGIN
    IF pair.state = 'ended' THEN
        PERFORM refuse('JY009', 'the partnership with %s is %s', ROW(slug, word('partnership', pair.state)));
    END IF;
    UPDATE partnership AS p SET responsible_id = CASE WHEN ours THEN who ELSE p.responsible_id END,
        vendor_responsible_id = CASE WHEN ours THEN p.vendor_responsible_id ELSE who END
    WHERE p.id = pair.id AND partner_responsible(p) IS DISTINCT FROM who;
    RETURN pair.id;
END
$$;
COMMENT ON FUNCTION partner_assign(text, text, text) IS
    'Names who of the caller''s company looks after a partnership; its number.';
GRANT EXECUTE ON FUNCTION partner_assign(text, text, text) TO jiayi_app;

---- What a partnership comes to

CREATE OR REPLACE FUNCTION partner_contracts(p partnership) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('contract_id', c.id, 'kind', c.kind, 'title', c.title,
        'from', c.from_at, 'to', nullif(c.to_at, 'infinity'))) ORDER BY c.id)
    FROM jiayi.contract AS c
    WHERE c.company_id = p.principal_id AND c.vendor_id = p.vendor_id AND c.state = 'active' AND c.from_at <= now()
      AND now() < c.to_at
$$;
COMMENT ON FUNCTION partner_contracts(partnership) IS
    'The contracts of a partnership that are in force and the caller sees; NULL: none.';
GRANT EXECUTE ON FUNCTION partner_contracts(partnership) TO jiayi_app;

CREATE OR REPLACE FUNCTION partner_cases(p partnership) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('case_id', s.id, 'kind', s.kind, 'title', s.title,
        'state', s.state, 'answer_by', s.answer_by)) ORDER BY s.id)
    FROM (SELECT c FROM jiayi.case_file AS c
          WHERE c.company_id = p.principal_id AND p.vendor_id = ANY (ARRAY[c.vendor_id, c.other_vendor_id])
            AND c.closed_at IS NULL
          ORDER BY c.id DESC LIMIT 20) AS o, jiayi.case_shown(o.c) AS s
$$;
COMMENT ON FUNCTION partner_cases(partnership) IS
    'The open cases of a partnership that the caller sees, the newest 20, the oldest first; NULL: none.';
GRANT EXECUTE ON FUNCTION partner_cases(partnership) TO jiayi_app;

---- Onboarding

CREATE OR REPLACE FUNCTION onboarding_checklist(code text) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    codes text[];
    named checklist;
BEGIN
    IF code IS NOT NULL THEN
        named := checklist_named(code);
        IF named.purpose <> 'onboarding' THEN
            PERFORM refuse('JY003', 'the checklist %s is for another purpose (%s), not for onboarding',
                ROW(code, word('purpose', named.purpose)), field => 'checklist');
        END IF;
        RETURN code;
    END IF;
    codes := ARRAY(SELECT c.code FROM checklist AS c
        WHERE c.company_id = me_company() AND c.active AND c.purpose = 'onboarding' ORDER BY c.code LIMIT 20);
    IF cardinality(codes) = 0 THEN
        PERFORM refuse('JY009', 'your company has no checklist for onboarding; define one: jiayi checklist define CODE '
            '--name NAME --purpose onboarding --items FILE');
    ELSIF cardinality(codes) > 1 THEN
        PERFORM refuse('JY003', 'there are several checklists for onboarding; say which with --checklist: %s',
            ROW(array_to_string(codes, ', ')), field => 'checklist');
    END IF;
    RETURN codes[1];
END
$$;
COMMENT ON FUNCTION onboarding_checklist(text) IS
    'The code of the checklist for onboarding: the one of that code, or the only one that the caller''s company has.';
GRANT EXECUTE ON FUNCTION onboarding_checklist(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION partner_onboard(slug text, code text) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    pair   partnership := partner_between(slug, NULL);
    before record;
BEGIN
    IF pair.principal_id <> me_company() THEN
        PERFORM refuse('JY005', '%s is your principal, and onboards your company: jiayi task list --on partner/%s shows '
            'what there is to do', ROW(slug, pair.id));
    END IF;
    -- Refuses what is suspended or ended, and where no contract is in force.
    PERFORM vendor_by_slug(slug);
    code := onboarding_checklist(code);
    -- Of two at once the second one sees what the first one made.
    PERFORM FROM partnership AS p WHERE p.id = pair.id FOR NO KEY UPDATE;
    SELECT c.code, c.code = partner_onboard.code AS same, bool_or(t.state = ANY (task_states(NULL))) AS runs INTO before
    FROM task AS t JOIN checklist AS c ON c.id = t.checklist_id
    WHERE t.on_kind = kind('partner') AND t.on_id = pair.id AND t.kind = 'onboarding' AND t.shared_span = pair.span
      AND t.state <> 'cancelled'
    GROUP BY c.code ORDER BY 3 DESC, 2 DESC LIMIT 1;
    IF before.runs THEN
        PERFORM refuse('JY009', '%s is being onboarded already, by the checklist %s: jiayi partner show %s',
            ROW(slug, before.code, slug));
    ELSIF before.same THEN
        PERFORM refuse('JY009', '%s was onboarded already, by the checklist %s; name another one with --checklist',
            ROW(slug, before.code));
    END IF;
    PERFORM checklist_start(code, ref(kind('partner'), pair.id), (SELECT m.email FROM member AS m
        WHERE m.id = pair.responsible_id AND m.state = 'active'), slug, NULL);
    RETURN pair.id;
END
$$;
COMMENT ON FUNCTION partner_onboard(text, text) IS
    'Makes tasks on the partnership with a vendor of the points of a checklist, for both sides; the partnership''s '
    'number. Once for each checklist, and one at a time.';
GRANT EXECUTE ON FUNCTION partner_onboard(text, text) TO jiayi_app;

-- VOLATILE, so that it sees what the same statement wrote.
CREATE OR REPLACE FUNCTION partner_onboarding(partnership_id bigint, OUT onboarding jsonb, OUT points jsonb)
LANGUAGE plpgsql VOLATILE SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    pair partnership := (SELECT p FROM partnership AS p WHERE p.id = partner_onboarding.partnership_id);
BEGIN
    WITH point AS (
        SELECT t.id, t.checklist_id, t.side, t.title, slug_of(task_doer(t)) AS company, t.assignee_id, t.due_on, t.due_at,
               t.state = ANY (task_states(NULL)) AS open
        FROM task AS t
        WHERE t.on_kind = kind('partner') AND t.on_id = pair.id AND t.kind = 'onboarding' AND t.state <> 'cancelled'
          AND t.shared_span = pair.span
    ), run AS (
        SELECT min(t.id) AS first, t.checklist_id, count(*) AS points, count(*) FILTER (WHERE NOT t.open) AS done,
               count(*) FILTER (WHERE t.open AND t.side = 'ours') AS ours,
               count(*) FILTER (WHERE t.open AND t.side = 'vendor') AS vendors,
               min(t.due_on) FILTER (WHERE t.open) AS due
        FROM point AS t GROUP BY t.checklist_id
    )
    SELECT (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                'checklist', (SELECT c.code FROM checklist AS c WHERE c.id = r.checklist_id), 'done', r.done,
                'points', r.points, 'principal_open', r.ours, 'vendor_open', r.vendors, 'due', r.due)) ORDER BY r.first)
            FROM run AS r),
           (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('task_id', t.id, 'title', t.title, 'company', t.company,
                'owner', email_of(t.assignee_id), 'due', t.due_on, 'late', nullif(t.due_at < now(), false)))
                ORDER BY t.due_at, t.id)
            FROM point AS t WHERE t.open)
    INTO onboarding, points;
END
$$;
COMMENT ON FUNCTION partner_onboarding(bigint) IS
    'How far the onboarding of a partnership is, a row for each checklist, and what of it is open on either side; as far '
    'as the caller sees the tasks. NULLs where there is none.';
GRANT EXECUTE ON FUNCTION partner_onboarding(bigint) TO jiayi_app;

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

CREATE OR REPLACE FUNCTION partnership_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    runs contract;
BEGIN
    IF NEW.state = 'ended' AND OLD.state <> 'ended' THEN
        -- The row is locked: no contract of the two comes to run meanwhile.
        SELECT c.* INTO runs FROM contract AS c
        WHERE c.company_id = OLD.principal_id AND c.vendor_id = OLD.vendor_id AND c.kind <> 'framework'
          AND c.state IN ('active', 'suspended') AND c.to_at > clock_timestamp()
        ORDER BY c.id LIMIT 1;
        IF runs.id IS NOT NULL THEN
            PERFORM refuse('JY009', 'contract %s (%s) still runs; end it first: jiayi contract end %s',
                ROW(runs.id, runs.title, runs.id));
        END IF;
    END IF;
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
    'Trigger: a partnership changes its state as transition has it, and does not end while a contract runs that '
    'is more than a framework.';

CREATE OR REPLACE FUNCTION partnership_end() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    UPDATE contract AS c SET state = 'ended' WHERE c.company_id = NEW.principal_id AND c.vendor_id = NEW.vendor_id
        AND c.state IN ('active', 'suspended') AND c.to_at > clock_timestamp();
    UPDATE task AS t SET state = 'cancelled' WHERE t.on_kind = kind('partner') AND t.on_id = NEW.id
        AND t.kind = 'onboarding' AND t.state = ANY (task_states(NULL));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION partnership_end() IS
    'Trigger: what the two agreed on ends with the partnership, and what is open of the onboarding is not done any more.';

CREATE OR REPLACE FUNCTION partnership_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.state = OLD.state THEN
        INSERT INTO event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
        VALUES (NEW.principal_id, NEW.vendor_id, 'partner.assigned', kind('partner'), NEW.id,
            nullif(current_setting('jiayi.member_id', true), '')::bigint, CASE WHEN handing_over() THEN '{}' ELSE ARRAY[
                CASE WHEN NEW.responsible_id IS DISTINCT FROM OLD.responsible_id THEN NEW.responsible_id
                    ELSE NEW.vendor_responsible_id END] END);
        RETURN NULL;
    END IF;
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
    'Trigger: tells the other side''s people that a partnership begins, rests or ends, and who is to look after it that '
    'they are.';

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

-- Each side finds the other one.
CREATE OR REPLACE FUNCTION partner_words(ids bigint[]) RETURNS SETOF search_words LANGUAGE sql STABLE AS $$
    SELECT CASE s.side WHEN p.principal_id THEN p.id ELSE -p.id END, p.created_at, NULL::smallint, NULL::bigint,
           s.side, NULL::bigint, NULL, NULL::int, concat_ws(E'\n', c.name, c.slug)
    FROM jiayi.partnership AS p,
         LATERAL (VALUES (p.principal_id, p.vendor_id), (p.vendor_id, p.principal_id)) AS s(side, other)
    JOIN jiayi.company AS c ON c.id = s.other
    WHERE p.id IN (SELECT abs(i) FROM unnest(ids) AS i)
$$;
COMMENT ON FUNCTION partner_words(bigint[]) IS
    'What partnerships are found by: on either side the name and short name of the other. As the vendor sees it, its '
    'number is negative.';
GRANT EXECUTE ON FUNCTION partner_words(bigint[]) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION partnership_searched() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO search_todo (kind, on_id, company_id)
    SELECT 'partner', p.id, p.principal_id FROM partnership AS p
    WHERE (TG_TABLE_NAME = 'partnership' AND p.id = NEW.id)
       OR (TG_TABLE_NAME = 'company' AND NEW.id IN (p.principal_id, p.vendor_id));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION partnership_searched() IS
    'Trigger: a partnership is found by the names of its companies, as they are now.';

---- Tables

-- What it repeats of contracts is in the log with these.
CALL protect('partnership', 'id', 'principal_id,vendor_id',
    event => 'INSERT OR DELETE OR UPDATE OF id, principal_id, vendor_id, state, created_at, updated_at, invitation_id,
        responsible_id, vendor_responsible_id');
CREATE POLICY sides ON partnership FOR SELECT TO jiayi_app
    USING (principal_id = me_company() OR vendor_id = me_company());
CREATE POLICY sides_update ON partnership FOR UPDATE TO jiayi_app
    USING (principal_id = me_company() OR vendor_id = me_company());
GRANT SELECT ON partnership TO jiayi_app;
GRANT UPDATE (state) ON partnership TO jiayi_app;
-- By accepting an invitation.
CALL open_to_auth('partnership', 'SELECT, INSERT, UPDATE');
CREATE TRIGGER guard BEFORE UPDATE OF state, invitation_id ON partnership FOR EACH ROW EXECUTE FUNCTION partnership_guard();
CREATE TRIGGER ends AFTER UPDATE OF state ON partnership FOR EACH ROW
    WHEN (OLD.state <> 'ended' AND NEW.state = 'ended') EXECUTE FUNCTION partnership_end();
CALL told('partnership', 'INSERT', 'true');
CALL searched('partnership', 'INSERT', noted => 'partnership_searched');
CALL searched('company', 'UPDATE OF name, slug', noted => 'partnership_searched');
CALL told('partnership', 'UPDATE OF state, responsible_id, vendor_responsible_id', 'NEW.state <> OLD.state '
    'OR NEW.responsible_id IS DISTINCT FROM OLD.responsible_id '
    'OR NEW.vendor_responsible_id IS DISTINCT FROM OLD.vendor_responsible_id');

CALL protect('invitation', 'id', 'principal_id');
CREATE POLICY sides ON invitation FOR SELECT TO jiayi_app
    USING (principal_id = me_company() OR slug = me_slug());
CREATE POLICY invite ON invitation FOR INSERT TO jiayi_app
    WITH CHECK (principal_id = me_company() AND signed_by = me_member() AND state = 'open');
CREATE POLICY sides_update ON invitation FOR UPDATE TO jiayi_app
    USING (principal_id = me_company() OR slug = me_slug())
    WITH CHECK ((principal_id = me_company() OR slug = me_slug()) AND state = 'withdrawn');
GRANT SELECT, INSERT (principal_id, slug, signed_by, terms, responsible_id), UPDATE (state) ON invitation TO jiayi_app;
CALL open_to_auth('invitation', 'SELECT, UPDATE');
CREATE TRIGGER guard BEFORE UPDATE ON invitation FOR EACH ROW EXECUTE FUNCTION invitation_guard();
CALL told('invitation', 'INSERT');
