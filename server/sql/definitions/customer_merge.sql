-- One customer twice: which may be, and how one becomes a part of the other.

CREATE OR REPLACE FUNCTION deciding_on_all() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT coalesce(current_setting('jiayi.deciding_on_all', true), '') = ANY ('{on,handover}') $$;
COMMENT ON FUNCTION deciding_on_all() IS
    'Whether what changes many things at once is at work, merging or handing over, which has asked whether '
    'the caller may. Only functions of jiayi_auth can say so.';
GRANT EXECUTE ON FUNCTION deciding_on_all() TO jiayi_app, jiayi_auth;

-- Numbers alone, by indexes alone; the policies say which of them the caller sees.
CREATE OR REPLACE FUNCTION customer_twins(OUT id bigint, OUT other_id bigint, OUT why text) RETURNS SETOF record
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH live AS NOT MATERIALIZED (
        SELECT c.id, c.name_key, c.registration_key, c.twin FROM customer AS c
        WHERE c.company_id = me_company() AND c.state <> 'merged'
    ), same AS (
        SELECT 'name' AS why, array_agg(c.id ORDER BY c.id) AS ids FROM live AS c
        WHERE c.twin IS DISTINCT FROM 'said' GROUP BY c.name_key HAVING count(*) > 1
        UNION ALL
        SELECT 'registration', array_agg(c.id ORDER BY c.id) FROM live AS c
        WHERE c.registration_key IS NOT NULL GROUP BY c.registration_key HAVING count(*) > 1
        UNION ALL
        SELECT 'phone', array_agg(DISTINCT k.customer_id ORDER BY k.customer_id) FROM contact AS k
        WHERE k.company_id = me_company() AND k.phone_key IS NOT NULL
        GROUP BY k.phone_key HAVING count(DISTINCT k.customer_id) > 1
        UNION ALL
        SELECT 'email', array_agg(DISTINCT k.customer_id ORDER BY k.customer_id) FROM contact AS k
        WHERE k.company_id = me_company() AND k.email IS NOT NULL
        GROUP BY k.email HAVING count(DISTINCT k.customer_id) > 1
    )
    SELECT n.id, s.ids[1], string_agg(DISTINCT s.why, ',') FROM same AS s, unnest(s.ids[2:]) AS n(id)
    GROUP BY n.id, s.ids[1];
END
$$;
COMMENT ON FUNCTION customer_twins() IS
    'Customers of the caller''s company that may be one, each with the oldest that it may be the same as, and '
    'by what: name, registration, a contact''s phone or email.';
GRANT EXECUTE ON FUNCTION customer_twins() TO jiayi_app;

CREATE OR REPLACE FUNCTION customer_merge(from_id bigint, into_id bigint, version int, reason text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    a      customer;
    b      customer;
    counts jsonb := '{}';
    n      bigint;
    tags   text;
    held   text;
BEGIN
    -- One at a time in a company, and none while something is handed over or imported: these hold many customers as well. What
    -- was merged before is not waited for, since whoever assigns the other one holds that first.
    PERFORM FROM company AS c WHERE c.id = me_company() FOR NO KEY UPDATE;
    PERFORM FROM customer AS c WHERE c.id IN (customer_merge.from_id, customer_merge.into_id)
        AND c.company_id = me_company() AND c.state <> 'merged' ORDER BY c.id FOR UPDATE;
    SELECT c.* INTO a FROM customer AS c WHERE c.id = customer_merge.from_id
        AND customer_seen(c.company_id, c.owner_id, c.id);
    SELECT c.* INTO b FROM customer AS c WHERE c.id = customer_merge.into_id
        AND customer_seen(c.company_id, c.owner_id, c.id);
    IF a.id IS NULL OR b.id IS NULL THEN
        PERFORM refuse('JY005', 'there is no customer %s that you can see',
            ROW(CASE WHEN a.id IS NULL THEN customer_merge.from_id ELSE customer_merge.into_id END));
    ELSIF a.id = b.id THEN
        PERFORM refuse('JY003', 'a customer is not merged into itself; name two', field => 'into');
    ELSIF a.company_id <> me_company() OR NOT customer_reached(a.owner_id) THEN
        PERFORM refuse('JY007', 'you may see customer %s but not merge it', ROW(a.id));
    ELSIF b.company_id <> me_company() OR NOT customer_reached(b.owner_id) THEN
        PERFORM refuse('JY007', 'you may see customer %s but not merge it', ROW(b.id));
    ELSIF a.state = 'merged' OR b.state = 'merged' THEN
        PERFORM refuse('JY009', 'customer %s was merged; it is a part of customer %s',
            CASE WHEN a.state = 'merged' THEN ROW(a.id, a.merged_into) ELSE ROW(b.id, b.merged_into) END);
    END IF;
    PERFORM check_version('customer', a.id, a.version, customer_merge.version);
    SELECT string_agg(DISTINCT r.id::text, ', '), count(DISTINCT r.vendor_id) INTO held, n
    FROM registration_key AS x JOIN registration AS r ON r.id = x.registration_id
    WHERE x.company_id = me_company() AND x.live
      AND (x.key_kind, x.key) IN (('name', a.name_key), ('name', b.name_key), ('number', a.registration_key), ('number', b.registration_key));
    IF n > 1 THEN
        PERFORM refuse('JY009', 'customers %s and %s are registered by different partners, who would be protected on one; decide '
            'that first: registrations %s', ROW(a.id, b.id, held));
    END IF;
    PERFORM set_config('jiayi.deciding_on_all', 'on', true);

    UPDATE deal AS d SET customer_id = b.id, change_reason = customer_merge.reason WHERE d.customer_id = a.id;
    GET DIAGNOSTICS n = ROW_COUNT;
    counts := counts || jsonb_build_object('deals', n);
    UPDATE contact AS k SET customer_id = b.id WHERE k.customer_id = a.id;
    GET DIAGNOSTICS n = ROW_COUNT;
    counts := counts || jsonb_build_object('contacts', n);
    UPDATE task AS t SET on_id = b.id WHERE t.on_kind = kind('customer') AND t.on_id = a.id;
    GET DIAGNOSTICS n = ROW_COUNT;
    counts := counts || jsonb_build_object('tasks', n);
    -- Tags that are on both are there once; of a list that is single, that of the one that stays counts.
    WITH gone AS (
        DELETE FROM tag AS t WHERE t.on_kind = kind('customer') AND t.on_id = a.id RETURNING t.*
    ), kept AS (
        INSERT INTO tag (on_kind, on_id, list, code, audience, member_id, company_id, author_company_id, version)
        SELECT g.on_kind, b.id, g.list, g.code, g.audience, g.member_id, g.company_id, g.author_company_id, b.version + 1
        FROM gone AS g JOIN choice_list AS l ON l.company_id = g.company_id AND l.list = g.list
        WHERE NOT EXISTS (SELECT FROM tag AS o WHERE o.on_kind = g.on_kind AND o.on_id = b.id AND o.list = g.list
            AND (l.single OR o.code = g.code))
        RETURNING list, code
    )
    SELECT counts || jsonb_build_object('tags', (SELECT count(*) FROM kept)),
           (SELECT string_agg(g.list || '=' || g.code, ', ' ORDER BY g.list, g.code) FROM gone AS g
            WHERE NOT EXISTS (SELECT FROM kept AS k WHERE k.list = g.list AND k.code = g.code)
              AND NOT EXISTS (SELECT FROM tag AS o WHERE o.on_kind = g.on_kind AND o.on_id = b.id
                  AND o.list = g.list AND o.code = g.code))
    INTO counts, tags;
    -- What is evidence stays where it was said, and is read there (object_numbers()).
    counts := counts || jsonb_build_object(
        'comments', (SELECT count(*) FROM comment AS c WHERE c.on_kind = kind('customer') AND c.on_id = a.id),
        'files', (SELECT count(*) FROM file AS f WHERE f.on_kind = kind('customer') AND f.on_id = a.id),
        'links', (SELECT count(*) FROM link AS l WHERE (l.from_kind = kind('customer') AND l.from_id = a.id)
            OR (l.to_kind = kind('customer') AND l.to_id = a.id)));
    INSERT INTO subscription (member_id, on_kind, on_id)
    SELECT s.member_id, s.on_kind, b.id FROM subscription AS s WHERE s.on_kind = kind('customer') AND s.on_id = a.id
    ON CONFLICT DO NOTHING;
    DELETE FROM subscription AS s WHERE s.on_kind = kind('customer') AND s.on_id = a.id;
    IF tags IS NOT NULL THEN
        counts := counts || jsonb_build_object('tags_left_out', tags);
    END IF;

    -- First what was merged into it, so that there is never a chain; it goes with whom the other belongs to.
    UPDATE customer AS c SET merged_into = b.id, owner_id = b.owner_id WHERE c.merged_into = a.id;
    UPDATE customer AS c SET state = 'merged', merged_into = b.id, owner_id = b.owner_id WHERE c.id = a.id;
    UPDATE customer AS c SET
        registration_no = coalesce(c.registration_no, a.registration_no),
        registration_country = CASE WHEN c.registration_no IS NULL THEN coalesce(a.registration_country,
            c.registration_country) ELSE c.registration_country END,
        website = coalesce(c.website, a.website), address = coalesce(c.address, a.address),
        phone = coalesce(c.phone, a.phone), size = coalesce(c.size, a.size),
        twin = CASE WHEN NOT EXISTS (SELECT FROM customer AS o WHERE o.company_id = c.company_id AND o.id <> c.id
            AND o.name_key = c.name_key AND o.state <> 'merged' AND o.twin IS NULL) THEN NULL ELSE c.twin END
    WHERE c.id = b.id;
    INSERT INTO customer_merge (company_id, from_id, to_id, from_name, member_id, reason, counts)
    VALUES (b.company_id, a.id, b.id, a.name, me_member(), customer_merge.reason, counts);
    PERFORM set_config('jiayi.deciding_on_all', '', true);
    RETURN b.id;
END
$$;
COMMENT ON FUNCTION customer_merge(bigint, bigint, int, text) IS
    'Makes one customer a part of another: deals, contacts, tasks, tags and who follows it go over, and what '
    'the other has not said of itself; comments, files and links are read there. The number of the other.';
GRANT EXECUTE ON FUNCTION customer_merge(bigint, bigint, int, text) TO jiayi_app;

---- Tables

CALL protect('customer_merge', NULL);
CALL logged('customer_merge', 'id', by_hand => true);
CREATE POLICY visible ON customer_merge FOR SELECT TO jiayi_app
    USING (company_id = me_company() AND EXISTS (SELECT FROM customer AS c WHERE c.id = customer_merge.to_id));
GRANT SELECT ON customer_merge TO jiayi_app;
CALL open_to_auth('customer_merge', 'SELECT, INSERT');
CALL only_added('customer_merge');
