-- Lists of deals: what they are asked for, and how they walk.

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
