-- Cases: who sees which, whose turn it is, what each side reads of the other, and how they end.

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

CREATE OR REPLACE FUNCTION case_statements(c case_file, most int) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('at', s.at, 'member', jiayi.email_of(s.member_id), 'member_company',
        CASE WHEN s.author_company_id <> jiayi.me_company() THEN jiayi.case_party(c, s.author_company_id) END,
        'decision', s.decision, 'text', s.text, 'digest', encode(s.digest, 'hex'))) ORDER BY s.id)
    FROM (SELECT * FROM jiayi.comment AS s WHERE s.on_kind = jiayi.kind('case') AND s.on_id = c.id ORDER BY s.id DESC LIMIT most) AS s
$$;
COMMENT ON FUNCTION case_statements(case_file, int) IS 'What was said in a case and the caller may read, the newest at most, the oldest first.';
GRANT EXECUTE ON FUNCTION case_statements(case_file, int) TO jiayi_app;

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

CREATE OR REPLACE FUNCTION case_of_two(kind text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT kind IN ('breach', 'dispute') $$;
COMMENT ON FUNCTION case_of_two(text) IS
    'Whether such cases are between the two sides of a contract, which answer each other and agree on how they end.';
GRANT EXECUTE ON FUNCTION case_of_two(text) TO jiayi_app, jiayi_auth;

---- Opening

CREATE OR REPLACE FUNCTION case_days(kind text, severity int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE kind WHEN 'conflict' THEN 5 WHEN 'breach' THEN 10 WHEN 'dispute' THEN 10 WHEN 'suggestion' THEN 20
        ELSE (ARRAY[1, 2, 5, 10])[coalesce(severity, 3)] END
$$;
COMMENT ON FUNCTION case_days(text, int) IS 'Within how many working days of the company a case is to be answered.';
GRANT EXECUTE ON FUNCTION case_days(text, int) TO jiayi_auth;

CREATE OR REPLACE FUNCTION case_answer_by(kind text, company bigint, severity int) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT jiayi.day_ends(company, jiayi.add_working_days(company, jiayi.today(company), jiayi.case_days(kind, severity)))
$$;
COMMENT ON FUNCTION case_answer_by(text, bigint, int) IS 'The end of the working day by which such a case is to be answered, from now on.';
GRANT EXECUTE ON FUNCTION case_answer_by(text, bigint, int) TO jiayi_auth;

-- As jiayi_auth: a vendor's case is its principal's.
CREATE OR REPLACE FUNCTION case_open(kind text, company bigint, vendor bigint, about_kind smallint, about_id bigint, words text,
    severity int DEFAULT NULL, contract bigint DEFAULT NULL, customer bigint DEFAULT NULL, amount numeric DEFAULT NULL,
    currency text DEFAULT NULL, clause int DEFAULT NULL)
    RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    there bigint;
    made  bigint;
    c     contract;
    rules int;
    cure  timestamptz;
BEGIN
    IF contract IS NOT NULL THEN
        SELECT x.* INTO c FROM contract AS x WHERE x.id = contract AND me_company() = ANY (ARRAY[x.company_id, x.vendor_id]);
        company := c.company_id;
        vendor := c.vendor_id;
        rules := contract_ruling(c, clock_timestamp());
        SELECT day_ends(company, add_working_days(company, today(company), x.cure_days)) INTO cure FROM clause AS x
        WHERE x.contract_id = c.id AND x.version = rules AND x.position = clause;
    ELSIF company <> me_company() AND NOT in_reach(-company) THEN
        PERFORM no_partner(slug_of(company));
    ELSIF company <> me_company() THEN
        vendor := me_company();
    END IF;
    IF kind = 'conflict' OR (kind = 'breach' AND about_id IS NOT NULL) THEN
        -- Of two who open one about the same thing at once the second sees the first.
        PERFORM pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'jiayi case', company, about_kind, about_id), 0));
        SELECT x.id INTO there FROM case_file AS x
        WHERE x.kind = case_open.kind AND x.company_id = company AND x.state NOT IN ('closed', 'withdrawn')
          AND x.on_kind = about_kind AND x.on_id = about_id AND (x.vendor_id = vendor OR x.other_vendor_id = vendor)
        ORDER BY x.id LIMIT 1;
        IF there IS NOT NULL THEN
            PERFORM refuse('JY006', 'case %s is open about it already', ROW(there));
        END IF;
    END IF;
    INSERT INTO case_file AS x (kind, company_id, vendor_id, opened_by, opened_company_id, on_kind, on_id, contract_id,
        contract_version, customer_id, title, text, severity, answer_by, amount, currency, clause, cure_by, turn_id)
    VALUES (kind, company, vendor, me_member(), me_company(), about_kind, about_id, contract, rules, customer,
        left(split_part(btrim(words, E' \t\r\n'), E'\n', 1), 80), words, severity,
        coalesce(cure, case_answer_by(kind, company, severity)), amount, currency, clause, cure,
        CASE WHEN case_of_two(kind) THEN CASE me_company() WHEN company THEN vendor ELSE company END END)
    RETURNING x.id INTO made;
    RETURN made;
END
$$;
COMMENT ON FUNCTION case_open(text, bigint, bigint, smallint, bigint, text, int, bigint, bigint, numeric, text, int) IS
    'Opens a case for the caller: in the own company, with a principal whose contract is in force, or about a contract of '
    'the caller''s company; a breach is to be made good within the days that its clause gives.';
GRANT EXECUTE ON FUNCTION case_open(text, bigint, bigint, smallint, bigint, text, int, bigint, bigint, numeric, text, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION dispute_open(contract bigint, ref text, words text, amount numeric, currency text, refs text[])
    RETURNS bigint LANGUAGE plpgsql SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    about record;
    made  bigint;
BEGIN
    SELECT o.on_kind, o.on_id INTO about FROM object_asked(ref) AS o;
    made := case_open('dispute', NULL, NULL, about.on_kind, about.on_id, words, contract => contract, amount => amount,
        currency => currency);
    PERFORM case_evidence(made, refs);
    RETURN made;
END
$$;
COMMENT ON FUNCTION dispute_open(bigint, text, text, numeric, text, text[]) IS
    'Opens a dispute about a contract that the caller sees, with evidence.';
GRANT EXECUTE ON FUNCTION dispute_open(bigint, text, text, numeric, text, text[]) TO jiayi_app;

CREATE OR REPLACE FUNCTION complaint_open(customer text, deal bigint, words text, severity int) RETURNS bigint
    LANGUAGE plpgsql SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found bigint := customer_find(customer);
BEGIN
    IF found IS NULL THEN
        PERFORM refuse('JY005', 'your company has no customer %s', ROW(customer), field => 'customer');
    END IF;
    IF deal IS NOT NULL THEN
        RETURN case_open('complaint', me_company(), NULL, kind('deal'), deal_seen(deal), words, severity, customer => found);
    END IF;
    RETURN case_open('complaint', me_company(), NULL, NULL, NULL, words, severity, customer => found);
END
$$;
COMMENT ON FUNCTION complaint_open(text, bigint, text, int) IS
    'Opens a complaint of a customer of the caller''s company, by name, about a deal that the caller sees, or none.';
GRANT EXECUTE ON FUNCTION complaint_open(text, bigint, text, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION support_ask("to" text, ref text, words text, severity int) RETURNS bigint
    LANGUAGE plpgsql SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    company bigint := addressee_by_slug("to");
    about   record;
BEGIN
    IF company = me_company() THEN
        PERFORM refuse('JY003', 'support is asked of a principal; name one of yours', field => 'to');
    END IF;
    SELECT o.on_kind, o.on_id INTO about FROM object_asked(ref) AS o;
    RETURN case_open('support', company, NULL, about.on_kind, about.on_id, words, coalesce(severity, 3));
END
$$;
COMMENT ON FUNCTION support_ask(text, text, text, int) IS 'Asks a principal of the caller''s company for support.';
GRANT EXECUTE ON FUNCTION support_ask(text, text, text, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION suggestion_make("to" text, words text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN case_open('suggestion', addressee_by_slug(coalesce("to", me_slug())), NULL, NULL, NULL, words);
END
$$;
COMMENT ON FUNCTION suggestion_make(text, text) IS
    'Makes a suggestion to the caller''s company, or to a principal of it.';
GRANT EXECUTE ON FUNCTION suggestion_make(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION conflict_open(ref text, "to" text, vendor text, words text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    about   record;
    company bigint;
    side    bigint;
BEGIN
    SELECT o.on_kind, o.on_id INTO about FROM object_asked(ref) AS o;
    IF about.on_kind NOT IN (kind('deal'), kind('registration'), kind('customer')) THEN
        PERFORM refuse('JY003', 'a conflict is about a deal, a registration or a customer, not %s', ROW(ref), field => 'about');
    END IF;
    company := CASE WHEN "to" IS NOT NULL THEN addressee_by_slug("to") ELSE object_company(about.on_kind, about.on_id) END;
    IF about.on_id IS NOT NULL AND company <> object_company(about.on_kind, about.on_id) THEN
        PERFORM refuse('JY003', '%s is not of %s; leave --to away', ROW(ref, "to"), field => 'to');
    END IF;
    IF company = me_company() THEN
        IF vendor IS NULL THEN
            SELECT CASE about.on_kind WHEN kind('deal') THEN (SELECT d.vendor_id FROM deal AS d WHERE d.id = about.on_id)
                WHEN kind('registration') THEN (SELECT r.vendor_id FROM registration AS r WHERE r.id = about.on_id) END INTO side;
        ELSE
            side := vendor_by_slug(vendor);
        END IF;
        IF side IS NULL THEN
            PERFORM refuse('JY003', 'say which vendor is the first side of it with --with', field => 'with');
        END IF;
    ELSIF vendor IS NOT NULL THEN
        PERFORM refuse('JY003', 'who the other side is, the principal finds out; leave --with away', field => 'with');
    END IF;
    RETURN case_open('conflict', company, side, about.on_kind, about.on_id, words);
END
$$;
COMMENT ON FUNCTION conflict_open(text, text, text, text) IS
    'Opens a conflict: a vendor about something of a principal''s that it sees, or with that principal; the principal '
    'for a vendor of its own.';
GRANT EXECUTE ON FUNCTION conflict_open(text, text, text, text) TO jiayi_app;

---- Whose turn it is

CREATE OR REPLACE FUNCTION case_side(c case_file) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    bits   int := jiayi.me_scope();
    called text := jiayi.me_permission();
BEGIN
    IF called = 'case.handle' OR (called = 'case.decide' AND NOT jiayi.case_of_two(c.kind)) THEN
        IF c.company_id = jiayi.me_company()
           AND (CASE WHEN c.handler_id IS NULL THEN bits & 6 <> 0 ELSE jiayi.reaches(c.handler_id, bits) END) THEN
            RETURN 'handler';
        END IF;
        PERFORM jiayi.refuse('JY007', CASE called WHEN 'case.handle' THEN 'you may see case %s but not handle it'
            ELSE 'you may see case %s but not decide it' END, ROW(c.id));
    ELSIF c.opened_company_id = jiayi.me_company() THEN
        IF called = 'case.decide' OR jiayi.reaches(c.opened_by, bits) THEN
            RETURN 'opener';
        ELSIF c.company_id = jiayi.me_company() AND c.handler_id IS NOT NULL AND jiayi.reaches(c.handler_id, bits) THEN
            RETURN 'handler';
        END IF;
        PERFORM jiayi.refuse('JY007', 'you may see case %s but not change it', ROW(c.id));
    ELSIF c.company_id = jiayi.me_company() AND NOT jiayi.case_of_two(c.kind) THEN
        RETURN 'handler';
    END IF;
    RETURN 'other';
END
$$;
COMMENT ON FUNCTION case_side(case_file) IS
    'As whom the caller acts on a case that they see: opener, other or handler; the call ends where the called permission '
    'does not reach it.';
GRANT EXECUTE ON FUNCTION case_side(case_file) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION case_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    me   bigint := CASE current_user WHEN 'jiayi_auth' THEN NULL ELSE caller() END;
    side text;
BEGIN
    IF me IS NOT NULL THEN
        side := case_side(OLD);
        IF NEW.state <> OLD.state THEN
            PERFORM check_transition('case_file', OLD.kind, OLD.id::text, OLD.state, NEW.state, side);
        END IF;
    END IF;
    NEW.version := OLD.version + 1;
    NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
    IF NEW.state <> OLD.state THEN
        NEW.state_since := NEW.updated_at;
        NEW.closed_at := CASE WHEN NEW.state IN ('closed', 'withdrawn', 'declined', 'done') THEN NEW.updated_at END;
        -- Whose turn it is has as long again.
        NEW.answer_by := CASE WHEN NEW.closed_at IS NULL AND NEW.state NOT IN ('decided', 'resolved')
            THEN case_until(NEW) END;
    END IF;
    IF case_of_two(NEW.kind) THEN
        NEW.turn_id := case_turn(NEW);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION case_guard() IS
    'Trigger: a case goes from state to state as transition has it for its kind; whose turn it is then has as many working '
    'days as the case had.';

CREATE OR REPLACE FUNCTION case_turn(c case_file) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN c.state = 'answered' OR (c.state = 'opened' AND c.cure_over) THEN c.opened_company_id
        WHEN c.state = 'opened' THEN CASE c.opened_company_id WHEN c.company_id THEN c.vendor_id ELSE c.company_id END
        WHEN c.state = 'negotiation' THEN CASE c.proposed_side WHEN c.company_id THEN c.vendor_id WHEN c.vendor_id THEN c.company_id END
    END
$$;
COMMENT ON FUNCTION case_turn(case_file) IS
    'Of a breach or a dispute the company whose turn it is: to answer, to go on once it was answered or nothing was made good in '
    'time, to accept what is proposed. NULL: of none in particular.';
GRANT EXECUTE ON FUNCTION case_turn(case_file) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION case_until(c case_file) RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$ SELECT case_answer_by(c.kind, c.company_id, c.severity) $$;
COMMENT ON FUNCTION case_until(case_file) IS 'Until when whose turn it is in a case has to answer.';
GRANT EXECUTE ON FUNCTION case_until(case_file) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION case_locked(id bigint, seen int) RETURNS case_file LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c case_file;
BEGIN
    SELECT x.* INTO c FROM case_file AS x WHERE x.id = case_locked.id FOR UPDATE;
    IF c.id IS NOT NULL THEN
        PERFORM check_version('case_file', c.id, c.version, seen);
    END IF;
    RETURN c;
END
$$;
COMMENT ON FUNCTION case_locked(bigint, int) IS
    'A case that the caller sees, locked; the call ends where it is at another version than the one seen. NULLs: none.';
GRANT EXECUTE ON FUNCTION case_locked(bigint, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_say(id bigint, what text, topic text, words text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO jiayi.comment (on_kind, on_id, member_id, topic, decision, text)
    VALUES (jiayi.kind('case'), case_say.id, jiayi.me_member(), case_say.topic, what, words)
$$;
COMMENT ON FUNCTION case_say(bigint, text, text, text) IS 'Puts words into a case, with the state that they bring it into.';
GRANT EXECUTE ON FUNCTION case_say(bigint, text, text, text) TO jiayi_app;

---- Evidence

CREATE OR REPLACE FUNCTION object_text(on_kind smallint, on_id bigint) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    head text := concat_ws(E'\n', ref(on_kind, on_id) || coalesce(' v' || object_version(on_kind, on_id), ''),
        object_title(on_kind, on_id));
BEGIN
    RETURN CASE
        WHEN on_kind IN (kind('report'), kind('contract'), kind('playbook')) THEN (SELECT head || E'\n\n' || v.body FROM revision AS v
            WHERE v.on_kind = object_text.on_kind AND v.on_id = object_text.on_id
              AND v.version = object_version(object_text.on_kind, object_text.on_id))
        WHEN on_kind = kind('registration') THEN (SELECT head || E'\n\n' || registration_text(r) FROM registration AS r WHERE r.id = object_text.on_id)
        WHEN on_kind = kind('deal') THEN (SELECT concat_ws(E'\n', head, '', s.customer, s.stage, s."amount.amount" || ' ' || s."amount.currency",
                s.owner, s.vendor, s.updated_at) FROM deal AS d, deal_shown(d) AS s WHERE d.id = object_text.on_id)
        WHEN on_kind = kind('activity') THEN (SELECT concat_ws(E'\n', head, '', a.kind, a.happened_at, a.text) FROM activity AS a
            WHERE a.id = object_text.on_id)
        WHEN on_kind = kind('task') THEN (SELECT concat_ws(E'\n', head, '', t.state, t.due_on, t.text) FROM task AS t WHERE t.id = object_text.on_id)
        ELSE head END;
END
$$;
COMMENT ON FUNCTION object_text(smallint, bigint) IS
    'A thing that the caller sees, in words, as it is now: reference and version, title, an empty line, and what it says. Of '
    'kinds without words the title alone.';
GRANT EXECUTE ON FUNCTION object_text(smallint, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_evidence(id bigint, refs text[]) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    ref text;
    o   record;
BEGIN
    FOREACH ref IN ARRAY coalesce(refs, '{}') LOOP
        SELECT * INTO o FROM object_seen(ref);
        INSERT INTO link (from_kind, from_id, to_kind, to_id, role, audience, member_id, snapshot, to_version)
        VALUES (kind('case'), case_evidence.id, o.on_kind, o.on_id, 'evidence', 'shared', me_member(),
            object_text(o.on_kind, o.on_id), object_version(o.on_kind, o.on_id));
    END LOOP;
END
$$;
COMMENT ON FUNCTION case_evidence(bigint, text[]) IS
    'Puts things that the caller sees into a case, as they are now: who sees the case reads that, and of the things nothing more.';
GRANT EXECUTE ON FUNCTION case_evidence(bigint, text[]) TO jiayi_app;

---- What is done with it

CREATE OR REPLACE FUNCTION case_answer(id bigint, words text, refs text[]) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c case_file := case_locked(id, NULL);
BEGIN
    IF c.id IS NULL THEN
        RETURN NULL;
    ELSIF c.state IN ('decided', 'resolved', 'declined', 'done', 'closed', 'withdrawn') THEN
        PERFORM refuse('JY009', 'case %s is %s; nothing more is said in it', ROW(c.id, word('case_file', c.state)));
    END IF;
    PERFORM case_say(c.id, NULL, 'statement', words);
    PERFORM case_evidence(c.id, refs);
    PERFORM case_said(c.id);
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION case_answer(bigint, text, text[]) IS
    'Says something in a case, with evidence. NULL: the caller sees no such case.';
GRANT EXECUTE ON FUNCTION case_answer(bigint, text, text[]) TO jiayi_app;

-- As jiayi_auth: each side's words count, also those that the other one does not see.
CREATE OR REPLACE FUNCTION case_said(id bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c   case_file;
    now_ text;
BEGIN
    SELECT x.* INTO c FROM case_file AS x WHERE x.id = case_said.id;
    now_ := CASE
        WHEN case_of_two(c.kind) AND c.state = 'opened' AND c.opened_company_id <> me_company() THEN 'answered'
        WHEN case_of_two(c.kind) AND c.state = 'answered' AND c.opened_company_id = me_company() THEN 'negotiation'
        WHEN c.kind = 'conflict' AND c.state = 'opened' AND c.other_vendor_id IS NOT NULL
             AND NOT EXISTS (SELECT FROM unnest(ARRAY[c.vendor_id, c.other_vendor_id]) AS v
                 WHERE v <> c.opened_company_id AND NOT EXISTS (SELECT FROM comment AS s WHERE s.on_kind = kind('case')
                     AND s.on_id = c.id AND s.topic = 'statement' AND s.author_company_id = v)) THEN 'heard' END;
    IF now_ IS NOT NULL THEN
        UPDATE case_file AS x SET state = now_ WHERE x.id = c.id;
    END IF;
    PERFORM case_told(c, 'answered', me_company() <> c.company_id, c.kind <> 'conflict' AND me_company() = c.company_id);
END
$$;
COMMENT ON FUNCTION case_said(bigint) IS
    'A breach or a dispute is answered by the other side, and negotiated once the first one speaks again; of a conflict both are heard when '
    'each has spoken.';
GRANT EXECUTE ON FUNCTION case_said(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_assign(id bigint, email text, vendor text, seen int) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c     case_file := case_locked(id, seen);
    who   bigint := member_by_email(email);
    other bigint;
BEGIN
    IF c.id IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM case_side(c);
    IF vendor IS NOT NULL THEN
        SELECT p.vendor_id INTO other FROM partnership AS p JOIN company AS o ON o.id = p.vendor_id
        WHERE p.principal_id = me_company() AND o.slug = vendor;
        IF c.kind <> 'conflict' THEN
            PERFORM refuse('JY003', 'only a conflict has another vendor; leave --with away', field => 'with');
        ELSIF other IS NULL THEN
            PERFORM no_partner(vendor);
        ELSIF other = c.vendor_id THEN
            PERFORM refuse('JY003', '%s is the first side of case %s; name the other one', ROW(vendor, c.id), field => 'with');
        ELSIF c.other_vendor_id IS NOT NULL THEN
            PERFORM refuse('JY009', 'case %s has its other side already', ROW(c.id));
        END IF;
    END IF;
    IF who IS NOT NULL THEN
        IF NOT reaches(who, me_scope()) THEN
            PERFORM refuse('JY007', 'your role lets you assign cases within your team only');
        ELSIF c.kind = 'conflict' AND is_of_companies(who, ARRAY[c.vendor_id, c.other_vendor_id, other]) THEN
            PERFORM refuse('JY009', '%s acts for one of the sides as well; somebody else has to mediate', ROW(lower(email)));
        END IF;
    END IF;
    UPDATE case_file AS x SET handler_id = coalesce(who, c.handler_id), other_vendor_id = coalesce(other, c.other_vendor_id),
        state = CASE WHEN who IS NOT NULL AND c.kind IN ('complaint', 'support') AND c.state IN ('opened', 'reopened')
            THEN 'assigned' ELSE c.state END
    WHERE x.id = c.id;
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION case_assign(bigint, text, text, int) IS
    'Says who handles a case, and which vendor is the other side of a conflict. NULL: the caller sees no such case.';
GRANT EXECUTE ON FUNCTION case_assign(bigint, text, text, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION is_of_companies(member_id bigint, companies bigint[]) RETURNS boolean LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM member AS m JOIN member AS o ON o.person_id = m.person_id
        WHERE m.id = is_of_companies.member_id AND m.company_id = me_company() AND o.company_id = ANY (companies)
          AND o.state = 'active');
END
$$;
COMMENT ON FUNCTION is_of_companies(bigint, bigint[]) IS
    'Whether a member of the caller''s company has linked a membership in one of these.';
GRANT EXECUTE ON FUNCTION is_of_companies(bigint, bigint[]) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_handle(id bigint, words text, becomes text, seen int) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c case_file := case_locked(id, seen);
BEGIN
    IF c.id IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM case_side(c);
    becomes := coalesce(becomes, CASE WHEN c.kind IN ('complaint', 'support') THEN 'handled'
        WHEN c.kind = 'suggestion' AND c.state = 'opened' THEN 'considered' ELSE c.state END);
    IF becomes = 'heard' AND c.state = 'opened' AND c.answer_by > now() THEN
        PERFORM refuse('JY009', 'both sides of case %s have until %s to speak', ROW(c.id, to_char(c.answer_by, 'YYYY-MM-DD')));
    ELSIF becomes = c.state AND c.state IN ('handled', 'decided', 'closed', 'withdrawn', 'declined', 'done', 'resolved') THEN
        PERFORM refuse('JY009', 'case %s is %s; nothing more is said in it', ROW(c.id, word('case_file', c.state)));
    ELSIF becomes IN ('decided', 'resolved', 'closed') THEN
        PERFORM refuse('JY003', 'deciding and closing are commands of their own: jiayi case decide, jiayi case close',
            field => 'state');
    END IF;
    UPDATE case_file AS x SET state = becomes, handler_id = coalesce(c.handler_id, me_member()) WHERE x.id = c.id;
    PERFORM case_say(c.id, nullif(becomes, c.state), 'comment', words);
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION case_handle(bigint, text, text, int) IS
    'What who handles a case says, and the state that it comes into. NULL: the caller sees no such case.';
GRANT EXECUTE ON FUNCTION case_handle(bigint, text, text, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_escalate(id bigint, venue text, words text) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c case_file := case_locked(id, NULL);
BEGIN
    IF c.id IS NULL THEN
        RETURN NULL;
    ELSIF c.state = 'opened' AND case_of_two(c.kind) AND c.answer_by > now() THEN
        PERFORM case_side(c);
        PERFORM refuse('JY009', 'the other side of case %s has until %s to answer', ROW(c.id, to_char(c.answer_by, 'YYYY-MM-DD')));
    END IF;
    UPDATE case_file AS x SET state = case_escalate.venue, venue = case_escalate.venue, decision = NULL, proposed_side = NULL WHERE x.id = c.id;
    PERFORM case_say(c.id, venue, 'statement', words);
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION case_escalate(bigint, text, text) IS
    'Takes a breach or a dispute to arbitration or to court. NULL: the caller sees no such case.';
GRANT EXECUTE ON FUNCTION case_escalate(bigint, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_decide(id bigint, words text, accept boolean, name boolean, expire bigint, shares text[],
    seen int) RETURNS bigint LANGUAGE plpgsql SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c    case_file := case_locked(id, seen);
    pair text;
    gone bigint;
BEGIN
    IF c.id IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM case_side(c);
    IF case_of_two(c.kind) THEN
        IF name OR expire IS NOT NULL OR cardinality(shares) > 0 THEN
            PERFORM refuse('JY003', 'case %s is resolved in words; leave --name, --expire and --share away', ROW(c.id));
        ELSIF c.state NOT IN ('answered', 'negotiation', 'arbitration', 'litigation') THEN
            PERFORM check_transition('case_file', c.kind, c.id::text, c.state, 'resolved', case_side(c));
        ELSIF accept AND (c.proposed_side IS NULL OR c.proposed_side = me_company()) THEN
            PERFORM refuse('JY009', 'the other side of case %s proposes nothing that could be accepted', ROW(c.id));
        ELSIF accept OR c.venue IS NOT NULL THEN
            UPDATE case_file AS x SET state = 'resolved', decision = coalesce(words, c.decision), decided_by = me_member()
            WHERE x.id = c.id;
            PERFORM case_say(c.id, 'resolved', 'comment', coalesce(words, c.decision));
        ELSE
            UPDATE case_file AS x SET decision = words, proposed_side = me_company() WHERE x.id = c.id;
            PERFORM case_say(c.id, 'proposed', 'comment', words);
            PERFORM case_proposed(c.id);
        END IF;
        RETURN c.id;
    ELSIF accept THEN
        PERFORM refuse('JY003', 'only what the other side of a contract proposes is accepted; say what is decided with --decision',
            field => 'accept');
    ELSIF c.kind <> 'conflict' THEN
        PERFORM check_transition('case_file', c.kind, c.id::text, c.state, 'decided', case_side(c));
    END IF;
    UPDATE case_file AS x SET state = 'decided', decision = words, decided_by = me_member(), named = coalesce(name, false),
        handler_id = coalesce(c.handler_id, me_member()) WHERE x.id = c.id;
    PERFORM case_say(c.id, 'decided', 'comment', words);
    IF expire IS NOT NULL AND NOT registration_ended(expire, c.id) THEN
        PERFORM refuse('JY009', 'registration %s is neither pending nor approved by you', ROW(expire), field => 'expire');
    END IF;
    FOREACH pair IN ARRAY coalesce(shares, '{}') LOOP
        IF pair !~ '^[0-9]{1,18}=[a-z][a-z0-9-]{0,39}$' THEN
            PERFORM refuse('JY003', '"%s" should be a deal and a vendor, such as 7=beta', ROW(pair), field => 'share');
        END IF;
        UPDATE deal AS d SET vendor_id = vendor_by_slug(split_part(pair, '=', 2)),
            shared_span = partner_span(d.company_id, vendor_by_slug(split_part(pair, '=', 2)))
        WHERE d.id = split_part(pair, '=', 1)::bigint AND d.company_id = me_company() RETURNING d.id INTO gone;
        IF gone IS NULL THEN
            PERFORM refuse('JY005', 'there is no deal %s that you can see', ROW(split_part(pair, '=', 1)), field => 'share');
        END IF;
    END LOOP;
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION case_decide(bigint, text, boolean, boolean, bigint, text[], int) IS
    'Decides a conflict, and does what the decision says in the same call: ends a registration, gives deals to vendors, tells '
    'each who the other is. Of a breach or a dispute it proposes words, or accepts what the other side proposes; what a venue decided is '
    'put down. NULL: the caller sees no such case.';
GRANT EXECUTE ON FUNCTION case_decide(bigint, text, boolean, boolean, bigint, text[], int) TO jiayi_app;

CREATE OR REPLACE FUNCTION registration_ended(registration_id bigint, case_id bigint) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    UPDATE registration AS r SET state = 'expired' FROM case_file AS c
    WHERE r.id = registration_ended.registration_id AND c.id = registration_ended.case_id AND c.kind = 'conflict' AND c.state = 'decided'
      AND c.decided_by = me_member() AND r.company_id = c.company_id AND c.company_id = me_company()
      AND r.state IN ('pending', 'approved');
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION registration_ended(bigint, bigint) IS
    'Ends a registration by the decision of a case that the caller just made. Whether there was one to end.';
GRANT EXECUTE ON FUNCTION registration_ended(bigint, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_reopen(id bigint, reason text) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c       case_file := case_locked(id, NULL);
    becomes text := CASE c.kind WHEN 'conflict' THEN 'appealed' ELSE 'reopened' END;
BEGIN
    IF c.id IS NULL THEN
        RETURN NULL;
    ELSIF c.kind = 'conflict' AND c.appeals > 0 AND c.state = 'decided' THEN
        PERFORM case_side(c);
        PERFORM refuse('JY009', 'case %s was appealed once already; what was decided then stays', ROW(c.id));
    END IF;
    UPDATE case_file AS x SET state = becomes, appeals = c.appeals + 1, score = NULL WHERE x.id = c.id;
    PERFORM case_say(c.id, becomes, 'statement', reason);
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION case_reopen(bigint, text) IS
    'Opens a complaint or a request again; of a conflict, appeals what was decided, once. NULL: the caller sees no such case.';
GRANT EXECUTE ON FUNCTION case_reopen(bigint, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_end(id bigint, becomes text, score int, seen int) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c case_file := case_locked(id, seen);
BEGIN
    IF c.id IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE case_file AS x SET state = becomes, score = case_end.score WHERE x.id = c.id;
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION case_end(bigint, text, int, int) IS 'Closes or withdraws a case. NULL: the caller sees no such case.';
GRANT EXECUTE ON FUNCTION case_end(bigint, text, int, int) TO jiayi_app;

---- Told, at its time

CREATE OR REPLACE FUNCTION case_told(c case_file, what text, to_principal boolean, to_vendors boolean) RETURNS void
    LANGUAGE sql SET search_path = jiayi, pg_catalog, pg_temp AS $$
    INSERT INTO event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    SELECT c.company_id, t.partner, 'case.' || what, kind('case'), c.id, nullif(current_setting('jiayi.member_id', true), '')::bigint, t.who
    FROM (
        SELECT NULL::bigint AS partner, CASE WHEN c.opened_company_id = c.company_id THEN ARRAY[c.opened_by] ELSE '{}' END
            || CASE WHEN c.handler_id IS NULL THEN partner_people(c.company_id) ELSE ARRAY[c.handler_id] END
            || (SELECT k.owner_id FROM contract AS k WHERE k.id = c.contract_id) AS who
        WHERE to_principal
        UNION ALL
        SELECT v, CASE WHEN c.opened_company_id = v THEN ARRAY[c.opened_by] ELSE partner_people(v) END
            || (SELECT k.vendor_owner_id FROM contract AS k WHERE k.id = c.contract_id)
        FROM unnest(ARRAY[c.vendor_id, c.other_vendor_id]) AS v WHERE to_vendors AND v IS NOT NULL
    ) AS t
$$;
COMMENT ON FUNCTION case_told(case_file, text, boolean, boolean) IS
    'Tells what happens to a case: in the company who opened it and who handles it, or who looks after partnerships; each '
    'vendor apart from the other, who opened it there, or those who look after partnerships; of a contract also who is '
    'responsible for it.';
GRANT EXECUTE ON FUNCTION case_told(case_file, text, boolean, boolean) TO jiayi_auth;

CREATE OR REPLACE FUNCTION case_file_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    one case_file := NEW;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.other_vendor_id IS DISTINCT FROM OLD.other_vendor_id THEN
        one.vendor_id := NULL; -- the second side of it is asked to speak
        PERFORM case_told(one, 'opened', false, true);
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.cure_over AND NOT OLD.cure_over AND NEW.state NOT IN ('resolved', 'closed', 'withdrawn')
       AND NOT EXISTS (SELECT FROM breach_span(NEW) AS s WHERE day_ends(NEW.company_id, s.made_good) <= NEW.cure_by) THEN
        PERFORM case_told(NEW, 'overdue', true, true);
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM case_told(NEW, 'opened', true, NEW.opened_company_id = NEW.company_id);
    ELSIF NEW.handler_id IS DISTINCT FROM OLD.handler_id AND NEW.handler_id IS NOT NULL THEN
        PERFORM case_told(NEW, 'assigned', true, false);
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.state <> OLD.state AND NEW.state NOT IN ('assigned', 'answered', 'heard') THEN
        PERFORM case_told(NEW, CASE WHEN NEW.state IN ('arbitration', 'litigation') THEN 'escalated'
            WHEN NEW.state IN ('decided', 'resolved', 'adopted', 'declined') THEN 'decided'
            WHEN NEW.state IN ('reopened', 'appealed') THEN 'reopened'
            WHEN NEW.state IN ('closed', 'done') THEN 'closed'
            WHEN NEW.state = 'withdrawn' THEN 'withdrawn' ELSE 'handled' END, true, true);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION case_file_tell() IS 'Trigger: tells the sides of a case what becomes of it.';

CREATE OR REPLACE FUNCTION case_proposed(id bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM case_told(c, 'proposed', c.company_id <> me_company(), c.company_id = me_company())
    FROM case_file AS c WHERE c.id = case_proposed.id AND c.proposed_side = me_company();
END
$$;
COMMENT ON FUNCTION case_proposed(bigint) IS 'Tells the other side of a breach or a dispute what the caller''s company proposes.';
GRANT EXECUTE ON FUNCTION case_proposed(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_member_sees(m member, id bigint) RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c   case_file;
    far int;
BEGIN
    SELECT x.* INTO c FROM case_file AS x WHERE x.id = case_member_sees.id;
    SELECT ascii(substr(r.sights, noun('case'), 1)) & 15 INTO far FROM role AS r WHERE r.id = m.role_id;
    RETURN m.company_id = ANY (ARRAY[c.company_id, c.vendor_id, c.other_vendor_id]) AND (far & 4 <> 0
        OR (far & 1 <> 0 AND m.id = ANY (ARRAY[c.opened_by, c.handler_id]))
        OR (far & 2 <> 0 AND (m.company_id <> c.opened_company_id OR EXISTS (SELECT FROM team AS t
            WHERE t.manager_id = m.id AND t.member_id = ANY (ARRAY[c.opened_by, c.handler_id])))));
END
$$;
COMMENT ON FUNCTION case_member_sees(member, bigint) IS 'Whether a member is told of a case, by what the rows say just now.';
GRANT EXECUTE ON FUNCTION case_member_sees(member, bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION job_cases(company_id bigint, slot timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    changed bigint;
    n       bigint;
BEGIN
    UPDATE case_file AS c SET state = 'closed' WHERE c.state = 'handled' AND c.answer_by < slot;
    GET DIAGNOSTICS changed = ROW_COUNT;
    UPDATE case_file AS c SET cure_over = true WHERE c.id IN (SELECT x.id FROM case_file AS x
        WHERE NOT x.cure_over AND x.cure_by < slot ORDER BY x.cure_by LIMIT 1000);
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN changed + n;
END
$$;
COMMENT ON FUNCTION job_cases(bigint, timestamptz) IS
    'The job that closes what was handled and whoever opened it said nothing more of in time, and tells both sides where a '
    'breach was not made good within its days, every hour.';

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
