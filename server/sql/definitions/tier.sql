-- Tiers of vendors: what is due by the figures, what a principal decided, and why.

CREATE OR REPLACE FUNCTION tier_named(code text) RETURNS tier LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found tier;
BEGIN
    SELECT t.* INTO found FROM tier AS t WHERE t.company_id = me_company() AND t.code = tier_named.code;
    IF found.id IS NULL THEN
        PERFORM refuse('JY005', 'no tier %s; jiayi tier list shows them', ROW(code));
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION tier_named(text) IS 'A tier of the caller''s company, by its code; the call ends where there is none.';
GRANT EXECUTE ON FUNCTION tier_named(text) TO jiayi_app, jiayi_auth;

-- VOLATILE, so that it sees what the same statement wrote.
CREATE OR REPLACE FUNCTION tier_show(tier_id bigint) RETURNS TABLE (id bigint, code text, name text, "position" int, note text,
    rules jsonb, updated_at timestamptz)
LANGUAGE plpgsql VOLATILE SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT t.id, t.code, t.name, t.position, t.note, (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'measure', r.measure, 'over', r.over, 'at_least', r.at_least::text, 'currency', r.currency)) ORDER BY r.measure, r.over)
        FROM tier_rule AS r WHERE r.tier_id = t.id), t.updated_at
    FROM tier AS t WHERE t.id = tier_show.tier_id;
END
$$;
COMMENT ON FUNCTION tier_show(bigint) IS 'A tier with its rules, as calls answer it.';
GRANT EXECUTE ON FUNCTION tier_show(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION tier_define(code text, name text, "position" int, note text) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    had  tier;
    held text;
    made bigint;
BEGIN
    SELECT t.* INTO had FROM tier AS t WHERE t.company_id = me_company() AND t.code = tier_define.code;
    held := (SELECT t.code FROM tier AS t WHERE t.company_id = me_company() AND t.position = tier_define.position
        AND t.code <> tier_define.code);
    IF held IS NOT NULL THEN
        PERFORM refuse('JY006', 'place %s is that of the tier %s', ROW("position", held), field => 'position');
    ELSIF had.id IS NULL AND (name IS NULL OR "position" IS NULL) THEN
        PERFORM refuse('JY003', 'there is no tier %s yet; give it a name and a place, 1 being the lowest: --name NAME --position N',
            ROW(code));
    ELSIF had.id IS NULL THEN
        INSERT INTO tier (company_id, code, name, position, note)
        VALUES (me_company(), tier_define.code, tier_define.name, tier_define.position, tier_define.note)
        RETURNING id INTO made;
        RETURN made;
    END IF;
    UPDATE tier AS t SET name = coalesce(tier_define.name, t.name), position = coalesce(tier_define.position, t.position),
        note = coalesce(tier_define.note, t.note), updated_at = clock_timestamp()
    WHERE t.id = had.id;
    RETURN had.id;
END
$$;
COMMENT ON FUNCTION tier_define(text, text, int, text) IS
    'Makes a tier of the caller''s company, or changes what is not NULL of the one that is there; its number.';
GRANT EXECUTE ON FUNCTION tier_define(text, text, int, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION tier_rule_set(code text, measure text, over text, at_least numeric, currency text, remove boolean)
    RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    had tier := tier_named(code);
BEGIN
    IF remove THEN
        DELETE FROM tier_rule AS r WHERE r.tier_id = had.id AND r.measure = tier_rule_set.measure AND r.over = tier_rule_set.over;
        IF NOT FOUND THEN
            PERFORM refuse('JY005', 'the tier %s has no such rule; jiayi tier list shows them', ROW(code));
        END IF;
        RETURN had.id;
    ELSIF at_least = 0 THEN
        PERFORM refuse('JY003', 'what holds for everybody is no rule; give more than 0', field => 'at_least');
    ELSIF measure = 'won_amount' AND currency IS NULL THEN
        PERFORM refuse('JY003', 'say in which currency with --currency', field => 'currency');
    ELSIF measure <> 'won_amount' AND currency IS NOT NULL THEN
        PERFORM refuse('JY003', 'only an amount has a currency; leave --currency away', field => 'currency');
    ELSIF measure = 'duty_on_time' AND at_least > 1 THEN
        PERFORM refuse('JY003', 'that is a share from 0 to 1, such as 0.95', field => 'at_least');
    END IF;
    INSERT INTO tier_rule (tier_id, measure, over, at_least, currency)
    VALUES (had.id, tier_rule_set.measure, tier_rule_set.over, tier_rule_set.at_least, tier_rule_set.currency)
    ON CONFLICT ON CONSTRAINT tier_rule_pkey
        DO UPDATE SET at_least = excluded.at_least, currency = excluded.currency, updated_at = clock_timestamp();
    RETURN had.id;
END
$$;
COMMENT ON FUNCTION tier_rule_set(text, text, text, numeric, text, boolean) IS
    'Sets a rule of a tier of the caller''s company, or takes it away; the tier''s number.';
GRANT EXECUTE ON FUNCTION tier_rule_set(text, text, text, numeric, text, boolean) TO jiayi_app;

CREATE OR REPLACE FUNCTION tier_of(p partnership) RETURNS tier_span LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT s FROM jiayi.tier_span AS s WHERE s.partnership_id = p.id AND s.span = p.span ORDER BY s.id DESC LIMIT 1);
END
$$;
COMMENT ON FUNCTION tier_of(partnership) IS 'Since when a vendor is in which tier; NULLs: in none.';
GRANT EXECUTE ON FUNCTION tier_of(partnership) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION tier_figures(p partnership, day date) RETURNS TABLE (tier_id bigint, "position" int, code text,
    measure text, over text, from_day date, until date, at_least numeric, currency text, value numeric, n bigint, base bigint,
    holds boolean)
LANGUAGE sql STABLE AS $$
    SELECT t.id, t.position, t.code, r.measure, r.over, s.from_day, s.until, r.at_least, r.currency, f.value, f.n, f.base,
           CASE WHEN r.measure IS NOT NULL THEN coalesce(f.value >= r.at_least, false) END
    FROM jiayi.tier AS t LEFT JOIN jiayi.tier_rule AS r ON r.tier_id = t.id
    CROSS JOIN LATERAL (SELECT (b.until - CASE r.over WHEN 'month' THEN interval '1 month' WHEN 'quarter' THEN interval '3 months'
            ELSE interval '1 year' END)::date AS from_day, b.until::date AS until
        FROM (SELECT date_trunc(r.over, day::timestamp) AS until) AS b) AS s
    LEFT JOIN LATERAL (SELECT m.* FROM jiayi.measure(r.measure, p, s.from_day, s.until) AS m
        WHERE m.currency IS NOT DISTINCT FROM r.currency) AS f ON true
    WHERE t.company_id = p.principal_id
$$;
COMMENT ON FUNCTION tier_figures(partnership, date) IS
    'Each rule of each tier with what the vendor came to in the last full month, quarter or year before that day, and whether '
    'that is enough; a tier without rules is a row of NULLs.';
GRANT EXECUTE ON FUNCTION tier_figures(partnership, date) TO jiayi_auth;

CREATE OR REPLACE FUNCTION tier_due(p partnership, day date, OUT tier_id bigint, OUT code text, OUT figures jsonb)
LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    WITH figure AS MATERIALIZED (SELECT * FROM tier_figures(p, day)), held AS (
        SELECT f.tier_id, f.code FROM figure AS f GROUP BY f.tier_id, f.code, f.position
        -- Without rules the lowest one alone is due: nobody comes higher by having done nothing.
        HAVING bool_and(f.holds) OR (bool_and(f.holds) IS NULL AND f.position = (SELECT min(x.position) FROM figure AS x))
        ORDER BY f.position DESC LIMIT 1
    )
    SELECT (SELECT h.tier_id FROM held AS h), (SELECT h.code FROM held AS h),
           (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('tier', f.code, 'measure', f.measure, 'period',
                CASE f.over WHEN 'month' THEN to_char(f.from_day, 'YYYY-MM') WHEN 'quarter' THEN to_char(f.from_day, 'YYYY-"Q"Q')
                    ELSE to_char(f.from_day, 'YYYY') END,
                'value', trim_scale(f.value)::text, 'at_least', trim_scale(f.at_least)::text, 'currency', f.currency,
                'of', CASE f.measure WHEN 'duty_on_time' THEN f.base END, 'holds', f.holds))
                ORDER BY f.position, f.measure, f.over)
            FROM figure AS f WHERE f.measure IS NOT NULL)
    INTO tier_due.tier_id, tier_due.code, tier_due.figures;
END
$$;
COMMENT ON FUNCTION tier_due(partnership, date) IS
    'The tier that the rules give a vendor on that day: the highest one whose rules all hold, else the lowest one, if that '
    'has none; and each rule with its figure. NULLs where there is none.';
GRANT EXECUTE ON FUNCTION tier_due(partnership, date) TO jiayi_auth;

CREATE OR REPLACE FUNCTION tier_asked(p partnership, OUT due text, OUT figures jsonb) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF p.principal_id = me_company() AND figures_seen(p) THEN
        SELECT d.code, d.figures INTO due, figures FROM tier_due(p, today()) AS d;
    END IF;
END
$$;
COMMENT ON FUNCTION tier_asked(partnership) IS
    'As tier_due() today, for who of the principal sees the figures; NULLs for others.';
GRANT EXECUTE ON FUNCTION tier_asked(partnership) TO jiayi_app;

-- As jiayi_auth: what is written is evidence, and the figures are worked out here.
CREATE OR REPLACE FUNCTION tier_set(slug text, code text, why text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    pair  partnership := partner_between(slug, 'vendor');
    given tier := tier_named(code);
BEGIN
    -- Of two at once the second one sees what the first one said.
    SELECT p.* INTO pair FROM partnership AS p WHERE p.id = pair.id FOR NO KEY UPDATE;
    IF pair.state = 'ended' THEN
        PERFORM refuse('JY009', 'the partnership with %s is %s', ROW(slug, word('partnership', pair.state)));
    ELSIF (tier_of(pair)).tier_id = given.id THEN
        PERFORM refuse('JY009', '%s is in the tier %s already', ROW(slug, code));
    END IF;
    INSERT INTO tier_span (company_id, vendor_id, partnership_id, span, tier_id, code, name, figures, reason, member_id)
    VALUES (pair.principal_id, pair.vendor_id, pair.id, pair.span, given.id, given.code, given.name,
        coalesce((SELECT jsonb_agg(f) FROM jsonb_array_elements((tier_due(pair, today())).figures) AS f
                  WHERE f ->> 'tier' = given.code), '[]'), why, me_member());
    UPDATE task AS t SET state = 'done' WHERE t.on_kind = kind('partner') AND t.on_id = pair.id AND t.kind = 'tier'
        AND t.state = 'open';
    RETURN pair.id;
END
$$;
COMMENT ON FUNCTION tier_set(text, text, text) IS
    'Puts a vendor of the caller''s company into a tier, and keeps why and the figures of that tier''s rules as they are now; '
    'a proposal that waits is done. The partnership''s number.';
GRANT EXECUTE ON FUNCTION tier_set(text, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION tier_span_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids, data)
    SELECT p.principal_id, p.vendor_id, 'tier.changed', kind('partner'), p.id, a.member_id,
           ARRAY[p.responsible_id, p.vendor_responsible_id] || partner_people(p.vendor_id), jsonb_build_object('to', a.name)
    FROM added AS a JOIN partnership AS p ON p.id = a.partnership_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tier_span_tell() IS 'Trigger: tells who looks after a partnership on either side which tier the vendor is in.';

---- Proposals

CREATE OR REPLACE FUNCTION is_first_working_day(company_id bigint, day date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT day = jiayi.add_working_days(company_id, date_trunc('quarter', day::timestamp)::date - 1, 1)
$$;
COMMENT ON FUNCTION is_first_working_day(bigint, date) IS 'Whether a day is the first one of its quarter on which the company works.';
GRANT EXECUTE ON FUNCTION is_first_working_day(bigint, date) TO jiayi_auth;

CREATE OR REPLACE FUNCTION job_tiers(company_id bigint, slot timestamptz) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    day  date := company_day(company_id, slot);
    p    partnership;
    had  tier_span;
    due  record;
    who  bigint;
    made bigint := 0;
BEGIN
    IF NOT is_first_working_day(company_id, day) THEN
        RETURN 0;
    END IF;
    FOR p IN SELECT x.* FROM partnership AS x WHERE x.principal_id = company_id AND x.state = 'active' ORDER BY x.id LOOP
        had := tier_of(p);
        SELECT * INTO due FROM tier_due(p, day);
        who := coalesce((SELECT m.id FROM member AS m WHERE m.id = p.responsible_id AND m.state = 'active'),
            (partner_people(company_id))[1]);
        CONTINUE WHEN due.tier_id IS NULL OR due.tier_id = had.tier_id OR who IS NULL;
        INSERT INTO task (company_id, kind, on_kind, on_id, title, text, assignee_id, due_on, created_by)
        SELECT company_id, 'tier', kind('partner'), p.id,
               concat(c.slug, ': ', had.code || ' → ', due.code),
               left(concat_ws(E'\n', (SELECT string_agg(concat(f ->> 'tier', ', ', f ->> 'measure', ', ', f ->> 'period', ': ',
                       coalesce(f ->> 'value', '–'), ' ', CASE f ->> 'holds' WHEN 'true' THEN '≥' ELSE '<' END, ' ',
                       f ->> 'at_least', ' ' || (f ->> 'currency')), E'\n' ORDER BY o)
                   FROM jsonb_array_elements(due.figures) WITH ORDINALITY AS x(f, o)),
                   format('jiayi tier set %s %s --reason …', c.slug, due.code)), 4000),
               who, add_working_days(company_id, day, 10), who
        FROM company AS c WHERE c.id = p.vendor_id
        ON CONFLICT (on_id) WHERE kind = 'tier' AND state = 'open' DO NOTHING;
        made := made + CASE WHEN FOUND THEN 1 ELSE 0 END;
    END LOOP;
    RETURN made;
END
$$;
COMMENT ON FUNCTION job_tiers(bigint, timestamptz) IS
    'The job that proposes changes of tiers, on the first working day of each quarter, as the rules have it on that day: a task '
    'for who looks after the partnership, due in ten working days. It changes no tier.';

CREATE OR REPLACE FUNCTION tier_job() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO job (name, company_id, every, catch_up, next_slot, due_at)
    SELECT 'tiers', NEW.company_id, interval '1 day', true, s.slot, s.slot
    FROM (SELECT job_slot_after(interval '1 day', NEW.company_id, job_slot(interval '1 day', NEW.company_id, now())) AS slot) AS s
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tier_job() IS 'Trigger: a company that has tiers has them looked at, from the next day on.';

---- Tables

CALL protect('tier', 'id');
CALL shape('tier', 'house', noun => 'partner', changes => true);
GRANT SELECT ON tier TO jiayi_app;
GRANT INSERT (company_id, code, name, position, note), UPDATE (name, position, note, updated_at) ON tier TO jiayi_app;
CALL open_to_auth('tier', 'SELECT');
CREATE TRIGGER job AFTER INSERT ON tier FOR EACH ROW EXECUTE FUNCTION tier_job();

CALL protect('tier_rule', 'tier_id,measure,over', '');
CALL shape('tier_rule', 'child', parent => 'tier', key => 'tier_id');
CREATE POLICY own_insert ON tier_rule FOR INSERT TO jiayi_app
    WITH CHECK (me_permission() = 'tier.manage' AND EXISTS (SELECT FROM tier AS t WHERE t.id = tier_rule.tier_id));
CREATE POLICY own_update ON tier_rule FOR UPDATE TO jiayi_app
    USING (me_permission() = 'tier.manage' AND EXISTS (SELECT FROM tier AS t WHERE t.id = tier_rule.tier_id));
CREATE POLICY own_delete ON tier_rule FOR DELETE TO jiayi_app
    USING (me_permission() = 'tier.manage' AND EXISTS (SELECT FROM tier AS t WHERE t.id = tier_rule.tier_id));
GRANT SELECT, INSERT (tier_id, measure, over, at_least, currency), UPDATE (at_least, currency, updated_at), DELETE
    ON tier_rule TO jiayi_app;
CALL open_to_auth('tier_rule', 'SELECT');

CALL protect('tier_span', 'id', 'company_id,vendor_id');
CREATE POLICY sides ON tier_span FOR SELECT TO jiayi_app
    USING (company_id = me_company() OR vendor_id = me_company());
GRANT SELECT ON tier_span TO jiayi_app;
CALL open_to_auth('tier_span', 'SELECT, INSERT');
CALL only_added('tier_span');
CALL told('tier_span', 'INSERT');
