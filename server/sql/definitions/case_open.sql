-- Cases: how they are opened, by when they are to be answered, and what is handed over as evidence.


CREATE OR REPLACE FUNCTION case_answer_by(kind text, company bigint, severity int) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT jiayi.day_ends(company, jiayi.add_working_days(company, jiayi.today(company), jiayi.case_days(company, kind, severity)))
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
                s.owner, s.updated_at) FROM deal AS d, deal_shown(d) AS s WHERE d.id = object_text.on_id)
        WHEN on_kind = kind('activity') THEN (SELECT concat_ws(E'\n', head, '', a.kind, a.happened_at, a.text) FROM activity AS a
            WHERE a.id = object_text.on_id)
        WHEN on_kind = kind('task') THEN (SELECT concat_ws(E'\n', head, '', t.state, t.due_on, t.text) FROM task AS t WHERE t.id = object_text.on_id)
        ELSE head END;
END
$$;
COMMENT ON FUNCTION object_text(smallint, bigint) IS
    'A thing that the caller sees, in words, as it is now: reference and version, title, an empty line, and what it says. Of '
    'kinds without words the title alone; of a deal not the vendor, for in a conflict another one may read it.';
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
