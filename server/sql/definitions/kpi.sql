-- KPIs, their lines and what was recorded: who sees which, who may change them, and what the calls
-- do.

CREATE OR REPLACE FUNCTION kpi_own(code text) RETURNS kpi LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found kpi;
BEGIN
    SELECT * INTO found FROM kpi AS k WHERE k.company_id = me_company() AND k.code = kpi_own.code;
    IF found.id IS NULL THEN
        PERFORM refuse('JY005', 'no KPI %s; define it first: jiayi kpi define', ROW(code));
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION kpi_own(text) IS 'A KPI of the caller''s company.';
GRANT EXECUTE ON FUNCTION kpi_own(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION kpi_check_period(k kpi, period text) RETURNS void LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF period_kind(period) IS DISTINCT FROM k.period THEN
        PERFORM refuse('JY003', 'the KPI %s is counted by the %s; give a period such as %s',
            ROW(k.code, word('period', k.period), CASE k.period WHEN 'day' THEN '2026-11-21'
                WHEN 'week' THEN '2026-W47' WHEN 'month' THEN '2026-11' WHEN 'quarter' THEN '2026-Q4'
                ELSE '2026' END), field => 'period');
    END IF;
END
$$;
COMMENT ON FUNCTION kpi_check_period(kpi, text) IS
    'Refuses a period that is not of the KPI''s kind.';
GRANT EXECUTE ON FUNCTION kpi_check_period(kpi, text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION kpi_period(kind text, day date) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT to_char(day, CASE kind WHEN 'day' THEN 'YYYY-MM-DD' WHEN 'week' THEN 'IYYY-"W"IW' WHEN 'month' THEN 'YYYY-MM'
        WHEN 'quarter' THEN 'YYYY-"Q"Q' ELSE 'YYYY' END)
$$;
COMMENT ON FUNCTION kpi_period(text, date) IS 'The period of that kind in which the day is.';
GRANT EXECUTE ON FUNCTION kpi_period(text, date) TO jiayi_app;

CREATE OR REPLACE FUNCTION milestone_measure(task_id bigint, code text, target numeric) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    t    task;
    k    kpi;
    line kpi_line;
BEGIN
    IF code IS NULL THEN
        IF target IS NOT NULL THEN
            PERFORM refuse('JY003', 'a target is one of a KPI; say of which with --kpi', field => 'kpi');
        END IF;
        RETURN;
    END IF;
    k := kpi_own(code);
    SELECT o.* INTO t FROM task AS o WHERE o.id = task_id;
    IF t.due_on IS NULL THEN
        PERFORM refuse('JY003', 'the KPI %s is counted by the %s; say with --due when the milestone is due',
            ROW(k.code, word('period', k.period)), field => 'due');
    ELSIF target IS NOT NULL AND NOT reaches(t.assignee_id,
            coalesce((SELECT g.bits FROM caller_grants() AS g WHERE g.permission = 'kpi.target'), 0)) THEN
        PERFORM refuse('JY007', 'your role does not let you set targets of %s; leave out --target', ROW(email_of(t.assignee_id)));
    END IF;
    INSERT INTO kpi_line (kpi_id, company_id, period, member_id)
    VALUES (k.id, k.company_id, kpi_period(k.period, t.due_on), t.assignee_id) ON CONFLICT DO NOTHING;
    SELECT l.* INTO line FROM kpi_line AS l
    WHERE l.kpi_id = k.id AND l.period = kpi_period(k.period, t.due_on) AND l.member_id = t.assignee_id FOR NO KEY UPDATE;
    IF line.id IS NULL THEN
        PERFORM refuse('JY007', 'your role does not reach the targets of %s', ROW(email_of(t.assignee_id)));
    ELSIF line.target <> milestone_measure.target THEN
        PERFORM refuse('JY009', 'the target of %s for %s in %s is %s; leave out --target, or change it first: jiayi kpi target %s --period %s',
            ROW(email_of(t.assignee_id), k.code, line.period, line.target, k.code, line.period), field => 'target');
    ELSIF milestone_measure.target IS NOT NULL AND line.target IS NULL THEN
        UPDATE kpi_line AS l SET target = milestone_measure.target WHERE l.id = line.id;
        INSERT INTO kpi_target (line_id, company_id, value, member_id) VALUES (line.id, k.company_id, milestone_measure.target, me_member());
    END IF;
    INSERT INTO link (from_kind, from_id, to_kind, to_id, role, audience, member_id)
    VALUES (kind('task'), t.id, kind('kpi_line'), line.id, 'measures', 'internal', me_member());
END
$$;
COMMENT ON FUNCTION milestone_measure(bigint, text, numeric) IS
    'Has a milestone be measured by the line of a KPI of who is responsible, in the period in which it is due, with that '
    'target, where there is none yet. Without a KPI nothing.';
GRANT EXECUTE ON FUNCTION milestone_measure(bigint, text, numeric) TO jiayi_app;

CREATE OR REPLACE FUNCTION kpi_seen(code text) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM kpi AS k WHERE k.company_id = ANY (kpi_companies()) AND k.code = kpi_seen.code) THEN
        PERFORM refuse('JY005', 'no KPI %s', ROW(code));
    END IF;
    RETURN code;
END
$$;
COMMENT ON FUNCTION kpi_seen(text) IS
    'The code itself, if the caller sees such a KPI; the call ends where not.';
GRANT EXECUTE ON FUNCTION kpi_seen(text) TO jiayi_app;

-- Lists
--
-- Each walks arms of its own - of the company, of the people whom the caller reaches, of vendors, of what principals set - and
-- of many only those that the page has: deals_ahead(). What says which these are asks for whom the caller sees itself, never for less
-- than the policies show, which decide.

CREATE OR REPLACE FUNCTION kpi_companies() RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jiayi.me_company() || coalesce(jiayi.me_principals(), '{}');
END
$$;
COMMENT ON FUNCTION kpi_companies() IS
    'Whose KPIs the caller may see some of: the own company''s, and its principals''. Who asks by a code alone passes '
    'those of all companies that have it.';
GRANT EXECUTE ON FUNCTION kpi_companies() TO jiayi_app;

CREATE OR REPLACE FUNCTION kpi_members_ahead(period text, before bigint, most bigint)
    RETURNS TABLE (id bigint, least_id bigint) LANGUAGE plpgsql STABLE ROWS 10 SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    people bigint[] := me_owners(noun('kpi'));
BEGIN
    IF cardinality(people) < 4 THEN
        RETURN QUERY SELECT p.id, 0::bigint FROM unnest(people) AS p(id);
        RETURN;
    END IF;
    RETURN QUERY SELECT h.id, CASE WHEN count(*) OVER () = most THEN min(h.first) OVER () ELSE 0 END
    FROM (SELECT p.id, h.first FROM unnest(people) AS p(id) CROSS JOIN LATERAL (
              SELECT l.id AS first FROM kpi_line AS l
              WHERE l.member_id = p.id AND l.id < coalesce(before, 9223372036854775807)
                AND (kpi_members_ahead.period IS NULL OR l.period = kpi_members_ahead.period)
              ORDER BY l.id DESC NULLS LAST LIMIT 1) AS h
          ORDER BY h.first DESC LIMIT most) AS h;
END
$$;
COMMENT ON FUNCTION kpi_members_ahead(text, bigint, bigint) IS
    'As deals_ahead(), of lines: of those members whom the caller reaches who has some on a page of that many, of a period where one '
    'is given, and the least number that it has.';
GRANT EXECUTE ON FUNCTION kpi_members_ahead(text, bigint, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION kpi_lines_asked(code text, period text, member text, vendor text) RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    mine   bigint := me_company();
    sight  int := sight(noun('kpi'));
    own    bigint := (SELECT k.id FROM kpi AS k WHERE k.company_id = mine AND k.code = kpi_lines_asked.code);
    firm   bigint := (SELECT c.id FROM company AS c WHERE c.slug = kpi_lines_asked.vendor);
    people bigint[];
    lines  bigint[] := '{}';
BEGIN
    IF own IS NULL THEN
    ELSIF sight & 4 <> 0 AND num_nonnulls(member, vendor) = 0 THEN
        lines := ARRAY(SELECT l.id FROM kpi_line AS l WHERE l.kpi_id = own AND l.period = kpi_lines_asked.period);
    ELSE
        IF vendor IS NULL THEN
            people := CASE WHEN member IS NULL THEN me_owners(noun('kpi'))
                ELSE ARRAY[owner_seen(noun('kpi'), member)] END;
            lines := ARRAY(SELECT l.id FROM unnest(people) AS p(id) JOIN kpi_line AS l
                ON l.kpi_id = own AND l.period = kpi_lines_asked.period AND l.member_id = p.id);
        END IF;
        IF member IS NULL AND sight & 6 <> 0 THEN
            lines := lines || ARRAY(SELECT l.id FROM kpi_line AS l
                WHERE l.kpi_id = own AND l.period = kpi_lines_asked.period AND l.vendor_id IS NOT NULL
                  AND (kpi_lines_asked.vendor IS NULL OR l.vendor_id = firm));
        END IF;
    END IF;
    IF sight & 8 <> 0 AND member IS NULL AND (vendor IS NULL OR firm = mine) THEN
        lines := lines || ARRAY(SELECT l.id FROM unnest(me_principals()) AS c(id)
            JOIN kpi AS k ON k.company_id = c.id AND k.code = kpi_lines_asked.code
            JOIN kpi_line AS l ON l.kpi_id = k.id AND l.period = kpi_lines_asked.period AND l.vendor_id = mine
            WHERE in_span(l.company_id, l.shared_span));
    END IF;
    RETURN lines;
END
$$;
COMMENT ON FUNCTION kpi_lines_asked(text, text, text, text) IS
    'The lines of KPIs of that code that the caller sees in a period: of a member or of a vendor, where one is given.';
GRANT EXECUTE ON FUNCTION kpi_lines_asked(text, text, text, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION kpi_page(what text, code text, period text, member text, vendor text, before bigint, most bigint)
    RETURNS TABLE (id bigint, company_id bigint, line_period text, member_id bigint, vendor_id bigint)
    LANGUAGE plpgsql STABLE ROWS 50 SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    lines bigint[] := kpi_lines_asked(code, period, member, vendor);
    last  bigint := coalesce(before, 9223372036854775807);
    ids   bigint[];
BEGIN
    CASE what
    WHEN 'kpi_record' THEN
        WITH heads AS MATERIALIZED (
            SELECT l.id, h.first FROM unnest(lines) AS l(id) CROSS JOIN LATERAL (
                SELECT r.id AS first FROM kpi_record AS r WHERE r.line_id = l.id AND r.id < last
                ORDER BY r.id DESC LIMIT 1) AS h
            ORDER BY h.first DESC LIMIT most
        ), page AS (
            SELECT r.id, r.line_id FROM heads AS l CROSS JOIN LATERAL (
                SELECT r.id, r.line_id FROM kpi_record AS r WHERE r.line_id = l.id AND r.id < last
                  AND r.id >= (SELECT CASE WHEN count(*) = most THEN min(h.first) ELSE 0 END FROM heads AS h)
                ORDER BY r.id DESC LIMIT most) AS r
            ORDER BY r.id DESC LIMIT most
        ) SELECT array_agg(p.id), array_agg(p.line_id) INTO ids, lines FROM page AS p;
    WHEN 'kpi_target' THEN
        WITH heads AS MATERIALIZED (
            SELECT l.id, h.first FROM unnest(lines) AS l(id) CROSS JOIN LATERAL (
                SELECT r.id AS first FROM kpi_target AS r WHERE r.line_id = l.id AND r.id < last
                ORDER BY r.id DESC LIMIT 1) AS h
            ORDER BY h.first DESC LIMIT most
        ), page AS (
            SELECT r.id, r.line_id FROM heads AS l CROSS JOIN LATERAL (
                SELECT r.id, r.line_id FROM kpi_target AS r WHERE r.line_id = l.id AND r.id < last
                  AND r.id >= (SELECT CASE WHEN count(*) = most THEN min(h.first) ELSE 0 END FROM heads AS h)
                ORDER BY r.id DESC LIMIT most) AS r
            ORDER BY r.id DESC LIMIT most
        ) SELECT array_agg(p.id), array_agg(p.line_id) INTO ids, lines FROM page AS p;
    WHEN 'kpi_evaluation' THEN
        -- What was said before a line was given anew, its vendor does not see.
        WITH heads AS MATERIALIZED (
            SELECT l.id, l.company_id, l.shared_at, h.first FROM unnest(lines) AS o(id) JOIN kpi_line AS l ON l.id = o.id CROSS JOIN LATERAL (
                SELECT r.id AS first FROM kpi_evaluation AS r WHERE r.line_id = l.id AND r.id < last
                  AND (l.company_id = me_company() OR r.at >= l.shared_at)
                ORDER BY r.id DESC LIMIT 1) AS h
            ORDER BY h.first DESC LIMIT most
        ), page AS (
            SELECT r.id, r.line_id FROM heads AS l CROSS JOIN LATERAL (
                SELECT r.id, r.line_id FROM kpi_evaluation AS r WHERE r.line_id = l.id AND r.id < last
                  AND (l.company_id = me_company() OR r.at >= l.shared_at)
                  AND r.id >= (SELECT CASE WHEN count(*) = most THEN min(h.first) ELSE 0 END FROM heads AS h)
                ORDER BY r.id DESC LIMIT most) AS r
            ORDER BY r.id DESC LIMIT most
        ) SELECT array_agg(p.id), array_agg(p.line_id) INTO ids, lines FROM page AS p;
    END CASE;
    RETURN QUERY SELECT p.id, l.company_id, l.period, l.member_id, l.vendor_id
    FROM unnest(ids, lines) AS p(id, line_id) JOIN kpi_line AS l ON l.id = p.line_id;
END
$$;
COMMENT ON FUNCTION kpi_page(text, text, text, text, text, bigint, bigint) IS
    'The newest, before a number, of what was recorded, set as targets or said, which is in that table, on the lines of '
    'kpi_lines_asked(), with what is told of its line. The policies say what of it is seen: all.';
GRANT EXECUTE ON FUNCTION kpi_page(text, text, text, text, text, bigint, bigint) TO jiayi_app;

-- div() is exact: a quotient that is rounded first may come to 1 below the target.
CREATE OR REPLACE FUNCTION kpi_attainment(actual numeric, target numeric) RETURNS text
    LANGUAGE sql IMMUTABLE AS
$$ SELECT trim_scale(CASE WHEN actual > 0 THEN greatest(div(actual * 10000, nullif(target, 0)), 1)
                     ELSE div(actual * 10000, nullif(target, 0)) END / 10000)::text
   WHERE target <> 0 $$;
COMMENT ON FUNCTION kpi_attainment(numeric, numeric) IS
    'actual divided by target, such as 0.85, rounded towards zero: never 1 below the target, and at '
    'least 0.0001 above nothing. NULL where one is missing or the target is 0.';
GRANT EXECUTE ON FUNCTION kpi_attainment(numeric, numeric) TO jiayi_app;

CREATE OR REPLACE FUNCTION kpi_reached(direction text, actual numeric, target numeric)
    RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE direction WHEN 'down' THEN actual <= target ELSE actual >= target END $$;
COMMENT ON FUNCTION kpi_reached(text, numeric, numeric) IS
    'Whether the target is reached; NULL where one of the figures is missing.';
GRANT EXECUTE ON FUNCTION kpi_reached(text, numeric, numeric) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION kpi_outdated(l kpi_line) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT l.evaluated_at IS NOT NULL
      AND (l.actual, l.target) IS DISTINCT FROM (l.evaluated_actual, l.evaluated_target) $$;
COMMENT ON FUNCTION kpi_outdated(kpi_line) IS
    'Whether the line was evaluated by other figures than it has now.';
GRANT EXECUTE ON FUNCTION kpi_outdated(kpi_line) TO jiayi_app;

CREATE OR REPLACE FUNCTION kpi_line_show(line_id bigint) RETURNS SETOF kpi_line_view
    LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT slug_of(l.company_id), k.code, k.name, l.period, email_of(l.member_id),
           slug_of(l.vendor_id), l.target::text, l.actual::text,
           kpi_attainment(l.actual, l.target), k.unit, k.direction, l.evaluation,
               email_of(l.evaluated_by), l.evaluated_at,
           l.text, email_of(l.recorded_by), l.recorded_at,
           kpi_reached(k.direction, l.actual, l.target), l.evaluated_target::text,
           l.evaluated_actual::text, nullif(kpi_outdated(l), false),
           nullif(company_of(l.evaluated_by), me_slug()),
           nullif(company_of(l.recorded_by), me_slug())
    FROM kpi_line AS l JOIN kpi AS k ON k.id = l.kpi_id WHERE l.id = kpi_line_show.line_id;
END
$$;
COMMENT ON FUNCTION kpi_line_show(bigint) IS
    'A line as it is now, in the middle of a statement that changes it too.';
GRANT EXECUTE ON FUNCTION kpi_line_show(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION kpi_target(code text, period text, value numeric, member text,
    vendor text)
    RETURNS SETOF kpi_line_view LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    k    kpi := kpi_own(code);
    who  bigint := member_by_email(member);
    firm bigint := vendor_by_slug(vendor);
    line bigint;
BEGIN
    PERFORM kpi_check_period(k, period);
    LOOP
        UPDATE kpi_line AS l SET target = value
        WHERE l.kpi_id = k.id AND l.period = kpi_target.period
            AND (l.member_id = who OR l.vendor_id = firm) RETURNING l.id INTO line;
        EXIT WHEN FOUND;
        INSERT INTO kpi_line (kpi_id, company_id, period, member_id, vendor_id, target)
        VALUES (k.id, k.company_id, kpi_target.period, who, firm, value) ON CONFLICT DO NOTHING
            RETURNING id INTO line;
        EXIT WHEN FOUND;
    END LOOP;
    INSERT INTO kpi_target (line_id, company_id, value, member_id)
    VALUES (line, k.company_id, kpi_target.value, me_member());
    RETURN QUERY SELECT * FROM kpi_line_show(line);
END
$$;
COMMENT ON FUNCTION kpi_target(text, text, numeric, text, text) IS
    'Sets the target of a member or a vendor.';
GRANT EXECUTE ON FUNCTION kpi_target(text, text, numeric, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION kpi_record_value(
    code text, period text, value numeric, member text, "to" text, note text)
    RETURNS SETOF kpi_line_view LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    k     kpi;
    found bigint[];
    slugs text;
    who   bigint := coalesce(member_by_email(member), me_member());
    line  bigint;
BEGIN
    -- The caller's own company's KPI, and those of principals that have a line for it.
    SELECT array_agg(x.id), string_agg(slug_of(x.company_id), ', '
           ORDER BY x.company_id) INTO found, slugs FROM kpi AS x
    WHERE x.company_id = ANY (kpi_companies()) AND x.code = kpi_record_value.code
      AND (kpi_record_value."to" IS NULL OR slug_of(x.company_id) = kpi_record_value."to")
      AND (kpi_record_value.member IS NULL OR x.company_id = me_company());
    IF found IS NULL THEN
        PERFORM refuse('JY005', CASE WHEN "to" IS NULL THEN 'no KPI %s' ELSE 'no KPI %s of %s' END,
            ROW(code, "to"));
    ELSIF cardinality(found) > 1 THEN
        PERFORM refuse('JY003', 'the KPI %s is used by %s; say whose with --to', ROW(code, slugs),
            field => 'to');
    END IF;
    SELECT * INTO k FROM kpi AS x WHERE x.id = found[1];
    PERFORM kpi_check_period(k, period);
    IF k.company_id = me_company() THEN
        IF NOT reaches(who, me_scope()) THEN
            PERFORM refuse('JY007', 'your role does not reach the targets of %s', ROW(member));
        END IF;
        INSERT INTO kpi_line (kpi_id, company_id, period, member_id)
            VALUES (k.id, k.company_id, kpi_record_value.period, who)
        ON CONFLICT DO NOTHING;
        SELECT l.id INTO line FROM kpi_line AS l
        WHERE l.kpi_id = k.id AND l.period = kpi_record_value.period
            AND l.member_id = who FOR NO KEY UPDATE;
    ELSE
        SELECT l.id INTO line FROM kpi_line AS l
        WHERE l.kpi_id = k.id AND l.period = kpi_record_value.period
            AND l.vendor_id = me_company() FOR NO KEY UPDATE;
        IF line IS NULL THEN
            PERFORM refuse('JY005', '%s has set us no target for %s in %s',
                ROW(slug_of(k.company_id), code, period));
        END IF;
    END IF;
    INSERT INTO kpi_record (line_id, company_id, value, text, member_id)
    VALUES (line, k.company_id, kpi_record_value.value, note, me_member());
    UPDATE kpi_line AS l SET actual = kpi_record_value.value, text = note,
        recorded_by = me_member(), recorded_at = clock_timestamp() WHERE l.id = line;
    RETURN QUERY SELECT * FROM kpi_line_show(line);
END
$$;
COMMENT ON FUNCTION kpi_record_value(text, text, numeric, text, text, text) IS
    'Records what was reached: by a member on a KPI of the own company, or by the own company on '
    'a principal''s.';
GRANT EXECUTE ON FUNCTION kpi_record_value(text, text, numeric, text, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION kpi_evaluate(code text, period text, member text, vendor text,
    comment text)
    RETURNS SETOF kpi_line_view LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    k    kpi := kpi_own(code);
    who  bigint;
    firm bigint;
    line bigint;
BEGIN
    PERFORM kpi_check_period(k, period);
    -- Somebody who left and a vendor that was suspended are evaluated as well.
    SELECT m.id INTO who FROM member AS m WHERE m.company_id = me_company()
           AND m.email = lower(kpi_evaluate.member);
    IF who = me_member() THEN
        PERFORM refuse('JY009', 'that is your own result; somebody else has to evaluate it');
    END IF;
    SELECT p.vendor_id INTO firm FROM partnership AS p JOIN company AS c ON c.id = p.vendor_id
    WHERE p.principal_id = me_company() AND c.slug = kpi_evaluate.vendor;
    UPDATE kpi_line AS l SET evaluation = comment, evaluated_by = me_member(),
        evaluated_at = clock_timestamp(), evaluated_target = l.target, evaluated_actual = l.actual
    WHERE l.kpi_id = k.id AND l.period = kpi_evaluate.period
        AND (l.member_id = who OR l.vendor_id = firm) RETURNING l.id INTO line;
    IF line IS NULL THEN
        PERFORM refuse('JY005', '%s has no target for %s in %s',
            ROW(coalesce(lower(member), vendor), code, period));
    END IF;
    INSERT INTO kpi_evaluation (line_id, company_id, target, actual, text, member_id)
    SELECT l.id, l.company_id, l.evaluated_target, l.evaluated_actual, l.evaluation, me_member()
    FROM kpi_line AS l WHERE l.id = line;
    RETURN QUERY SELECT * FROM kpi_line_show(line);
END
$$;
COMMENT ON FUNCTION kpi_evaluate(text, text, text, text, text) IS
    'Evaluates the line of a member or a vendor.';
GRANT EXECUTE ON FUNCTION kpi_evaluate(text, text, text, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION kpi_line_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    span int := partner_span(NEW.company_id, NEW.vendor_id);
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.shared_span := span;
    ELSIF NEW.shared_span <> span AND me_permission() = 'kpi.target' THEN
        -- Given anew: what was said of it meanwhile is for the principal's eyes.
        NEW.shared_span := span;
        NEW.shared_at := clock_timestamp();
        NEW.evaluation := NULL;
        NEW.evaluated_by := NULL;
        NEW.evaluated_at := NULL;
        NEW.evaluated_target := NULL;
        NEW.evaluated_actual := NULL;
    END IF;
    IF caller() IS NULL THEN
        RETURN NEW;
    END IF;
    IF NEW.company_id <> me_company() THEN
        IF me_scope() & 8 = 0 THEN
            PERFORM refuse('JY007', 'your role does not reach what partner companies share');
        END IF;
    ELSIF NEW.vendor_id IS NOT NULL THEN
        IF me_scope() & 6 = 0 THEN
            PERFORM refuse('JY007', 'your role does not reach the targets of vendors');
        END IF;
    ELSIF NOT reaches(NEW.member_id, me_scope()) THEN
        PERFORM refuse('JY007', 'your role does not reach the targets of %s',
            ROW(email_of(NEW.member_id)));
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION kpi_line_guard() IS
    'Trigger: a line is changed by whom the called permission reaches. A vendor''s is given to it in the span '
    'of the partnership in which its target was set.';

CREATE OR REPLACE FUNCTION kpi_target_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    SELECT l.company_id, l.vendor_id, 'kpi.target', kind('kpi_line'), l.id, a.member_id,
           CASE WHEN l.member_id IS NULL THEN partner_people(l.vendor_id) ELSE ARRAY[l.member_id] END
    FROM added AS a JOIN kpi_line AS l ON l.id = a.line_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION kpi_target_tell() IS 'Trigger: tells whose target it is that was set.';

-- The line is what it was before this record.
CREATE OR REPLACE FUNCTION kpi_record_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    SELECT l.company_id, l.vendor_id, 'kpi.reached', kind('kpi_line'), l.id, a.member_id,
           ARRAY[l.member_id, (SELECT t.member_id FROM kpi_target AS t WHERE t.line_id = l.id
               ORDER BY t.id DESC LIMIT 1)]
    FROM added AS a JOIN kpi_line AS l ON l.id = a.line_id JOIN kpi AS k ON k.id = l.kpi_id
    WHERE kpi_reached(k.direction, a.value, l.target)
      AND kpi_reached(k.direction, l.actual, l.target) IS NOT TRUE;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION kpi_record_tell() IS
    'Trigger: tells whose target it is, and who set it, that it is reached.';

CREATE OR REPLACE FUNCTION kpi_witness(kind text, line_id bigint, row_id bigint, member_id bigint,
    at timestamptz, value numeric, text text) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO ledger_entry (kind, on_kind, on_id, company_id, partner_id, at, entry)
    SELECT kpi_witness.kind, kind('kpi_line'), l.id, l.company_id, l.vendor_id, kpi_witness.at,
           convert_to(row_to_json(ROW(kpi_witness.at AT TIME ZONE 'UTC', kpi_witness.member_id,
               l.company_id, row_id, kpi_witness.kind, k.code, l.member_id, gen_random_uuid(),
               l.vendor_id, l.period, 'kpi_line/' || l.id, sha256_hex(kpi_witness.text),
               kpi_witness.value::text)::ledger_figure)::text, 'UTF8')
    FROM kpi_line AS l JOIN kpi AS k ON k.id = l.kpi_id WHERE l.id = kpi_witness.line_id;
END
$$;
COMMENT ON FUNCTION kpi_witness(text, bigint, bigint, bigint, timestamptz, numeric, text) IS
    'Writes the ledger''s entry of a figure on a line.';
GRANT EXECUTE ON FUNCTION kpi_witness(text, bigint, bigint, bigint, timestamptz, numeric, text)
    TO jiayi_auth;

CREATE OR REPLACE FUNCTION kpi_target_witness() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM kpi_witness('target', NEW.line_id, NEW.id, NEW.member_id, NEW.at, NEW.value, NULL);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION kpi_target_witness() IS 'Trigger: the ledger''s entry of a target.';

CREATE OR REPLACE FUNCTION kpi_record_witness() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM kpi_witness('record', NEW.line_id, NEW.id, NEW.member_id, NEW.at, NEW.value, NEW.text);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION kpi_record_witness() IS 'Trigger: the ledger''s entry of what was recorded.';

---- Tables

CALL protect('kpi', 'id');
-- OFFSET 0: without it the planner reads all lines that the company was ever given, of whichever KPI, once.
CREATE POLICY visible ON kpi FOR SELECT TO jiayi_app
    USING (company_id = me_company()
           OR EXISTS (SELECT FROM kpi_line AS l WHERE l.kpi_id = kpi.id
               AND l.vendor_id = me_company() OFFSET 0));
CREATE POLICY own_insert ON kpi FOR INSERT TO jiayi_app WITH CHECK (company_id = me_company());
GRANT SELECT ON kpi TO jiayi_app;
GRANT INSERT (company_id, code, name, unit, period, direction) ON kpi TO jiayi_app;
CALL open_to_auth('kpi', 'SELECT, INSERT');

CALL protect('kpi_line', 'id');
CALL shape('kpi_line', 'shared', partner => 'vendor_id',
    seen => 'member_id = ANY ((SELECT me_owners(noun(''kpi'')))::bigint[]) '
        'OR company_id = (SELECT me_whole(noun(''kpi''))) '
        'OR CASE WHEN vendor_id = me_company() THEN sight(noun(''kpi'')) & 8 <> 0 AND in_span(company_id, shared_span) '
        'ELSE vendor_id IS NOT NULL AND company_id = me_company() AND sight(noun(''kpi'')) & 6 <> 0 END');
GRANT SELECT ON kpi_line TO jiayi_app;
GRANT INSERT (kpi_id, company_id, period, member_id, vendor_id, target),
      UPDATE (target, actual, text, recorded_by, recorded_at, evaluation, evaluated_by,
          evaluated_at, evaluated_target, evaluated_actual) ON kpi_line TO jiayi_app;
CALL open_to_auth('kpi_line', 'SELECT, INSERT, UPDATE');
CREATE TRIGGER guard BEFORE INSERT OR UPDATE
    ON kpi_line FOR EACH ROW EXECUTE FUNCTION kpi_line_guard();

CALL protect('kpi_record', NULL);
CALL logged('kpi_record', 'id');
CALL shape('kpi_record', 'child', parent => 'kpi_line', key => 'line_id', author => 'member_id');
GRANT SELECT ON kpi_record TO jiayi_app;
GRANT INSERT (line_id, company_id, value, text, member_id) ON kpi_record TO jiayi_app;
CALL open_to_auth('kpi_record', 'SELECT, INSERT');
CALL only_added('kpi_record');
CALL witnessed('kpi_record');
CALL told('kpi_record', 'INSERT');

CALL protect('kpi_target', NULL);
CALL logged('kpi_target', 'id');
CALL shape('kpi_target', 'child', parent => 'kpi_line', key => 'line_id', author => 'member_id');
GRANT SELECT ON kpi_target TO jiayi_app;
GRANT INSERT (line_id, company_id, value, member_id) ON kpi_target TO jiayi_app;
CALL only_added('kpi_target');
CALL witnessed('kpi_target');
CALL open_to_auth('kpi_target', 'SELECT');
CALL told('kpi_target', 'INSERT');

CALL protect('kpi_evaluation', NULL);
CALL logged('kpi_evaluation', 'id');
CALL open_to_auth('kpi_evaluation', 'SELECT');
CALL shape('kpi_evaluation', 'child', parent => 'kpi_line', key => 'line_id', author => 'member_id');
CREATE POLICY given ON kpi_evaluation AS RESTRICTIVE FOR SELECT TO jiayi_app
    USING (company_id = me_company()
           OR EXISTS (SELECT FROM kpi_line AS l WHERE l.id = line_id AND l.shared_at <= at));
GRANT SELECT ON kpi_evaluation TO jiayi_app;
GRANT INSERT (line_id, company_id, target, actual, text, member_id) ON kpi_evaluation TO jiayi_app;
CALL only_added('kpi_evaluation');
