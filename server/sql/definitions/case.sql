-- Cases: who sees which, and what each side reads of the other. How they are opened, how they go on and who is told is in
-- case_open.sql, case_turn.sql, case_decide.sql and case_tell.sql.

CREATE OR REPLACE FUNCTION case_seen(kind text, company bigint, vendor bigint, other bigint, opener bigint,
    opened_company bigint, handler bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    sight int := jiayi.sight(jiayi.noun('case'));
    me    bigint := jiayi.me_member();
    mine  bigint := jiayi.me_company();
BEGIN
    IF company = mine THEN
        RETURN sight & 4 <> 0 OR (sight & 1 <> 0 AND me = opener) OR (sight & 1 <> 0 AND me = handler)
            OR (sight & 2 <> 0 AND (handler IS NULL OR jiayi.in_reach(handler) OR jiayi.in_reach(opener)))
            OR (sight <> 0 AND kind = 'suggestion');
    ELSIF vendor IS DISTINCT FROM mine AND other IS DISTINCT FROM mine THEN
        RETURN false;
    ELSIF opened_company = mine THEN
        RETURN sight & 4 <> 0 OR (sight & 1 <> 0 AND me = opener) OR (sight & 2 <> 0 AND jiayi.in_reach(opener));
    END IF;
    RETURN sight & 6 <> 0 OR (sight & 8 <> 0 AND kind <> 'conflict');
END
$$;
COMMENT ON FUNCTION case_seen(text, bigint, bigint, bigint, bigint, bigint, bigint) IS
    'Policy of cases: in the company who opened and who handles one, those above them and who sees all; what nobody handles '
    'yet, who sees a team''s; a suggestion everybody. On a vendor''s side who opened it and those above; what others opened, '
    'its managers, and but for conflicts who sees what partners share.';
GRANT EXECUTE ON FUNCTION case_seen(text, bigint, bigint, bigint, bigint, bigint, bigint) TO jiayi_app;

-- Of a conflict each vendor reads its own words and the principal's; the other's once the decision names it.
CREATE OR REPLACE FUNCTION case_reads(c case_file, author bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT c.kind <> 'conflict' OR author IN (c.company_id, jiayi.me_company()) OR c.company_id = jiayi.me_company()
        OR (c.named AND c.state IN ('decided', 'closed'))
$$;
COMMENT ON FUNCTION case_reads(case_file, bigint) IS
    'Whether the caller, who sees the case, reads what somebody of that company said in it, and learns who that is.';
GRANT EXECUTE ON FUNCTION case_reads(case_file, bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION case_shows(id bigint, author bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM jiayi.case_file AS c WHERE c.id = case_shows.id AND jiayi.case_reads(c, author));
END
$$;
COMMENT ON FUNCTION case_shows(bigint, bigint) IS
    'Whether the caller sees the case, and in it what somebody of that company said.';
GRANT EXECUTE ON FUNCTION case_shows(bigint, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_party(c case_file, company bigint) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF company IS NULL THEN
        RETURN NULL;
    ELSIF me_company() = ANY (ARRAY[c.company_id, c.vendor_id, c.other_vendor_id]) AND case_reads(c, company) THEN
        RETURN (SELECT o.slug FROM company AS o WHERE o.id = company);
    END IF;
    RETURN 'another_partner';
END
$$;
COMMENT ON FUNCTION case_party(case_file, bigint) IS
    'A company that is a side of a case, for a side of it: the short name, or another_partner. NULL for NULL.';
GRANT EXECUTE ON FUNCTION case_party(case_file, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_rival(c case_file) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT CASE jiayi.me_company() WHEN c.other_vendor_id THEN c.vendor_id ELSE c.other_vendor_id END
$$;
COMMENT ON FUNCTION case_rival(case_file) IS 'Of a conflict the other vendor, as the caller''s company sees it.';
GRANT EXECUTE ON FUNCTION case_rival(case_file) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION case_with(c case_file) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c.company_id = jiayi.me_company() THEN c.vendor_id ELSE c.company_id END
$$;
COMMENT ON FUNCTION case_with(case_file) IS 'The other company of a case, for who may know: the principal, or its vendor.';
GRANT EXECUTE ON FUNCTION case_with(case_file) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_is_late(c case_file) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT c.answer_by < now() AND c.closed_at IS NULL $$;
COMMENT ON FUNCTION case_is_late(case_file) IS 'Whether nobody answered a case in time.';
GRANT EXECUTE ON FUNCTION case_is_late(case_file) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_statements(c case_file, most int, whole boolean) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('at', s.at, 'member', jiayi.email_of(s.member_id), 'member_company',
        CASE WHEN s.author_company_id <> jiayi.me_company() THEN jiayi.case_party(c, s.author_company_id) END,
        'decision', s.decision, 'text', s.text, 'digest', encode(s.digest, 'hex'),
        'lines', CASE WHEN whole THEN jiayi.comment_lines(ROW(s.*)::jiayi.comment) END)) ORDER BY s.id)
    FROM (SELECT s.* FROM jiayi.comment AS s WHERE s.on_kind = jiayi.kind('case') AND s.on_id = c.id ORDER BY s.id DESC LIMIT most) AS s
$$;
COMMENT ON FUNCTION case_statements(case_file, int, boolean) IS
    'What was said in a case and the caller may read, the newest at most, the oldest first; with whole, the lines whose digest it has.';
GRANT EXECUTE ON FUNCTION case_statements(case_file, int, boolean) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_evidence_of(c case_file, whole boolean) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('on', jiayi.ref(l.to_kind, l.to_id), 'version', l.to_version,
        'member', jiayi.email_of(l.member_id), 'member_company', CASE WHEN l.author_company_id <> jiayi.me_company()
            THEN jiayi.case_party(c, l.author_company_id) END, 'at', l.at, 'sha256', encode(l.sha256, 'hex'),
        'text', CASE WHEN whole THEN l.snapshot END)) ORDER BY l.id)
    FROM jiayi.link AS l WHERE l.from_kind = jiayi.kind('case') AND l.from_id = c.id AND l.role = 'evidence'
$$;
COMMENT ON FUNCTION case_evidence_of(case_file, boolean) IS
    'What was handed over in a case and the caller may read; with whole, what it said then.';
GRANT EXECUTE ON FUNCTION case_evidence_of(case_file, boolean) TO jiayi_app;

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION case_shown(c case_file) RETURNS TABLE (
    id bigint, kind text, title text, state text, company text, vendor text, other text, "on" text, on_title text,
    severity int, answer_by timestamptz, late boolean, handled_by text, handled_by_company text, member text, member_company text,
    customer text, contract_id bigint, contract_version int, text text, "amount.amount" text, "amount.currency" text,
    resolution text, proposing text, decided_by text, decided_by_company text, venue text, score int, state_since timestamptz,
    version int, created_at timestamptz, updated_at timestamptz, closed_at timestamptz, clause int, cure_by timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT c.id, c.kind, CASE WHEN r.reads THEN c.title END, c.state, jiayi.slug_of(c.company_id),
           CASE WHEN jiayi.me_company() = c.other_vendor_id THEN jiayi.me_slug() ELSE jiayi.slug_of(c.vendor_id) END,
           jiayi.case_party(c, jiayi.case_rival(c)),
           CASE WHEN o.seen THEN jiayi.ref(c.on_kind, c.on_id) END,
           CASE WHEN o.seen THEN jiayi.object_title(c.on_kind, c.on_id) END,
           c.severity::int, c.answer_by, nullif(jiayi.case_is_late(c), false),
           jiayi.email_of(c.handler_id),
           CASE WHEN c.handler_id IS NOT NULL AND c.company_id <> jiayi.me_company() THEN jiayi.slug_of(c.company_id) END,
           CASE WHEN r.reads THEN jiayi.email_of(c.opened_by) END,
           CASE WHEN c.opened_company_id <> jiayi.me_company() THEN jiayi.case_party(c, c.opened_company_id) END,
           CASE WHEN c.customer_id IS NOT NULL THEN (SELECT x.name FROM jiayi.customer AS x WHERE x.id = c.customer_id) END,
           c.contract_id, c.contract_version, CASE WHEN r.reads THEN c.text END, c.amount::text, c.currency,
           c.decision, CASE WHEN c.decided_by IS NULL THEN jiayi.slug_of(c.proposed_side) END, jiayi.email_of(c.decided_by),
           CASE WHEN c.decided_by IS NOT NULL THEN nullif(jiayi.company_of(c.decided_by), jiayi.me_slug()) END,
           c.venue, c.score::int, c.state_since, c.version, c.created_at, c.updated_at, c.closed_at, c.clause, c.cure_by
    FROM (SELECT jiayi.case_reads(c, c.opened_company_id) AS reads) AS r,
         (SELECT c.on_id IS NOT NULL AND jiayi.object_visible(c.on_kind, c.on_id) AS seen) AS o
$$;
COMMENT ON FUNCTION case_shown(case_file) IS
    'A case as calls answer it. Of a conflict a vendor learns neither who the other is nor what that said, before the '
    'decision names it.';
GRANT EXECUTE ON FUNCTION case_shown(case_file) TO jiayi_app;

-- VOLATILE, so that it sees what the same statement wrote.
CREATE OR REPLACE FUNCTION case_show(id bigint) RETURNS SETOF case_file LANGUAGE plpgsql VOLATILE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT c.* FROM case_file AS c WHERE c.id = case_show.id;
END
$$;
COMMENT ON FUNCTION case_show(bigint) IS
    'A case that the caller sees, in the middle of a statement that makes or changes it too.';
GRANT EXECUTE ON FUNCTION case_show(bigint) TO jiayi_app;

-- VOLATILE likewise.
CREATE OR REPLACE FUNCTION case_heard(c case_file, OUT statements jsonb, OUT evidence jsonb) LANGUAGE plpgsql VOLATILE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    statements := case_statements(c, 100, false);
    evidence := case_evidence_of(c, false);
END
$$;
COMMENT ON FUNCTION case_heard(case_file) IS
    'What was said in a case and handed over, in the middle of a statement that says something too.';
GRANT EXECUTE ON FUNCTION case_heard(case_file) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_of_two(kind text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT kind IN ('breach', 'dispute') $$;
COMMENT ON FUNCTION case_of_two(text) IS
    'Whether such cases are between the two sides of a contract, which answer each other and agree on how they end.';
GRANT EXECUTE ON FUNCTION case_of_two(text) TO jiayi_app, jiayi_auth;

---- Tables

-- The log is the company's whose case it is: of a conflict it names both vendors.
CALL protect('case_file', 'id', 'company_id', 'text');
-- By hand: it has up to three sides, and who handles it.
CREATE POLICY visible ON case_file FOR SELECT TO jiayi_app
    USING (case_seen(kind, company_id, vendor_id, other_vendor_id, opened_by, opened_company_id, handler_id));
CREATE POLICY sides_update ON case_file FOR UPDATE TO jiayi_app
    USING (me_company() = ANY (ARRAY[company_id, vendor_id, other_vendor_id]));
GRANT SELECT, UPDATE (state, handler_id, other_vendor_id, decision, decided_by, proposed_side, named, venue, score, appeals)
    ON case_file TO jiayi_app;
CALL open_to_auth('case_file', 'SELECT, INSERT');
GRANT UPDATE (state, cure_over) ON case_file TO jiayi_auth;
CREATE TRIGGER guard BEFORE UPDATE ON case_file FOR EACH ROW EXECUTE FUNCTION case_guard();
CALL told('case_file', 'INSERT', 'true');
CALL told('case_file', 'UPDATE OF state, handler_id, other_vendor_id, cure_over', 'NEW.state <> OLD.state '
    'OR NEW.cure_over <> OLD.cure_over OR NEW.handler_id IS DISTINCT FROM OLD.handler_id '
    'OR NEW.other_vendor_id IS DISTINCT FROM OLD.other_vendor_id');
