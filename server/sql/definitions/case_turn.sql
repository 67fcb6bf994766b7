-- Cases: whose turn it is, what is said, and who handles them.

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
    IF c.id IS NULL THEN
        PERFORM refuse('JY005', 'there is no %s %s that you can see', ROW(word('object', 'case'), case_locked.id));
    END IF;
    PERFORM check_version('case_file', c.id, c.version, seen);
    RETURN c;
END
$$;
COMMENT ON FUNCTION case_locked(bigint, int) IS
    'A case that the caller sees, locked; the call ends where there is none, or where it is at another version than the one seen.';
GRANT EXECUTE ON FUNCTION case_locked(bigint, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_say(id bigint, what text, topic text, words text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO jiayi.comment (on_kind, on_id, member_id, topic, decision, text)
    VALUES (jiayi.kind('case'), case_say.id, jiayi.me_member(), case_say.topic, what, words)
$$;
COMMENT ON FUNCTION case_say(bigint, text, text, text) IS 'Puts words into a case, with the state that they bring it into.';
GRANT EXECUTE ON FUNCTION case_say(bigint, text, text, text) TO jiayi_app;

---- What is said and done

CREATE OR REPLACE FUNCTION case_answer(id bigint, words text, refs text[]) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c case_file := case_locked(id, NULL);
BEGIN
    IF c.state IN ('decided', 'resolved', 'declined', 'done', 'closed', 'withdrawn') THEN
        PERFORM refuse('JY009', 'case %s is %s; nothing more is said in it', ROW(c.id, word('case_file', c.state)));
    END IF;
    PERFORM case_say(c.id, NULL, 'statement', words);
    PERFORM case_evidence(c.id, refs);
    PERFORM case_said(c.id);
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION case_answer(bigint, text, text[]) IS
    'Says something in a case, with evidence.';
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
    'Says who handles a case, and which vendor is the other side of a conflict.';
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
    'What who handles a case says, and the state that it comes into.';
GRANT EXECUTE ON FUNCTION case_handle(bigint, text, text, int) TO jiayi_app;
