-- Deals and the stages that they were in: who sees which, who may change them, the rules of moving,
-- and how calls answer them.

-- What is on a deal is seen with it, and what is only listed of one deal at a time asks here: with the rights of jiayi_auth one look-up
-- and the deal's policy as the function that it is, where a sub-select has the policies of deals set up for every statement. The
-- answer is remembered, as slug_known() does, while the call has changed nothing: what it changes may change that as well. So a list
-- asks once: the function that it begins with, and then the policy for each row at a third of what a sub-select costs.
CREATE OR REPLACE FUNCTION deal_since(id bigint) RETURNS int LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    known   text := current_setting('jiayi.deal_since', true);
    owner   bigint;
    company bigint;
    vendor  bigint;
    span    int;
    version int;
    since   int;
BEGIN
    IF split_part(known, ' ', 1) = id::text AND pg_current_xact_id_if_assigned() IS NULL THEN
        RETURN nullif(split_part(known, ' ', 2), '')::int;
    END IF;
    SELECT d.owner_id, d.company_id, d.vendor_id, d.shared_span, d.shared_version INTO owner, company, vendor, span, version
    FROM jiayi.deal AS d WHERE d.id = deal_since.id;
    IF jiayi.caller() IS NULL THEN
        RETURN CASE WHEN company IS NOT NULL THEN 0 END;
    ELSIF jiayi.shared_seen(jiayi.noun('deal'), owner, company, vendor, span, jiayi.kind('deal'), id) THEN
        since := CASE WHEN company = jiayi.me_company() THEN 0
            ELSE coalesce(jiayi.shared_since(jiayi.kind('deal'), id, company, vendor, span, version), 2147483647) END;
    END IF;
    known := set_config('jiayi.deal_since', id || ' ' || coalesce(since::text, ''), true);
    RETURN since;
END
$$;
COMMENT ON FUNCTION deal_since(bigint) IS
    'The version since which the caller sees what is done on that deal: 0 of the own company''s. NULL: the caller does not see it.';
GRANT EXECUTE ON FUNCTION deal_since(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_shows(id bigint, company bigint, author bigint, version int) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF company = jiayi.me_company() THEN
        RETURN jiayi.deal_since(id) IS NOT NULL;
    END IF;
    RETURN company = author AND coalesce(jiayi.deal_since(id) <= version, false);
END
$$;
COMMENT ON FUNCTION deal_shows(bigint, bigint, bigint, int) IS
    'Whether the caller sees what was done on that deal, of that company, by somebody of the company author, when it had that version.';
GRANT EXECUTE ON FUNCTION deal_shows(bigint, bigint, bigint, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_seen(id bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF jiayi.deal_since(id) IS NULL THEN
        PERFORM jiayi.refuse('JY005', 'there is no deal %s that you can see', ROW(id));
    END IF;
    RETURN id;
END
$$;
COMMENT ON FUNCTION deal_seen(bigint) IS
    'The number itself, if the caller sees that deal; the call ends where not.';
GRANT EXECUTE ON FUNCTION deal_seen(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_known(id bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF jiayi.deal_since(id) IS NULL
        AND NOT EXISTS (SELECT FROM jiayi.deal_stage AS s WHERE s.deal_id = deal_known.id)
        AND NOT EXISTS (SELECT FROM jiayi.activity AS a WHERE a.deal_id = deal_known.id) THEN
        PERFORM jiayi.deal_seen(id);
    END IF;
    RETURN id;
END
$$;
COMMENT ON FUNCTION deal_known(bigint) IS
    'The number itself, if the caller sees that deal or something that was done on it: a vendor''s '
    'own is seen for good. The call ends where neither.';
GRANT EXECUTE ON FUNCTION deal_known(bigint) TO jiayi_app;

-- VOLATILE, so that it sees what the same statement wrote.
CREATE OR REPLACE FUNCTION lost_reason_now(deal_id bigint, version int) RETURNS text
    LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN (SELECT coalesce(s.reason, r.text) FROM jiayi.deal_stage AS s
            LEFT JOIN jiayi.deal_reason AS r ON r.deal_id = s.deal_id AND r.seq = s.seq
            WHERE s.deal_id = lost_reason_now.deal_id AND s.seq = lost_reason_now.version);
END
$$;
COMMENT ON FUNCTION lost_reason_now(bigint, int) IS
    'Why a deal was lost in that version; NULL where the caller may not know.';
GRANT EXECUTE ON FUNCTION lost_reason_now(bigint, int) TO jiayi_app;

-- STABLE in the planner's eyes: what is VOLATILE keeps deal_shown() from becoming a part of the calling statement.
CREATE OR REPLACE FUNCTION lost_reason(deal_id bigint, version int) RETURNS text
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jiayi.lost_reason_now(deal_id, version);
END
$$;
COMMENT ON FUNCTION lost_reason(bigint, int) IS 'lost_reason_now(), for statements.';
GRANT EXECUTE ON FUNCTION lost_reason(bigint, int) TO jiayi_app;

-- Put into the calling statement by the planner: no call of its own. The caller's names are known, and the customer's
-- stands in the deal: deal_customer_named() sees to that.
CREATE OR REPLACE FUNCTION deal_shown(d deal) RETURNS TABLE (
    id bigint, title text, customer text, stage text, "amount.amount" text, "amount.currency" text,
    owner text, vendor text, company text, version int, created_at timestamptz,
    updated_at timestamptz, closed_at timestamptz, lost_reason text, lost_code text, lost_label text,
    lost_to text, close_on date, kind text, won_on date, vendor_owner text, contact_id bigint, contact text,
    contract_id bigint)
LANGUAGE sql STABLE AS $$
    SELECT d.id, d.title, d.customer_name, d.stage, d.amount::text, d.currency,
           CASE d.owner_id WHEN jiayi.me_member() THEN jiayi.me_email()
               ELSE jiayi.email_of(d.owner_id) END,
           CASE d.vendor_id WHEN jiayi.me_company() THEN jiayi.me_slug()
               ELSE jiayi.slug_of(d.vendor_id) END,
           CASE d.company_id WHEN jiayi.me_company() THEN jiayi.me_slug()
               ELSE jiayi.slug_of(d.company_id) END,
           d.version, d.created_at, d.updated_at, d.closed_at,
           CASE d.outcome WHEN 'lost' THEN jiayi.lost_reason(d.id, d.closed_version) END, d.lost_code,
           CASE d.outcome WHEN 'lost' THEN jiayi.choice_label(d.company_id, 'lost_reason', d.lost_code) END,
           d.lost_to, d.close_on, d.kind, d.won_on,
           CASE WHEN d.vendor_owner_id IS NOT NULL THEN jiayi.email_of(d.vendor_owner_id) END,
           d.contact_id, CASE WHEN d.contact_id IS NOT NULL THEN jiayi.contact_name(d.contact_id) END,
           CASE WHEN jiayi.me_company() IN (d.company_id, d.vendor_id) THEN d.contract_id END
$$;
COMMENT ON FUNCTION deal_shown(deal) IS 'A deal as calls answer it.';
GRANT EXECUTE ON FUNCTION deal_shown(deal) TO jiayi_app;

-- What there may be the row in deal_pulse says: most deals have little, and each policy that is asked costs a good
-- part of what it takes to read a deal. One value: as a table of a statement it is set up whether there is any or not.
CREATE OR REPLACE FUNCTION deal_around(deal_id bigint, beside int) RETURNS deal_beside
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    has    int := coalesce(beside, 15); -- seen without a side of it, for taking part
    around jiayi.deal_beside;
BEGIN
    IF has & 1 <> 0 THEN
        around.tags := jiayi.tags_of(jiayi.kind('deal'), deal_around.deal_id);
    END IF;
    IF has & 2 <> 0 THEN
        SELECT jsonb_agg(jsonb_build_object('member', v.member, 'member_company', v.member_company,
                   'function', v.function) ORDER BY p.n) FILTER (WHERE p.n <= 20), nullif(count(*) > 20, false)
        INTO around.team, around.more_team
        FROM (SELECT p, row_number() OVER (ORDER BY p.member_id) AS n FROM jiayi.participant AS p
              WHERE p.on_kind = jiayi.kind('deal') AND p.on_id = deal_around.deal_id
              ORDER BY p.member_id LIMIT 21) AS p(p, n), jiayi.participant_shown(p.p) AS v;
    END IF;
    IF has & 4 <> 0 THEN
        SELECT jsonb_agg(jsonb_build_object('id', t.id::text, 'title', t.title, 'kind', t.kind, 'state', t.state,
                   'owner', jiayi.email_of(t.assignee_id), 'owner_company', CASE WHEN t.vendor_id IS NOT NULL
                       THEN nullif(jiayi.company_of(t.assignee_id), jiayi.me_slug()) END, 'required', nullif(t.required, false),
                   'due', t.due_on, 'late', nullif(t.due_at < now(), false)) ORDER BY t.n) FILTER (WHERE t.n <= 20),
               nullif(count(*) > 20, false)
        INTO around.tasks, around.more_tasks
        FROM (SELECT t.*, row_number() OVER (ORDER BY t.due_at, t.id) AS n FROM jiayi.task AS t
              WHERE t.on_kind = jiayi.kind('deal') AND t.on_id = deal_around.deal_id
                AND t.state = ANY ('{open,delivered,rejected}') ORDER BY t.due_at, t.id LIMIT 21) AS t;
    END IF;
    IF has & 8 <> 0 THEN
        around.links := (SELECT nullif(count(*), 0) FROM (
            SELECT FROM jiayi.link AS l WHERE l.from_kind = jiayi.kind('deal') AND l.from_id = deal_around.deal_id
            UNION ALL
            SELECT FROM jiayi.link AS l WHERE l.to_kind = jiayi.kind('deal') AND l.to_id = deal_around.deal_id
            LIMIT 1000) AS l);
    END IF;
    RETURN around;
END
$$;
COMMENT ON FUNCTION deal_around(bigint, int) IS
    'What is shown beside one deal: its tags, who takes part, what is to be done, and how many links there are; '
    'beside is the caller''s side''s of deal_pulse, which says of what there may be any. NULLs where there is nothing '
    'that the caller sees.';
GRANT EXECUTE ON FUNCTION deal_around(bigint, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_assignee(d deal, email text) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    other bigint := CASE d.company_id WHEN me_company() THEN d.vendor_id ELSE d.company_id END;
BEGIN
    IF domain_owner(email) = other THEN
        PERFORM refuse('JY003', 'deal %s is assigned within your company; who of %s is responsible its people say',
            ROW(d.id, slug_of(other)), field => 'owner');
    END IF;
    RETURN member_by_email(email);
END
$$;
COMMENT ON FUNCTION deal_assignee(deal, text) IS
    'A member of the caller''s company to whom its side of a deal is given; the call ends where there is none, or '
    'the address is the other side''s.';
GRANT EXECUTE ON FUNCTION deal_assignee(deal, text) TO jiayi_app;

-- Asked only where nothing else lets the caller change the deal.
CREATE OR REPLACE FUNCTION deal_is_assigned(was deal, becomes deal) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    bits int := jiayi.me_scope();
    who  bigint := becomes.vendor_owner_id;
BEGIN
    becomes.vendor_owner_id := was.vendor_owner_id;
    IF jiayi.me_permission() <> 'deal.assign' OR was.vendor_id IS DISTINCT FROM jiayi.me_company()
        OR jiayi.in_span(was.company_id, was.shared_span) IS NOT TRUE OR becomes IS DISTINCT FROM was THEN
        RETURN false;
    ELSIF NOT jiayi.reaches(who, bits)
        OR (was.vendor_owner_id IS NOT NULL AND NOT jiayi.reaches(was.vendor_owner_id, bits)) THEN
        PERFORM jiayi.refuse('JY007', 'your role lets you assign deals within your team only');
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION deal_is_assigned(deal, deal) IS
    'Whether a change does no more than say who of the caller''s company is responsible for a deal that a '
    'principal shares with it, as its people with deal.assign may.';
GRANT EXECUTE ON FUNCTION deal_is_assigned(deal, deal) TO jiayi_auth;

CREATE OR REPLACE FUNCTION deal_changed(d deal) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF d.company_id <> jiayi.me_company() OR NOT jiayi.reaches(d.owner_id, jiayi.me_scope()) THEN
        PERFORM jiayi.refuse('JY007', 'you may see deal %s but not change it', ROW(d.id));
    END IF;
    RETURN d.id;
END
$$;
COMMENT ON FUNCTION deal_changed(deal) IS
    'The deal''s number, if the called permission reaches the deal; the call ends where not.';
GRANT EXECUTE ON FUNCTION deal_changed(deal) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_may_reopen(d deal) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT d.company_id = jiayi.me_company() AND EXISTS (
        SELECT FROM jiayi.caller_grants() AS g
        WHERE g.permission = 'deal.reopen' AND jiayi.reaches(d.owner_id, g.bits))
$$;
COMMENT ON FUNCTION deal_may_reopen(deal) IS
    'Whether the caller''s deal.reopen reaches the deal.';
GRANT EXECUTE ON FUNCTION deal_may_reopen(deal) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION deal_skips(d deal, reason text) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT (d.company_id = jiayi.me_company() AND EXISTS (SELECT FROM jiayi.caller_grants() AS g
            WHERE g.permission = 'deal.override' AND jiayi.reaches(d.owner_id, g.bits))) THEN
        PERFORM jiayi.refuse('JY007', 'skipping what the stage of deal %s asks for needs the permission '
            'deal.override', ROW(d.id));
    ELSIF reason IS NULL THEN
        PERFORM jiayi.refuse('JY003', 'skipping what a stage asks for needs a reason; give one with --reason',
            field => 'reason');
    END IF;
END
$$;
COMMENT ON FUNCTION deal_skips(deal, text) IS
    'Ends the call where the caller''s deal.override does not reach the deal, or no reason is given.';
GRANT EXECUTE ON FUNCTION deal_skips(deal, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION deal_lost_for(company_id bigint, code text) RETURNS text
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    found text;
    known text;
BEGIN
    SELECT min(c.code) FILTER (WHERE jiayi.stage_key(deal_lost_for.code) IN (jiayi.stage_key(c.code), jiayi.stage_key(c.label))),
           string_agg(c.code || ' ' || c.label, ', ' ORDER BY c.position, c.code)
    INTO found, known
    FROM jiayi.choice AS c
    WHERE c.company_id = deal_lost_for.company_id AND c.list = 'lost_reason' AND c.active;
    IF code IS NULL AND known IS NOT NULL THEN
        PERFORM jiayi.refuse('JY003', 'losing a deal needs a reason by code; give one with --lost-reason: %s',
            ROW(known), field => 'lost_code');
    ELSIF code IS NOT NULL AND found IS NULL THEN
        PERFORM jiayi.refuse('JY003', 'there is no reason of loss %s; the reasons are %s',
            ROW(code, coalesce(known, '-')), field => 'lost_code');
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION deal_lost_for(bigint, text) IS
    'The code of why a deal of a company is lost, by code or label; the call ends where there is none, and says '
    'which there are. NULL where the company has none in use.';
GRANT EXECUTE ON FUNCTION deal_lost_for(bigint, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION deals_asked(owner text, mine boolean, team boolean, vendor_slug text, stage_words text, outcome text,
    customer_id bigint, OUT people bigint[], OUT whole bigint, OUT owners bigint[], OUT elsewhere bigint[],
    OUT shared bigint, OUT partner bigint, OUT responsible bigint[], OUT vendor bigint, OUT stage text,
    OUT stages text[], OUT customers bigint[])
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    partner := jiayi.me_partner(jiayi.noun('deal'));
    IF mine OR team THEN
        people := ARRAY[jiayi.me_member()]
            || CASE WHEN team AND jiayi.sight(jiayi.noun('deal')) & 6 <> 0 THEN jiayi.me_team() END;
        owners := people;
        responsible := CASE WHEN partner IS NOT NULL THEN people END;
    ELSIF owner IS NOT NULL THEN
        people := jiayi.members_called(owner);
        owners := array_remove(ARRAY[jiayi.owner_seen(jiayi.noun('deal'), owner)], NULL);
        elsewhere := jiayi.members_elsewhere(owner);
    ELSE
        whole := jiayi.me_whole(jiayi.noun('deal'));
        owners := CASE WHEN whole IS NULL THEN jiayi.me_owners(jiayi.noun('deal')) END;
        shared := partner;
    END IF;
    IF vendor_slug IS NOT NULL THEN
        vendor := coalesce((SELECT c.id FROM jiayi.company AS c WHERE c.slug = vendor_slug), 0);
    END IF;
    IF stage_words IS NOT NULL THEN
        stage := jiayi.stage_known(stage_words);
        stages := ARRAY[stage];
    ELSIF outcome IS NOT NULL THEN
        stages := ARRAY(SELECT DISTINCT s.name FROM jiayi.stage AS s WHERE s.outcome = deals_asked.outcome ORDER BY s.name);
    END IF;
    IF customer_id IS NOT NULL THEN
        customers := jiayi.object_numbers(jiayi.kind('customer'), jiayi.customer_asked(customer_id));
    END IF;
END
$$;
COMMENT ON FUNCTION deals_asked(text, boolean, boolean, text, text, text, bigint) IS
    'What a list of deals is asked for, as it walks them: whose deals it has (people; NULL: anybody''s); the company '
    'where it walks all, owners, owners in other companies, all that is shared with the company, the company itself '
    'where anything is, those of its people who are responsible for what is; the vendor, the stage, the stages of '
    'the outcome, and the numbers of the customer. NULLs where nothing is asked or nothing is seen.';
GRANT EXECUTE ON FUNCTION deals_asked(text, boolean, boolean, text, text, text, bigint) TO jiayi_app;

-- A page of what many have is that of few: who has nothing among the first ones of as many as a page has is not in it, and nothing
-- before the last of these first ones is. So a list that walks an arm for each begins with whose arms it needs, and how far.
CREATE OR REPLACE FUNCTION deals_ahead(people bigint[], stage text, before bigint, narrowed boolean, most bigint)
    RETURNS TABLE (id bigint, least_id bigint) LANGUAGE plpgsql STABLE ROWS 10 AS $$
BEGIN
    IF narrowed OR cardinality(people) < 4 THEN
        RETURN QUERY SELECT p.id, 0::bigint FROM unnest(people) AS p(id);
    ELSIF stage IS NULL THEN
        RETURN QUERY SELECT h.id, CASE WHEN count(*) OVER () = most THEN min(h.first) OVER () ELSE 0 END
        FROM (SELECT p.id, h.first FROM unnest(people) AS p(id) CROSS JOIN LATERAL (
                  SELECT d.id AS first FROM jiayi.deal AS d
                  WHERE d.owner_id = p.id AND d.id < coalesce(before, 9223372036854775807)
                  ORDER BY d.id DESC NULLS LAST LIMIT 1) AS h
              ORDER BY h.first DESC LIMIT most) AS h;
    ELSE
        RETURN QUERY SELECT h.id, CASE WHEN count(*) OVER () = most THEN min(h.first) OVER () ELSE 0 END
        FROM (SELECT p.id, h.first FROM unnest(people) AS p(id) CROSS JOIN LATERAL (
                  SELECT d.id AS first FROM jiayi.deal AS d
                  WHERE d.owner_id = p.id AND d.stage = deals_ahead.stage AND d.id < coalesce(before, 9223372036854775807)
                  ORDER BY d.id DESC NULLS LAST LIMIT 1) AS h
              ORDER BY h.first DESC LIMIT most) AS h;
    END IF;
END
$$;
COMMENT ON FUNCTION deals_ahead(bigint[], text, bigint, boolean, bigint) IS
    'Of those people who has deals on a page of that many, in a stage where one is given, before a number; and the least number that '
    'such a page has. All of them, and 0, where they are few, or where narrowed says that more is asked than this.';
GRANT EXECUTE ON FUNCTION deals_ahead(bigint[], text, bigint, boolean, bigint) TO jiayi_app;

-- A function, so that the planner does not take what is asked of each row for something that leaves next to nothing.
CREATE OR REPLACE FUNCTION deal_fits(owner_id bigint, vendor_owner_id bigint, vendor_id bigint, stage text, outcome text,
    customer_id bigint, people bigint[], wanted_vendor bigint, wanted_stage text, wanted_outcome text, customers bigint[])
    RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (people IS NULL OR owner_id = ANY (people) OR coalesce(vendor_owner_id = ANY (people), false))
        AND (wanted_vendor IS NULL OR coalesce(vendor_id = wanted_vendor, false))
        AND (wanted_stage IS NULL OR stage = wanted_stage)
        AND (wanted_outcome IS NULL OR outcome = wanted_outcome)
        AND (customers IS NULL OR customer_id = ANY (customers));
END
$$;
COMMENT ON FUNCTION deal_fits(bigint, bigint, bigint, text, text, bigint, bigint[], bigint, text, text, bigint[]) IS
    'Whether a deal, by what it has, is one of those that are asked for: deals_asked(). What is NULL there is not asked.';
GRANT EXECUTE ON FUNCTION deal_fits(bigint, bigint, bigint, text, text, bigint, bigint[], bigint, text, text, bigint[])
    TO jiayi_app;

CREATE OR REPLACE FUNCTION takes_part_in(email text) RETURNS TABLE (member_id bigint, company_id bigint)
LANGUAGE plpgsql STABLE ROWS 2 SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT m.id, c.id FROM member AS m CROSS JOIN unnest(me_company() || coalesce(me_principals(), '{}')) AS c(id)
        WHERE m.company_id = me_company() AND m.email = lower(takes_part_in.email);
    RETURN QUERY SELECT m.id, me_company() FROM unnest(members_elsewhere(email)) AS m(id);
END
$$;
COMMENT ON FUNCTION takes_part_in(text) IS
    'The members of that address, and the companies in whose things they may take part that concern the caller''s: of '
    'its own people its own and its principals, of others its own.';
GRANT EXECUTE ON FUNCTION takes_part_in(text) TO jiayi_app;

-- Most take part in nothing: that is asked first, for what a list of such deals needs to be set up costs as much as ten rows
-- of a page.
CREATE OR REPLACE FUNCTION deals_taking_part(owner text, stage_words text, vendor_slug text, ids bigint[], tags text[],
    below bigint, most bigint) RETURNS SETOF deal LANGUAGE plpgsql STABLE ROWS 1 AS $$
DECLARE
    me     bigint := jiayi.me_member();
    wanted text;
    people bigint[];
    vendor bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM jiayi.participant AS p WHERE p.member_id = me AND p.on_kind = jiayi.kind('deal')) THEN
        RETURN;
    END IF;
    wanted := CASE WHEN stage_words IS NOT NULL THEN jiayi.stage_known(stage_words) END;
    people := CASE WHEN owner IS NOT NULL THEN jiayi.members_called(owner) END;
    IF vendor_slug IS NOT NULL THEN
        vendor := coalesce((SELECT c.id FROM jiayi.company AS c WHERE c.slug = vendor_slug), 0);
    END IF;
    RETURN QUERY SELECT d.* FROM jiayi.participant AS p CROSS JOIN LATERAL (
        SELECT d.* FROM jiayi.deal AS d
        WHERE d.id = p.on_id
          AND jiayi.shared_seen(jiayi.noun('deal'), d.owner_id, d.company_id, d.vendor_id, d.shared_span, NULL, NULL) IS NOT TRUE
          AND (people IS NULL OR d.owner_id = ANY (people)) AND (wanted IS NULL OR d.stage = wanted)
          AND (vendor IS NULL OR d.vendor_id = vendor) AND (ids IS NULL OR d.id = ANY (ids))
          AND (tags IS NULL OR jiayi.has_tags(jiayi.kind('deal'), d.id, tags))) AS d
    WHERE p.member_id = me AND p.on_kind = jiayi.kind('deal') AND p.on_id < below
    ORDER BY p.on_id DESC LIMIT most;
END
$$;
COMMENT ON FUNCTION deals_taking_part(text, text, text, bigint[], text[], bigint, bigint) IS
    'The deals in which the caller takes part, as far as nothing else shows them, of an owner, in a stage, shared with a '
    'vendor, of those that were found, with tags; NULLs where that is not asked. Below a number, the highest first.';
GRANT EXECUTE ON FUNCTION deals_taking_part(text, text, text, bigint[], text[], bigint, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_last_move(deal_id bigint, OUT kind text, OUT moved_at timestamptz,
    OUT stage text, OUT entered_at timestamptz, OUT seq int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    last  jiayi.deal_stage;
    below jiayi.deal_stage;
BEGIN
    SELECT * INTO last FROM jiayi.deal_stage AS s
    WHERE s.deal_id = deal_last_move.deal_id AND s.kind IN ('move', 'undo')
    ORDER BY s.seq DESC LIMIT 1;
    IF last.member_id IS DISTINCT FROM jiayi.me_member() THEN
        RETURN;
    END IF;
    SELECT * INTO below FROM jiayi.deal_stage AS s
    WHERE s.deal_id = last.deal_id AND s.kind IN ('move', 'undo') AND s.seq < last.seq
    ORDER BY s.seq DESC LIMIT 1;
    kind := last.kind;
    moved_at := last.entered_at;
    stage := below.stage;
    entered_at := below.entered_at;
    seq := below.seq;
END
$$;
COMMENT ON FUNCTION deal_last_move(bigint) IS
    'The last move of a deal, where the caller made it: how and when, and the stage before with its '
    'time and the version then; NULLs where somebody else did. Of a deal that was never moved there '
    'is no stage before.';
GRANT EXECUTE ON FUNCTION deal_last_move(bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION deal_undo(deal_id bigint) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    last record;
BEGIN
    SELECT * INTO last FROM deal_last_move(deal_id);
    IF last.kind IS NULL THEN
        PERFORM refuse('JY007',
            'the last move of deal %s was not yours; only who moved it takes it back',
            ROW(deal_id));
    ELSIF last.stage IS NULL THEN
        PERFORM refuse('JY009', 'deal %s has not been moved yet', ROW(deal_id));
    ELSIF last.kind = 'undo' THEN
        PERFORM refuse('JY009', 'the last move of deal %s was taken back already', ROW(deal_id));
    ELSIF last.moved_at < now() - interval '10 minutes' THEN
        PERFORM refuse('JY009',
            'the last move of deal %s was made more than ten minutes ago; move it: jiayi deal move '
            '%s %s', ROW(deal_id, deal_id, last.stage));
    END IF;
    RETURN last.stage;
END
$$;
COMMENT ON FUNCTION deal_undo(bigint) IS
    'The stage to which the caller may take a deal back; the call ends where the last move was '
    'somebody else''s, long ago or taken back already.';
GRANT EXECUTE ON FUNCTION deal_undo(bigint) TO jiayi_app;

-- On the hot path: names in full instead of a search_path, and as few expressions as can be, for each
-- that is come to is set up once in every transaction. What it writes into the history is the log's entry
-- of a move as well (see audit_entries()): so it has what was before. It takes the reason out of the deal,
-- which its vendor sees whole.
CREATE OR REPLACE FUNCTION deal_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    me     bigint := nullif(current_setting('jiayi.member_id', true), '')::bigint;
    author bigint := nullif(current_setting('jiayi.company_id', true), '')::bigint;
    bits   int;
    -- The row is locked by now: who waited for it is later than whoever was waited for.
    moment timestamptz := greatest(clock_timestamp(), OLD.updated_at);
    way    text := 'move'; -- how the deal came where it is: deal_stage.kind
    back   text;           -- of a move that is taken back: the stage before it, when the deal came
    since  timestamptz;    -- into that, and as which version
    was    int;
    hidden text;           -- a reason that is internal
    starts  boolean;       -- of the stage that it comes into: it brings tasks, no deal comes in any more,
    retired boolean;       -- it is further on
    further boolean;
    asks    boolean;       -- of the one before: it asks for more than tasks
    missed  text[];        -- what that asks for, and is skipped
    plain   boolean;       -- of both, and of the deal: nothing of a move between them has to be looked at
    zone    text;          -- the company's
    stay    int;           -- how long the deal may stay in that stage
    beside  int;           -- deal_pulse.beside
    moved   boolean;       -- way is not owner
    all_at_once boolean;   -- an import writes the history
    today   date;          -- where the company is
BEGIN
    IF me IS NULL THEN
        me := jiayi.no_caller();
    ELSE
        bits := jiayi.me_scope();
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF me IS NOT NULL AND NOT jiayi.reaches(NEW.owner_id, bits) THEN
            PERFORM jiayi.refuse('JY007',
                'your role lets you create deals for yourself or your team only; leave --owner '
                'away');
        END IF;
        IF NEW.stage IS NULL THEN
            SELECT s.name, s.outcome, s.starts, p.time_zone INTO NEW.stage, NEW.outcome, starts, zone
            FROM jiayi.stage AS s JOIN jiayi.company_profile AS p ON p.company_id = s.company_id
            WHERE s.company_id = NEW.company_id AND s.outcome = 'open' AND NOT s.retired ORDER BY s.position LIMIT 1;
            NEW.checks := starts;
        ELSE
            -- Only what is imported is in a stage already, and was closed already: nothing begins with it.
            IF NEW.outcome IS NULL THEN
                NEW.outcome := (SELECT s.outcome FROM jiayi.stage AS s
                    WHERE s.company_id = NEW.company_id AND s.name = NEW.stage);
            END IF;
            NEW.closed_version := CASE WHEN NEW.closed_at IS NOT NULL THEN 1 END;
            NEW.updated_at := coalesce(NEW.closed_at, NEW.created_at);
            all_at_once := jiayi.importing();
        END IF;
        IF NEW.vendor_id IS NOT NULL THEN
            NEW.shared_version := 1;
            NEW.shared_span := jiayi.partner_span(NEW.company_id, NEW.vendor_id);
        END IF;
        IF all_at_once THEN
            RETURN NEW;
        END IF;
    ELSE
        -- The customer has another name: nothing of the deal itself. Only customer_renamed() sets it.
        IF NEW.customer_name <> OLD.customer_name THEN
            RETURN NEW;
        END IF;
        -- What is the caller's own is known by the owner alone, who belongs to the deal's company.
        IF me IS NOT NULL AND (OLD.owner_id <> me OR bits & 1 = 0) THEN
            IF NOT (CASE WHEN OLD.company_id = author THEN
                             bits & 4 <> 0 OR (bits & 2 <> 0 AND jiayi.reaches(OLD.owner_id, 2))
                         ELSE (bits & 8 <> 0 AND OLD.vendor_id IS NOT DISTINCT FROM author)
                             OR jiayi.deal_is_assigned(OLD, NEW) END)
               AND NOT jiayi.deciding_on_all() THEN
                PERFORM jiayi.refuse('JY007', CASE jiayi.me_permission()
                    WHEN 'deal.move' THEN 'you may see deal %s but not move it'
                    WHEN 'deal.assign' THEN 'you may see deal %s but not assign it'
                    ELSE 'you may see deal %s but not change it' END, ROW(OLD.id));
            END IF;
        END IF;

        -- Moving is what names a stage: a reason is always given anew.
        IF NEW.stage <> OLD.stage THEN
            LOOP
                SELECT s.outcome, s.retired, s.starts, s.position > o.position,
                       o.requires IS NOT NULL OR o.min_touches IS NOT NULL, p.time_zone, s.max_days,
                       s.outcome = 'open' AND o.outcome = 'open'
                INTO NEW.outcome, retired, starts, further, asks, zone, stay, plain
                FROM jiayi.stage AS s JOIN jiayi.company_profile AS p ON p.company_id = s.company_id
                JOIN jiayi.stage AS o ON o.company_id = s.company_id AND o.name = OLD.stage
                WHERE s.company_id = NEW.company_id AND s.name = NEW.stage;
                EXIT WHEN FOUND;
                NEW.stage := jiayi.stage_meant(NEW.company_id, NEW.stage); -- a title
            END LOOP;
            IF NEW.stage = OLD.stage THEN
                PERFORM jiayi.refuse('JY009', 'deal %s is in stage %s already',
                    ROW(OLD.id, jiayi.stage_named(OLD.company_id, OLD.stage)));
            END IF;
            IF me IS NOT NULL AND current_setting('jiayi.method') LIKE '%/UndoDeal' THEN
                way := 'undo';
                SELECT u.stage, u.entered_at, u.seq INTO back, since, was
                FROM jiayi.deal_last_move(OLD.id) AS u;
            END IF;
            -- Most moves are from one open stage into another, neither of which asks for anything: of these there is
            -- nothing to look at, and each expression that is not come to saves its start.
            IF plain AND back IS NULL AND NOT (retired OR asks OR OLD.checks)
               AND NEW.stage_skip IS NOT TRUE AND NEW.lost_code IS NULL AND NEW.lost_to IS NULL THEN
                NEW.checks := starts;
            ELSE
                IF OLD.outcome <> 'open' THEN
                    IF me IS NOT NULL AND back IS DISTINCT FROM NEW.stage
                       AND NOT jiayi.deal_may_reopen(OLD) THEN
                        PERFORM jiayi.refuse('JY007',
                            'deal %s is %s; moving it out of there needs the permission deal.reopen',
                            ROW(OLD.id, jiayi.stage_named(OLD.company_id, OLD.stage)));
                    END IF;
                    NEW.closed_at := NULL;
                    NEW.closed_version := NULL;
                    NEW.won_on := NULL;
                ELSIF back IS NULL AND (OLD.checks OR asks) AND (further OR NEW.outcome = 'won')
                      AND NEW.outcome <> 'lost' AND me IS NOT NULL AND jiayi.me_permission() = 'deal.move' THEN
                    missed := jiayi.stay_asks(OLD, NEW.stage_skip);
                END IF;
                IF NEW.stage_skip THEN
                    PERFORM jiayi.deal_skips(OLD, NEW.stage_reason);
                END IF;
                IF retired AND back IS NULL THEN
                    PERFORM jiayi.refuse('JY009', 'stage %s is retired; no deal comes into it',
                        ROW(jiayi.stage_named(NEW.company_id, NEW.stage)));
                END IF;
                IF NEW.outcome = 'lost' THEN
                    IF back IS NOT NULL THEN
                        SELECT s.lost_code, s.lost_to INTO NEW.lost_code, NEW.lost_to FROM jiayi.deal_stage AS s
                        WHERE s.deal_id = OLD.id AND s.seq = was;
                    ELSIF NEW.stage_reason IS NOT NULL THEN
                        NEW.lost_code := jiayi.deal_lost_for(NEW.company_id, NEW.lost_code);
                    END IF;
                ELSIF OLD.outcome = 'lost' THEN
                    NEW.lost_code := NULL;
                    NEW.lost_to := NULL;
                ELSIF NEW.lost_code IS NOT NULL OR NEW.lost_to IS NOT NULL THEN
                    PERFORM jiayi.refuse('JY003', 'only a deal that is lost has a reason of loss; leave --lost-reason '
                        'and --lost-to away', field => 'lost_code');
                END IF;
                IF OLD.outcome = 'open' AND NEW.outcome = 'won' AND NEW.amount > 0 AND me IS NOT NULL AND author = OLD.vendor_id
                   AND jiayi.won_is_confirmed(OLD.company_id, author) THEN
                    PERFORM jiayi.won_ask(OLD, NEW.stage_reason);
                    RETURN OLD; -- it stays where it is
                END IF;
                IF back IS NOT NULL THEN
                    NEW.checks := jiayi.stay_undone(OLD, was);
                ELSE
                    IF OLD.checks THEN
                        PERFORM jiayi.stay_ends(OLD);
                    END IF;
                    NEW.checks := starts;
                END IF;
                IF NEW.outcome <> 'open' THEN
                    IF NEW.outcome = 'lost' AND NEW.stage_reason IS NULL AND back IS NULL THEN
                        PERFORM jiayi.refuse('JY003',
                            'losing a deal needs a reason; give one with --reason', field => 'reason');
                    ELSIF NEW.outcome = 'won' AND NEW.amount IS NULL THEN
                        PERFORM jiayi.refuse('JY009',
                            'deal %s has no amount; winning it needs one: jiayi deal update --amount '
                            '--currency', ROW(OLD.id));
                    ELSIF NEW.outcome = 'won' AND NEW.amount = 0 THEN
                        PERFORM jiayi.refuse('JY009',
                            'the amount of deal %s is 0; winning it needs more: jiayi deal update %s --amount '
                            '--currency', ROW(OLD.id, OLD.id));
                    END IF;
                    UPDATE jiayi.task AS t SET state = CASE NEW.outcome WHEN 'won' THEN 'done' ELSE 'cancelled' END
                    WHERE t.on_kind = 3 AND t.on_id = OLD.id AND t.kind = 'confirm' AND t.state = 'open';
                    NEW.closed_at := coalesce(since, moment);
                    NEW.closed_version := coalesce(was, OLD.version + 1);
                    IF NEW.outcome = 'won' THEN
                        NEW.won_on := (NEW.closed_at AT TIME ZONE zone)::date;
                    END IF;
                END IF;
            END IF;
        ELSE
            IF me IS NOT NULL AND NEW.owner_id = OLD.owner_id AND jiayi.me_permission() = 'deal.move' THEN
                PERFORM jiayi.refuse('JY009', 'deal %s is in stage %s already',
                    ROW(OLD.id, jiayi.stage_named(OLD.company_id, OLD.stage)));
            ELSIF OLD.outcome <> 'open' AND me IS NOT NULL AND NOT jiayi.deciding_on_all()
                  AND (NEW.title, NEW.customer_id, NEW.amount, NEW.currency, NEW.vendor_id, NEW.contract_id) IS DISTINCT FROM
                      (OLD.title, OLD.customer_id, OLD.amount, OLD.currency, OLD.vendor_id, OLD.contract_id) THEN
                -- What counted stays, or is changed like the outcome itself.
                IF NOT jiayi.deal_may_reopen(OLD) THEN
                    PERFORM jiayi.refuse('JY007',
                        'deal %s is %s; changing what counted needs the permission deal.reopen',
                        ROW(OLD.id, jiayi.stage_named(OLD.company_id, OLD.stage)));
                ELSIF NEW.change_reason IS NULL THEN
                    PERFORM jiayi.refuse('JY003',
                        'deal %s is %s; changing what counted needs a reason; give one with --reason',
                        ROW(OLD.id, jiayi.stage_named(OLD.company_id, OLD.stage)), field => 'reason');
                ELSIF OLD.outcome = 'won' AND NEW.amount = 0 THEN
                    PERFORM jiayi.refuse('JY009', 'deal %s is %s; its amount cannot become 0',
                        ROW(OLD.id, jiayi.stage_named(OLD.company_id, OLD.stage)));
                END IF;
            END IF;
            IF NEW.stage_reason IS NOT NULL OR NEW.stage_audience IS NOT NULL OR NEW.stage_skip IS NOT NULL THEN
                NEW.stage_reason := NULL;
                NEW.stage_audience := NULL;
                NEW.stage_skip := NULL;
            END IF;
            IF NEW IS NOT DISTINCT FROM OLD THEN
                -- What changes nothing is no version; that it was asked for is in the log all the same.
                INSERT INTO jiayi.audit_log (company_id, member_id, member, method, request_id, object,
                    object_id, action, before, after)
                VALUES (OLD.company_id, me, nullif(split_part(current_setting('jiayi.call', true), ' ', 4), ''),
                    nullif(current_setting('jiayi.method', true), ''),
                    nullif(current_setting('jiayi.request_id', true), ''),
                    'deal', OLD.id, 'update', '{}', '{}');
                RETURN NEW;
            END IF;
            way := 'owner';
            -- Given to a vendor, or to the same one in another span of the partnership.
            IF NEW.vendor_id IS DISTINCT FROM OLD.vendor_id OR NEW.shared_span IS DISTINCT FROM OLD.shared_span THEN
                NEW.shared_version := CASE WHEN NEW.vendor_id IS NOT NULL THEN OLD.version + 1 END;
                NEW.shared_span := jiayi.partner_span(NEW.company_id, NEW.vendor_id);
                NEW.vendor_owner_id := NULL;
            END IF;
        END IF;
        NEW.version := OLD.version + 1;
        NEW.updated_at := moment;
    END IF;

    IF NEW.owner_id IS DISTINCT FROM OLD.owner_id THEN
        IF TG_OP = 'UPDATE' AND me IS NOT NULL AND NOT jiayi.deciding_on_all()
           AND NOT jiayi.reaches(NEW.owner_id, bits) THEN
            PERFORM jiayi.refuse('JY007', 'your role lets you assign deals within your team only');
        END IF;
        IF OLD.checks AND way = 'owner' THEN
            PERFORM jiayi.stay_handed(OLD, NEW.owner_id);
        END IF;
        bits := NULL;
    ELSIF way = 'owner' THEN -- neither moved nor handed over
        IF OLD.outcome = 'open' AND (NEW.title, NEW.customer_id, NEW.amount, NEW.currency, NEW.close_on, NEW.kind)
               IS DISTINCT FROM (OLD.title, OLD.customer_id, OLD.amount, OLD.currency, OLD.close_on, OLD.kind)
           OR NEW.amount IS DISTINCT FROM OLD.amount THEN
            PERFORM jiayi.deal_updated(NEW, me);
        END IF;
        RETURN NEW;
    END IF;
    moved := way <> 'owner';
    IF zone IS NULL THEN
        zone := (SELECT p.time_zone FROM jiayi.company_profile AS p WHERE p.company_id = NEW.company_id);
    END IF;
    today := (NEW.updated_at AT TIME ZONE zone)::date;
    IF NEW.stage_audience IS NOT NULL AND NEW.stage_audience = 'internal' THEN
        hidden := NEW.stage_reason;
        NEW.stage_reason := NULL;
    END IF;
    INSERT INTO jiayi.deal_stage (deal_id, seq, company_id, author_company_id, stage, entered_at,
        member_id, reason, kind, owner_id, from_stage, outcome, from_outcome, closed_at,
        from_closed_at, vendor_id, amount, currency, counted_on, skipped, lost_code, lost_to)
    VALUES (NEW.id, NEW.version, NEW.company_id, coalesce(author, NEW.company_id), NEW.stage,
        NEW.updated_at, me, NEW.stage_reason, way,
        CASE WHEN bits IS NULL THEN NEW.owner_id END,
        CASE WHEN moved THEN OLD.stage END, NEW.outcome,
        CASE WHEN moved THEN OLD.outcome END, NEW.closed_at,
        CASE WHEN moved THEN OLD.closed_at END, NEW.vendor_id, NEW.amount, NEW.currency,
        today, missed, NEW.lost_code, NEW.lost_to);
    IF hidden IS NOT NULL THEN
        INSERT INTO jiayi.deal_reason (deal_id, seq, company_id, author_company_id, log_company_id, text)
        VALUES (NEW.id, NEW.version, NEW.company_id, coalesce(author, NEW.company_id), coalesce(author, NEW.company_id), hidden);
    END IF;
    IF NEW.stage_reason IS NOT NULL OR NEW.stage_audience IS NOT NULL OR NEW.stage_skip IS NOT NULL THEN
        NEW.stage_reason := NULL;
        NEW.stage_audience := NULL;
        NEW.stage_skip := NULL;
    END IF;
    IF starts AND way = 'move' THEN
        PERFORM jiayi.stay_begins(NEW);
    END IF;
    IF moved AND TG_OP = 'UPDATE' THEN
        UPDATE jiayi.deal_pulse AS p SET open = NEW.outcome = 'open', stay_days = stay, stage_on = today,
            touch_by = least(p.next_due_on, coalesce(p.touched_on, today) + coalesce(stay, 14))
        WHERE p.deal_id = NEW.id AND p.company_id = NEW.company_id RETURNING p.beside INTO beside;
        IF NEW.vendor_id IS NOT NULL THEN
            UPDATE jiayi.deal_pulse AS p SET open = NEW.outcome = 'open', stay_days = stay, stage_on = today,
                touch_by = least(p.next_due_on, coalesce(p.touched_on, today) + coalesce(stay, 14))
            WHERE p.deal_id = NEW.id AND p.company_id = NEW.vendor_id;
        END IF;
    END IF;
    -- The owner is told. Here, where all of it is known: as a trigger of deal_stage it would cost the move
    -- half as much again. Where the owner does it, and nobody follows or takes part, there is nobody to tell, and
    -- nothing is written; what ends or comes back the owner's manager is told of.
    IF (me = NEW.owner_id AND moved AND coalesce(plain AND beside & 18 = 0, TG_OP = 'INSERT')) IS NOT TRUE THEN
        INSERT INTO jiayi.event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids, data)
        VALUES (NEW.company_id, NEW.vendor_id,
            CASE WHEN TG_OP = 'INSERT' THEN 'deal.created' WHEN NOT moved THEN 'deal.assigned'
                 WHEN NEW.outcome <> 'open' THEN 'deal.' || NEW.outcome
                 WHEN OLD.outcome <> 'open' THEN 'deal.reopened' ELSE 'deal.moved' END,
            3, NEW.id, me, CASE WHEN moved OR NOT jiayi.handing_over() THEN ARRAY[NEW.owner_id] ELSE '{}' END,
            CASE WHEN moved AND TG_OP = 'UPDATE'
                 THEN jsonb_build_object('from', OLD.stage, 'to', NEW.stage) END);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION deal_guard() IS
    'Trigger: a deal is changed by whom the called permission reaches; moves follow the '
    'pipeline''s rules; what counted of a won or lost deal stays but for deal.reopen and a reason; '
    'version, times and the span of sharing are kept. Writes into deal_stage who owns a deal from when '
    'on and in which stage it is, and deal_reason where the reason is internal, tells the owner, and has '
    'deal_pulse know how long the deal may stay.';

CREATE OR REPLACE FUNCTION deal_updated(d deal, who bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- What is decided on many at once is told by itself; who changes their own deal, which nobody follows, tells nobody.
    IF who IS NULL OR jiayi.deciding_on_all() OR (who = d.owner_id AND NOT EXISTS (SELECT FROM jiayi.subscription AS s
            WHERE s.on_kind = 3 AND s.on_id = d.id)) THEN
        RETURN;
    END IF;
    INSERT INTO jiayi.event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    VALUES (d.company_id, d.vendor_id, 'deal.updated', 3, d.id, who, ARRAY[d.owner_id]);
END
$$;
COMMENT ON FUNCTION deal_updated(deal, bigint) IS
    'Tells the owner of a deal, and those who follow it, that somebody else changed what it is about.';
GRANT EXECUTE ON FUNCTION deal_updated(deal, bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION deal_vendor(slug text, contract_id bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(jiayi.vendor_by_slug(slug), (SELECT c.vendor_id FROM jiayi.contract AS c
        WHERE c.id = deal_vendor.contract_id AND c.company_id = jiayi.me_company()));
END
$$;
COMMENT ON FUNCTION deal_vendor(text, bigint) IS
    'With whom a deal is shared: vendor_by_slug(), or where no name is given with whom that contract is.';
GRANT EXECUTE ON FUNCTION deal_vendor(text, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_under(d deal) RETURNS void LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c      contract;
    moment timestamptz := clock_timestamp();
BEGIN
    SELECT x.* INTO c FROM contract AS x WHERE x.id = d.contract_id;
    IF c.id IS NULL THEN
        PERFORM refuse('JY005', 'there is no %s %s that you can see', ROW(word('object', 'contract'), d.contract_id),
            field => 'contract_id');
    ELSIF c.company_id <> d.company_id THEN
        PERFORM refuse('JY003', 'the principal of contract %s is %s; a deal is made under a contract with a vendor of its own company',
            ROW(c.id, slug_of(c.company_id)), field => 'contract_id');
    ELSIF d.vendor_id IS DISTINCT FROM c.vendor_id THEN
        PERFORM refuse('JY003', 'contract %s is with %s; a deal under it is shared with that vendor: --vendor %s',
            ROW(c.id, slug_of(c.vendor_id), slug_of(c.vendor_id)), field => 'contract_id');
    ELSIF c.state <> 'active' THEN
        PERFORM refuse('JY009', 'contract %s is %s; a deal is made under one that is in force', ROW(c.id, word('contract', c.state)),
            field => 'contract_id');
    ELSIF c.to_at <= moment THEN
        PERFORM refuse('JY009', 'contract %s is over; a deal is made under one that is in force', ROW(c.id), field => 'contract_id');
    ELSIF c.from_at > moment THEN
        PERFORM refuse('JY009', 'contract %s begins on %s; a deal is made under one that is in force',
            ROW(c.id, company_day(c.company_id, c.from_at)::text), field => 'contract_id');
    END IF;
    PERFORM vendor_by_slug(slug_of(c.vendor_id)); -- the partnership may rest
END
$$;
COMMENT ON FUNCTION deal_under(deal) IS
    'Ends the call where the contract under which a deal is to be made is none that the caller sees, of another company or with '
    'another vendor, or not in force. One that ends later stays: the deal was made under it.';
GRANT EXECUTE ON FUNCTION deal_under(deal) TO jiayi_app, jiayi_auth;

-- As constraints they would be read and set up for every move, which changes nothing of it.
CREATE OR REPLACE FUNCTION deal_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text := CASE
        WHEN length(NEW.title) NOT BETWEEN 1 AND 200 THEN 'deal_title_check'
        WHEN NEW.amount < 0 THEN 'deal_amount_check'
        WHEN (NEW.amount IS NULL) <> (NEW.currency IS NULL) THEN 'deal_amount_currency'
        WHEN NEW.outcome = 'won' AND NEW.amount IS NULL THEN 'deal_won_amount'
        WHEN length(NEW.change_reason) NOT BETWEEN 1 AND 500 THEN 'deal_change_reason_check'
        WHEN NEW.kind NOT IN ('sale', 'project') THEN 'deal_kind_check'
        WHEN NEW.vendor_id IS NULL AND NEW.shared_version IS NOT NULL THEN 'deal_shared_vendor' END;
    day    date; -- the one on which it is expected of it when it closes
BEGIN
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = broken, TABLE = 'deal',
            MESSAGE = format('the deal violates %s', broken);
    END IF;
    IF NEW.contact_id IS NOT NULL AND jiayi.caller() IS NOT NULL AND NOT jiayi.deciding_on_all() THEN
        IF TG_OP = 'UPDATE' AND NEW.contact_id = OLD.contact_id AND NEW.customer_id <> OLD.customer_id THEN
            NEW.contact_id := NULL; -- works for another one
        ELSIF NEW.contact_id IS DISTINCT FROM OLD.contact_id THEN
            NEW.contact_id := jiayi.contact_of(NEW.contact_id, NEW.customer_id);
        END IF;
    END IF;
    IF NEW.close_on IS NOT NULL AND NEW.outcome = 'open' AND jiayi.caller() IS NOT NULL
       AND (TG_OP = 'INSERT' OR NEW.close_on IS DISTINCT FROM OLD.close_on) THEN
        day := jiayi.company_day(NEW.company_id, CASE WHEN TG_OP = 'INSERT' THEN NEW.created_at ELSE now() END);
        -- Who writes down late what was agreed on has a month.
        IF NEW.close_on < day - 31 THEN
            PERFORM jiayi.refuse('JY003', 'an open deal is not expected to close on %s, more than a month before %s',
                ROW(NEW.close_on, day), field => 'close_on');
        END IF;
    END IF;
    IF NEW.contract_id IS NOT NULL AND jiayi.caller() IS NOT NULL THEN
        IF TG_OP = 'UPDATE' AND NEW.contract_id = OLD.contract_id THEN
            IF NEW.vendor_id IS DISTINCT FROM OLD.vendor_id THEN
                NEW.contract_id := NULL; -- is one with somebody else
            END IF;
        ELSE
            PERFORM jiayi.deal_under(NEW);
        END IF;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION deal_check() IS
    'Trigger: what holds of every deal by itself; that an open one is not expected to close long ago; that its contact is one of its customer, which goes with another customer, '
    'and its contract one with its vendor, which goes with another vendor.';

-- What only replication brings comes with the name; here whoever is being renamed is waited for.
CREATE OR REPLACE FUNCTION deal_customer_named() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c record;
BEGIN
    -- Whose customer stays holds none: who merges it holds that, and waits for the deal.
    IF TG_OP = 'UPDATE' AND NEW.customer_id = OLD.customer_id THEN
        RETURN NEW;
    END IF;
    LOOP
        SELECT x.name, x.merged_into INTO c FROM customer AS x WHERE x.id = NEW.customer_id FOR SHARE;
        EXIT WHEN c.merged_into IS NULL;
        NEW.customer_id := c.merged_into;
    END LOOP;
    NEW.customer_name := coalesce(c.name, NEW.customer_name);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION deal_customer_named() IS
    'Trigger: a deal has the name of its customer, and is with the one that it became a part of. An import sees to that '
    'itself, of all its deals at once.';

CREATE OR REPLACE FUNCTION customer_renamed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    UPDATE deal AS d SET customer_name = NEW.name WHERE d.customer_id = NEW.id AND d.customer_name <> NEW.name;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION customer_renamed() IS 'Trigger: a customer''s deals have its new name.';

-- A move is told as what it changed of the deal; what else is in the history as itself.
CREATE OR REPLACE FUNCTION deal_stage_log() RETURNS SETOF log_entry
LANGUAGE sql STABLE AS $$
    SELECT s.log_id, s.entered_at, s.company_id, s.member_id, s.member, s.method, s.request_id,
           CASE WHEN s.from_stage IS NULL THEN 'deal_stage' ELSE 'deal' END,
           s.deal_id || CASE WHEN s.from_stage IS NULL THEN '/' || s.seq ELSE '' END,
           CASE WHEN s.from_stage IS NULL THEN 'insert' ELSE 'update' END,
           CASE WHEN s.from_stage IS NOT NULL THEN
               jsonb_build_object('stage', s.from_stage, 'version', s.seq - 1)
               || CASE WHEN s.outcome <> s.from_outcome
                       THEN jsonb_build_object('outcome', s.from_outcome) ELSE '{}' END
               || CASE WHEN s.closed_at IS DISTINCT FROM s.from_closed_at
                       THEN jsonb_build_object('closed_at', s.from_closed_at) ELSE '{}' END END,
           CASE WHEN s.from_stage IS NULL THEN
               to_jsonb(s) - '{log_id,member,method,request_id,from_stage,from_outcome,from_closed_at,vendor_id,
                   amount,currency,counted_on,skipped,lost_code,lost_to}'::text[]
               ELSE jsonb_build_object('stage', s.stage, 'version', s.seq)
               || CASE WHEN s.outcome <> s.from_outcome
                       THEN jsonb_build_object('outcome', s.outcome) ELSE '{}' END
               || CASE WHEN s.closed_at IS DISTINCT FROM s.from_closed_at
                       THEN jsonb_build_object('closed_at', s.closed_at) ELSE '{}' END
               || CASE WHEN s.reason IS NOT NULL
                       THEN jsonb_build_object('reason', s.reason) ELSE '{}' END
               || jsonb_strip_nulls(jsonb_build_object('skipped', s.skipped, 'lost_code', s.lost_code,
                   'lost_to', s.lost_to)) END,
           s.deal_id
    FROM jiayi.deal_stage AS s
$$;
COMMENT ON FUNCTION deal_stage_log() IS
    'What the rows of deals'' histories are in the log of changes; see logged().';
GRANT EXECUTE ON FUNCTION deal_stage_log() TO jiayi_app;

-- Before the update, so that it can take the reason out.
CREATE OR REPLACE FUNCTION deal_history_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    before jsonb := jsonb_build_object('title', OLD.title, 'amount', OLD.amount || ' ' || OLD.currency,
        'customer', (SELECT c.name FROM jiayi.customer AS c WHERE c.id = OLD.customer_id),
        'vendor', (SELECT c.slug FROM jiayi.company AS c WHERE c.id = OLD.vendor_id), 'contract', OLD.contract_id);
    after  jsonb := jsonb_build_object('title', NEW.title, 'amount', NEW.amount || ' ' || NEW.currency,
        'customer', (SELECT c.name FROM jiayi.customer AS c WHERE c.id = NEW.customer_id),
        'vendor', (SELECT c.slug FROM jiayi.company AS c WHERE c.id = NEW.vendor_id), 'contract', NEW.contract_id);
BEGIN
    IF OLD.outcome <> 'open' AND OLD.stage = NEW.stage THEN
        INSERT INTO jiayi.deal_stage (deal_id, seq, company_id, author_company_id, stage,
            entered_at, member_id, reason, kind, vendor_id, changed)
        SELECT NEW.id, NEW.version, NEW.company_id, NEW.company_id, NEW.stage, NEW.updated_at,
            nullif(current_setting('jiayi.member_id', true), '')::bigint, NEW.change_reason,
            'change', NEW.vendor_id, jsonb_object_agg(b.key, jsonb_build_array(b.value, after -> b.key))
        FROM jsonb_each(before) AS b WHERE b.value IS DISTINCT FROM after -> b.key
        HAVING count(*) > 0;
    END IF;
    NEW.change_reason := NULL;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION deal_history_change() IS
    'Trigger: writes into deal_stage what was changed of a deal that was won or lost.';

CREATE OR REPLACE FUNCTION deal_change_text(changed jsonb, own boolean) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg(format('%s: %s → %s', c.key, coalesce(c.value ->> 0, '-'),
                             coalesce(c.value ->> 1, '-')), '; ' ORDER BY c.key)
    FROM jsonb_each(changed) AS c WHERE own OR c.key NOT IN ('vendor', 'contract')
$$;
COMMENT ON FUNCTION deal_change_text(jsonb, boolean) IS
    'deal_stage.changed for people. Which vendors a deal had, and under which contracts, is only for its own company.';
GRANT EXECUTE ON FUNCTION deal_change_text(jsonb, boolean) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_skipped(skipped text[], company_id bigint) RETURNS text[]
    LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF skipped IS NULL OR deal_skipped.company_id <> me_company() THEN
        RETURN NULL;
    END IF;
    RETURN ARRAY(SELECT CASE WHEN w.what LIKE 'task/%' THEN concat_ws(' ', w.what,
            object_title(kind('task'), split_part(w.what, '/', 2)::bigint)) ELSE w.what END
        FROM unnest(skipped) WITH ORDINALITY AS w(what, n) ORDER BY w.n);
END
$$;
COMMENT ON FUNCTION deal_skipped(text[], bigint) IS
    'deal_stage.skipped for people, with the titles of tasks. What a company''s stages ask for is only for its own.';
GRANT EXECUTE ON FUNCTION deal_skipped(text[], bigint) TO jiayi_app;

-- Of the deal's own trigger: it is given to a vendor, or by that to one of its people.
CREATE OR REPLACE FUNCTION deal_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    given boolean := TG_OP = 'INSERT' OR NEW.shared_version IS DISTINCT FROM OLD.shared_version;
BEGIN
    INSERT INTO jiayi.event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    SELECT NEW.company_id, NEW.vendor_id, CASE WHEN given THEN 'deal.shared' ELSE 'deal.assigned' END, 3, NEW.id,
        nullif(current_setting('jiayi.member_id', true), '')::bigint,
        CASE WHEN given THEN jiayi.partner_people(NEW.vendor_id) ELSE ARRAY[NEW.vendor_owner_id] END
    WHERE CASE WHEN given THEN NEW.vendor_id ELSE NEW.vendor_owner_id END IS NOT NULL;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION deal_tell() IS
    'Trigger: tells a vendor''s people that a deal is theirs as well, and who of them is responsible for it.';

-- On the hot path: of few parts, for each is set up anew for every move.
CREATE OR REPLACE FUNCTION deal_stage_witness() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO jiayi.ledger_entry (kind, on_kind, on_id, version, company_id, partner_id, at, entry)
    VALUES ('stage', jiayi.kind('deal'), NEW.deal_id, NEW.seq, NEW.company_id, NEW.vendor_id,
        NEW.entered_at, convert_to(row_to_json(ROW(NEW.entered_at AT TIME ZONE 'UTC', NEW.member_id,
            jiayi.sha256_hex(NEW.changed::text), NEW.closed_at AT TIME ZONE 'UTC', NEW.company_id,
            NEW.from_stage, 'stage', gen_random_uuid(), NEW.outcome, NEW.owner_id, NEW.vendor_id,
            'deal/' || NEW.deal_id, jiayi.sha256_hex(NEW.reason), NEW.author_company_id, NEW.stage,
            NEW.seq, NEW.kind)::jiayi.ledger_stage)::text, 'UTF8'));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION deal_stage_witness() IS
    'Trigger: the ledger''s entry of a row of a deal''s history.';

CREATE OR REPLACE FUNCTION deal_words(ids bigint[]) RETURNS SETOF search_words LANGUAGE sql STABLE AS $$
    SELECT d.id, d.created_at, jiayi.kind('deal'), d.id, d.company_id, NULL::bigint, NULL, NULL::int,
           concat_ws(E'\n', d.title, d.customer_name)
    FROM jiayi.deal AS d WHERE d.id = ANY (ids)
$$;
COMMENT ON FUNCTION deal_words(bigint[]) IS 'What deals are found by: title and customer.';
GRANT EXECUTE ON FUNCTION deal_words(bigint[]) TO jiayi_app, jiayi_auth;

---- Tables

-- The log has a move from deal_stage. Here are all columns but those that moving sets; and what sets
-- those in replication, where there is no guard.
CALL protect('deal', 'id', event => 'INSERT OR DELETE OR UPDATE OF id, company_id, title, customer_id, '
    'outcome, amount, currency, owner_id, vendor_id, version, created_at, updated_at, closed_at, '
    'shared_version, shared_span, closed_version, change_reason, close_on, kind, vendor_owner_id, contact_id, contract_id', many => true);
CREATE TRIGGER audit_replicated AFTER UPDATE OF stage, stage_reason, stage_audience, lost_code, lost_to ON deal
    FOR EACH ROW EXECUTE FUNCTION audit('id', 'company_id', '');
ALTER TABLE deal ENABLE REPLICA TRIGGER audit_replicated;
-- Most rows are seen for their owner or their company, which is worked out once for a statement; one
-- function sees the rest: docs/PERFORMANCE.md has what that saves. What may be changed of what is seen, the
-- trigger says: there it can be refused with a reason.
CALL shape('deal', 'shared', partner => 'vendor_id',
    seen => 'owner_id = ANY ((SELECT me_owners(noun(''deal'')))::bigint[]) '
        'OR company_id = (SELECT me_whole(noun(''deal''))) '
        'OR shared_seen(noun(''deal''), owner_id, company_id, vendor_id, shared_span, kind(''deal''), id)');
GRANT SELECT ON deal TO jiayi_app;
GRANT INSERT (company_id, title, customer_id, amount, currency, owner_id, vendor_id, close_on, kind, contact_id, contract_id),
      UPDATE (close_on, kind, contact_id, contract_id, vendor_owner_id, title, customer_id, stage, stage_reason, stage_audience, stage_skip, lost_code, lost_to, amount, currency, owner_id,
              vendor_id, shared_span, change_reason) ON deal TO jiayi_app;
CALL open_to_auth('deal', 'SELECT, INSERT, UPDATE');
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON deal FOR EACH ROW EXECUTE FUNCTION deal_guard();
-- After the guard, in the order of names; moving a deal sets none of these.
CREATE TRIGGER guarded BEFORE INSERT OR UPDATE OF title, amount, currency, vendor_id, change_reason, kind, close_on, contact_id, contract_id
    ON deal FOR EACH ROW EXECUTE FUNCTION deal_check();
ALTER TABLE deal ENABLE ALWAYS TRIGGER guarded;
CREATE TRIGGER named BEFORE INSERT OR UPDATE OF customer_id ON deal FOR EACH ROW WHEN (NOT importing())
    EXECUTE FUNCTION deal_customer_named();
ALTER TABLE deal ENABLE ALWAYS TRIGGER named;
CREATE TRIGGER renamed AFTER UPDATE OF name ON customer FOR EACH ROW EXECUTE FUNCTION customer_renamed();
-- A condition is read and set up for every statement: so not for those that set none of these.
CREATE TRIGGER history_change BEFORE UPDATE OF title, customer_id, amount, currency, vendor_id, contract_id,
    change_reason ON deal FOR EACH ROW
    WHEN (OLD.outcome <> 'open' OR NEW.change_reason IS NOT NULL)
    EXECUTE FUNCTION deal_history_change();
CALL told('deal', 'INSERT', 'NEW.vendor_id IS NOT NULL');
CALL told('deal', 'UPDATE OF vendor_id, shared_span, vendor_owner_id',
    'NEW.shared_version IS DISTINCT FROM OLD.shared_version OR NEW.vendor_owner_id IS DISTINCT FROM OLD.vendor_owner_id');
CALL searched('deal', 'INSERT');
CALL searched('deal', 'UPDATE OF title, customer_id, owner_id, vendor_id', 'NEW.title <> OLD.title '
    'OR NEW.customer_id IS DISTINCT FROM OLD.customer_id OR NEW.owner_id <> OLD.owner_id '
    'OR NEW.vendor_id IS DISTINCT FROM OLD.vendor_id');

-- A row of a shared object has its company, that of who wrote it, and the object's version then. In
-- the object's company it is seen with the object. On the other side: one's own company's for good;
-- of the object's company's, those of the span of sharing; of nobody else. The object is asked for
-- once: each sub-select more costs every statement its start.
CALL protect('deal_stage', NULL);
CALL shape('deal_stage', 'child', parent => 'deal', key => 'deal_id', version => 'seq', one_by_one => true);
GRANT SELECT ON deal_stage TO jiayi_app;
CALL open_to_auth('deal_stage', 'SELECT, INSERT');
CALL only_added('deal_stage');
CALL witnessed('deal_stage');

CALL protect('deal_reason', NULL);
CALL logged('deal_reason', 'deal_id,seq', by_hand => true);
CREATE POLICY visible ON deal_reason FOR SELECT TO jiayi_app
    USING (author_company_id = me_company()
           AND CASE WHEN company_id = me_company()
                    THEN deal_since(deal_id) IS NOT NULL
                    ELSE sight(noun('deal')) & 8 <> 0 END);
GRANT SELECT ON deal_reason TO jiayi_app;
CALL open_to_auth('deal_reason', 'SELECT, INSERT');
CALL only_added('deal_reason');
