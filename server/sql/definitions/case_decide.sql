-- Cases: how they end: taken further, decided, reopened, closed.

CREATE OR REPLACE FUNCTION case_escalate(id bigint, venue text, words text) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c case_file := case_locked(id, NULL);
BEGIN
    IF c.state = 'opened' AND case_of_two(c.kind) AND c.answer_by > now() THEN
        PERFORM case_side(c);
        PERFORM refuse('JY009', 'the other side of case %s has until %s to answer', ROW(c.id, to_char(c.answer_by, 'YYYY-MM-DD')));
    END IF;
    UPDATE case_file AS x SET state = case_escalate.venue, venue = case_escalate.venue, decision = NULL, proposed_side = NULL WHERE x.id = c.id;
    PERFORM case_say(c.id, venue, 'statement', words);
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION case_escalate(bigint, text, text) IS
    'Takes a breach or a dispute to arbitration or to court.';
GRANT EXECUTE ON FUNCTION case_escalate(bigint, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_decide(id bigint, words text, accept boolean, name boolean, expire bigint, shares text[],
    seen int) RETURNS bigint LANGUAGE plpgsql SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c    case_file := case_locked(id, seen);
    pair text;
    gone bigint;
BEGIN
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
    'put down.';
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
    IF c.kind = 'conflict' AND c.appeals > 0 AND c.state = 'decided' THEN
        PERFORM case_side(c);
        PERFORM refuse('JY009', 'case %s was appealed once already; what was decided then stays', ROW(c.id));
    END IF;
    UPDATE case_file AS x SET state = becomes, appeals = c.appeals + 1, score = NULL WHERE x.id = c.id;
    PERFORM case_say(c.id, becomes, 'statement', reason);
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION case_reopen(bigint, text) IS
    'Opens a complaint or a request again; of a conflict, appeals what was decided, once.';
GRANT EXECUTE ON FUNCTION case_reopen(bigint, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_end(id bigint, becomes text, score int, seen int) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c case_file := case_locked(id, seen);
BEGIN
    IF becomes = 'closed' AND c.kind = 'conflict' AND c.state = 'decided' AND c.company_id <> me_company() THEN
        PERFORM case_side(c);
        -- Else who it was decided for would keep the other one from appealing.
        PERFORM refuse('JY009', '%s closes case %s; until then either side may appeal', ROW(slug_of(c.company_id), c.id));
    END IF;
    UPDATE case_file AS x SET state = becomes, score = case_end.score WHERE x.id = c.id;
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION case_end(bigint, text, int, int) IS 'Closes or withdraws a case.';
GRANT EXECUTE ON FUNCTION case_end(bigint, text, int, int) TO jiayi_app;
