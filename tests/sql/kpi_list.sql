-- Lists of KPIs have what the policies show, page after page, and read about a page of it.
\ir fixture.psql
\ir plan.psql
SELECT no_plan();

-- acme, beta and gamma have a KPI of one code. Of acme anna has 60 more below her, beta is a vendor of 60 more principals, and acme
-- has 60 more vendors.
SELECT pg_temp.join_company('t' || i, 'acme', 'salesperson', 'anna') FROM generate_series(1, 60) AS i \g /dev/null
INSERT INTO company (slug, name) SELECT s || i, s || i FROM generate_series(1, 60) AS i, unnest('{p,v}'::text[]) AS s;
SET LOCAL session_replication_role = replica;
INSERT INTO partnership (principal_id, vendor_id, state, shares, span)
SELECT p.id, v.id, 'active', '{(,)}', 1 FROM company AS p, company AS v
WHERE (p.slug ~ '^p[0-9]' AND v.slug = 'beta') OR (p.slug = 'acme' AND v.slug ~ '^v[0-9]');
INSERT INTO kpi (company_id, code, name, unit, period) SELECT c.id, 'calls', 'Calls', 'call', 'month' FROM company AS c WHERE NOT c.is_system;
INSERT INTO kpi (company_id, code, name, unit, period) SELECT c.id, 'secret', 'Secret', 'call', 'month' FROM company AS c WHERE c.slug = 'acme';
-- Whose lines there are, of 8 months: in an order that has no order of theirs, and of some people none in some months.
INSERT INTO kpi_line (kpi_id, company_id, period, member_id, vendor_id, target, actual, shared_span, shared_at)
SELECT k.id, k.company_id, to_char('2025-06-01'::date + i * interval '1 month', 'YYYY-MM'), o.member_id, o.vendor_id, 10, 5,
       CASE WHEN o.vendor_id IS NOT NULL THEN 1 + o.n % 2 * (i % 5 = 0)::int END, CASE WHEN o.vendor_id IS NOT NULL THEN '2026-01-01'::date + (o.n % 3)::int ELSE now() END
FROM kpi AS k JOIN (SELECT m.company_id, m.id AS member_id, NULL::bigint AS vendor_id, m.id AS n FROM member AS m
                    UNION ALL SELECT p.principal_id, NULL, p.vendor_id, p.id FROM partnership AS p) AS o ON o.company_id = k.company_id,
     generate_series(1, 8) AS i
WHERE k.code = 'calls' AND (o.n * 7919 + i) % 7 > 0 ORDER BY i, o.n * 7919 % 101;
INSERT INTO kpi_record (line_id, company_id, value, member_id, at)
SELECT l.id, l.company_id, 1, pg_temp.member('boss'), '2026-01-01'::date + (i % 3) FROM kpi_line AS l, generate_series(1, 12) AS i
WHERE l.period = '2026-01' AND (l.id * 31 + i) % 5 > 0 ORDER BY (l.id * 7919 + i * 17) % 997;
INSERT INTO kpi_target (line_id, company_id, value, member_id) SELECT r.line_id, r.company_id, 1, r.member_id FROM kpi_record AS r WHERE r.id % 3 > 0 ORDER BY r.id;
INSERT INTO kpi_evaluation (line_id, company_id, text, member_id, at)
SELECT r.line_id, r.company_id, 'said', r.member_id, r.at FROM kpi_record AS r WHERE r.id % 3 < 2 ORDER BY r.id;
SET LOCAL session_replication_role = origin;
ANALYZE kpi;
ANALYZE kpi_line;
ANALYZE kpi_record;
ANALYZE kpi_target;
ANALYZE kpi_evaluation;
ANALYZE member;
ANALYZE partnership;

-- What all pages have, and what the policies show of it; of 11 people.
CREATE TEMP TABLE who AS SELECT * FROM unnest('{boss,anna,ben,cleo,dora,ewa,bboss,vito,vera,gboss,gina}'::text[]) WITH ORDINALITY AS w(name, n);
GRANT SELECT ON who TO PUBLIC;
CREATE FUNCTION pg_temp.all_pages(method text, rows text, VARIADIC fields text[] DEFAULT '{}') RETURNS SETOF text LANGUAGE sql AS $$
    SELECT is(pg_temp.paged(w.name, 'kpi.read', 'page.key', 120, 'KpiService/' || $1, VARIADIC fields),
              coalesce(pg_temp.act(w.name, 'kpi.read', 'SELECT string_agg(x.id::text, '' '' ORDER BY x.id DESC) FROM ' || $2), ''), format('%s, %s: %s', w.name, $1, fields))
    FROM who AS w ORDER BY w.n
$$;
SELECT pg_temp.all_pages('ListKpis', 'kpi_line AS x');
SELECT pg_temp.all_pages('ListKpis', 'kpi_line AS x WHERE x.period = ''2025-10''', 'period', '2025-10');
SELECT pg_temp.all_pages('ListKpis', format('kpi_line AS x WHERE x.vendor_id = (SELECT c.id FROM company AS c WHERE c.slug = %L)', v), 'vendor', v)
FROM unnest('{beta,v7}'::text[]) AS v;
SELECT pg_temp.all_pages('ListKpis', format('kpi_line AS x WHERE x.member_id = (SELECT m.id FROM member AS m WHERE m.email = lower(%L))', m), 'member', m)
FROM unnest('{t9@acme.example,CLEO@acme.example,vito@beta.example}'::text[]) AS m(m);
SELECT pg_temp.all_pages('List' || l, format('kpi_%s AS x JOIN kpi_line AS l ON l.id = x.line_id WHERE l.period = %L', t, '2026-01'), 'code', 'calls', 'period', '2026-01')
FROM (VALUES ('KpiRecords', 'record'), ('KpiTargets', 'target'), ('KpiEvaluations', 'evaluation')) AS v(l, t);
SELECT pg_temp.all_pages('List' || l, format('kpi_%s AS x JOIN kpi_line AS l ON l.id = x.line_id WHERE l.period = %L AND l.vendor_id = (SELECT c.id '
    'FROM company AS c WHERE c.slug = %L)', t, '2026-01', 'beta'), 'code', 'calls', 'period', '2026-01', 'vendor', 'beta')
FROM (VALUES ('KpiRecords', 'record'), ('KpiEvaluations', 'evaluation')) AS v(l, t);
SELECT pg_temp.all_pages('List' || l, format('kpi_%s AS x JOIN kpi_line AS l ON l.id = x.line_id WHERE l.period = %L AND l.member_id = (SELECT m.id '
    'FROM member AS m WHERE m.email = %L)', t, '2026-01', 't9@acme.example'), 'code', 'calls', 'period', '2026-01', 'member', 't9@acme.example')
FROM (VALUES ('KpiRecords', 'record'), ('KpiTargets', 'target')) AS v(l, t);
SELECT pg_temp.refused('vito', 'kpi.read', pg_temp.variant('KpiService/ListKpiRecords', 'code', 'secret', 'period', '2026-01'), 'JY005', 'no KPI secret');
-- A page that is not full is the last one.
SELECT is(pg_temp.act(n, 'kpi.read', format('SELECT count(*) FROM (%s) AS x', pg_temp.variant('KpiService/List' || l, 'code', 'calls', 'period', '2026-01'))), '51',
    n || ' has a whole page of ' || l)
FROM unnest('{boss,anna,vito}'::text[]) AS n, unnest('{KpiRecords,KpiTargets,KpiEvaluations}'::text[]) AS l;
-- What these pages are of.
SELECT cmp_ok(pg_temp.act(n, 'kpi.read', 'SELECT count(*) FROM ' || t)::int, '>', least, format('%s sees many of %s', n, t))
FROM (VALUES ('boss', 'kpi_line', 500), ('anna', 'kpi_line', 500), ('vito', 'kpi_line', 350), ('cleo', 'kpi_line', 5),
    ('anna', 'kpi_record', 300), ('vito', 'kpi_record', 200), ('vito', 'kpi_evaluation', 80)) AS v(n, t, least);
SELECT is(count(*) FILTER (WHERE e.at < l.shared_at) > 80, true, 'and some was said before it was given anew')
FROM kpi_evaluation AS e JOIN kpi_line AS l ON l.id = e.line_id WHERE l.vendor_id = pg_temp.company('beta');

-- How many rows a page reads.
CREATE FUNCTION pg_temp.rows_read(name text, "table" text, method text, VARIADIC fields text[] DEFAULT '{}') RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    statement text := pg_temp.variant('KpiService/' || method, VARIADIC fields);
    plan      jsonb;
BEGIN
    PERFORM pg_temp.sign(name, 'kpi.read');
    EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || statement INTO plan;
    RESET ROLE;
    PERFORM pg_temp.leave();
    RETURN (SELECT sum((n ->> 'Actual Loops')::numeric * ((n ->> 'Actual Rows')::numeric + coalesce((n ->> 'Rows Removed by Filter')::numeric, 0)))
            FROM jsonb_path_query(plan, 'strict $.**') AS n WHERE n ->> 'Relation Name' = rows_read."table");
END
$$;
SELECT cmp_ok(pg_temp.rows_read(n, 'kpi_line', 'ListKpis'), '<=', most, n || ' reads a page of lines')
FROM (VALUES ('boss', 51), ('cleo', 55), ('anna', 210), ('dora', 55)) AS v(n, most);
SELECT cmp_ok(pg_temp.rows_read(n, 'kpi_record', 'ListKpiRecords', 'code', 'calls', 'period', '2026-01'), '<=', most, n || ' reads a page of records')
FROM (VALUES ('boss', 450), ('cleo', 12), ('anna', 450), ('vito', 450), ('dora', 12)) AS v(n, most);

SELECT * FROM finish();
ROLLBACK;
