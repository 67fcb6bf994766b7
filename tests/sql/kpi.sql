-- KPIs: targets, records and evaluations of members and vendors (requirements KP1 and KP2).
\ir fixture.psql
SELECT no_plan();

CREATE FUNCTION pg_temp.define(code text, period text, direction text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.method('KpiService/DefineKpi', 'code', $1, 'name', 'Calls', 'unit', 'call', 'period', $2,
                          'direction', $3)
$$;
SELECT is(pg_temp.answer('anna', 'kpi.define', pg_temp.define('calls', 'month')),
       '{"company": "acme", "code": "calls", "name": "Calls", "unit": "call", "period": "month", "direction": "up"}',
       'a manager defines a KPI');
SELECT pg_temp.refused('anna', 'kpi.define', pg_temp.define('calls', 'day'), 'JY006',
       'there is a KPI calls already; take another code');
SELECT is(pg_temp.act('anna', 'kpi.target', $$ SELECT target FROM kpi_target('calls', '2026-11',
       100, 'cleo@acme.example', NULL) $$), '100', 'a target for the team');
SELECT is(pg_temp.act('anna', 'kpi.target', $$ SELECT target FROM kpi_target('calls', '2026-11', 80,
       'cleo@acme.example', NULL) $$), '80', 'and another');
SELECT is(count(*)::int, 1, 'there is one line') FROM kpi_line;
SELECT pg_temp.refused('anna', 'kpi.target', $$ SELECT target FROM kpi_target('calls', '2026-11',
       100, 'dora@acme.example', NULL) $$, 'JY007',
    'your role does not reach the targets of dora@acme.example');
SELECT is(pg_temp.act('boss', 'kpi.target', $$ SELECT target FROM kpi_target('calls', '2026-11', 50,
       'dora@acme.example', NULL) $$), '50', 'an admin sets anybody''s');
SELECT is(pg_temp.act('anna', 'kpi.target', $$ SELECT vendor || target
       FROM kpi_target('calls', '2026-11', 300, NULL, 'beta') $$), 'beta300',
       'a manager sets the vendor''s');
SELECT pg_temp.refused('anna', 'kpi.target', $$ SELECT 1 FROM kpi_target('calls', '2026-11', 1,
       NULL, 'gamma') $$, 'JY005');
SELECT pg_temp.refused('anna', 'kpi.target', $$ SELECT 1 FROM kpi_target('nothing', '2026-11', 1,
       NULL, 'beta') $$, 'JY005');
SELECT pg_temp.refused('anna', 'kpi.target', format($$ SELECT 1 FROM kpi_target('calls', %L, 1,
       NULL, 'beta') $$, p), 'JY003', NULL, p || ' is no month')
FROM unnest(ARRAY['2026-W47', '2026', '2026-11-21', '2026-13', 'x']) AS p;

-- Recording.
SELECT is(pg_temp.act('cleo', 'kpi.record', $$ SELECT attainment FROM kpi_record_value('calls',
       '2026-11', 60, NULL, NULL, NULL) $$), '0.75', 'one''s own');
SELECT is(pg_temp.act('ben', 'kpi.record', $$ SELECT actual FROM kpi_record_value('calls',
       '2026-11', 70, 'cleo@acme.example', NULL, 'seen') $$), '70', 'for somebody below');
SELECT is(string_agg(value || ' by ' || m.name, ', ' ORDER BY r.id), '60 by cleo, 70 by ben',
       'all records are kept') FROM kpi_record AS r JOIN member AS m ON m.id = r.member_id;
SELECT pg_temp.refused('cleo', 'kpi.record', $$ SELECT 1 FROM kpi_record_value('calls', '2026-11',
       1, 'dora@acme.example', NULL, NULL) $$, 'JY007');
SELECT is(pg_temp.act('cleo', 'kpi.record', $$ SELECT coalesce(target,
       'none') || coalesce(attainment, 'none') FROM kpi_record_value('calls', '2026-12', 5, NULL,
       NULL, NULL) $$),
          'nonenone', 'without a target there is no attainment');
SELECT is(pg_temp.act('vito', 'kpi.record', $$ SELECT company || actual || attainment
       FROM kpi_record_value('calls', '2026-11', 100, NULL, NULL, NULL) $$), 'acme1000.3333',
       'the vendor records for the principal');
SELECT pg_temp.refused('vito', 'kpi.record', $$ SELECT 1 FROM kpi_record_value('calls', '2026-12',
       1, NULL, NULL, NULL) $$, 'JY005', 'acme has set us no target for calls in 2026-12');
SELECT pg_temp.refused('gina', 'kpi.record', $$ SELECT 1 FROM kpi_record_value('calls', '2026-11',
       1, NULL, NULL, NULL) $$, 'JY005', 'no KPI calls');
SELECT is(pg_temp.answer('bboss', 'kpi.define', pg_temp.define('calls', 'month', 'down')) ->> 'direction', 'down',
       'the vendor has such a code too');
SELECT pg_temp.refused('vito', 'kpi.record', $$ SELECT 1 FROM kpi_record_value('calls', '2026-11',
       1, NULL, NULL, NULL) $$, 'JY003',
       'the KPI calls is used by acme, beta; say whose with --to');
SELECT is(pg_temp.act('vito', 'kpi.record', $$ SELECT company || coalesce(member, vendor)
       FROM kpi_record_value('calls', '2026-11', 1, NULL, 'beta', NULL) $$),
       'betavito@beta.example', 'his own company''s');
SELECT is(pg_temp.act('vito', 'kpi.record', $$ SELECT company || coalesce(member, vendor)
       FROM kpi_record_value('calls', '2026-11', 1, NULL, 'acme', NULL) $$), 'acmebeta',
       'or the principal''s');

-- Who sees what.
CREATE FUNCTION pg_temp.lines(name text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.sees($1, 'kpi.read',
           'coalesce(slug_of(vendor_id), split_part(email_of(member_id), ''@'', 1)) FROM kpi_line WHERE period = ''2026-11'' AND company_id = ' || pg_temp.company('acme'))
$$;
SELECT is(pg_temp.lines(name), lines, name || ' sees ' || lines) FROM (VALUES
    ('cleo', 'cleo'), ('dora', 'dora'), ('ben', 'beta,cleo'), ('anna', 'beta,cleo'),
        ('boss', 'beta,cleo,dora'), ('ewa', 'beta,cleo,dora'),
    ('vito', 'beta'), ('vera', 'beta'), ('bboss', 'beta'), ('gina', '')) AS t(name, lines);
SELECT is(pg_temp.sees('vito', 'kpi.read',
       'code FROM kpi WHERE company_id = ' || pg_temp.company('acme')), 'calls',
       'the vendor sees the KPI that has a line for it');
SELECT pg_temp.act('anna', 'kpi.define', pg_temp.define('inner', 'day')) \g /dev/null
SELECT is(pg_temp.sees('vito', 'kpi.read',
       'code FROM kpi WHERE company_id = ' || pg_temp.company('acme')), 'calls', 'and no other');

-- Evaluating, and when the partnership is not active.
SELECT is(pg_temp.act('anna', 'kpi.evaluate', $$ SELECT evaluation || evaluated_by
       FROM kpi_evaluate('calls', '2026-11', NULL, 'beta', 'good') $$), 'goodanna@acme.example',
       'the principal evaluates');
SELECT pg_temp.refused('bboss', 'kpi.evaluate', $$ SELECT 1 FROM kpi_evaluate('calls', '2026-11',
       NULL, 'beta', 'good') $$, 'JY005', NULL, 'the vendor does not');
SELECT pg_temp.refused('anna', 'kpi.evaluate', $$ SELECT 1 FROM kpi_evaluate('calls', '2026-12',
       NULL, 'beta', 'good') $$, 'JY005', 'beta has no target for calls in 2026-12');
UPDATE partnership SET state = 'suspended';
SELECT is(pg_temp.lines('vito'), '', 'suspended: the vendor sees no line');
SELECT is(pg_temp.lines('anna'), 'beta,cleo', 'the principal does');
SELECT pg_temp.refused('vito', 'kpi.record', $$ SELECT 1 FROM kpi_record_value('calls', '2026-11',
       1, NULL, 'acme', NULL) $$, 'JY005', 'no KPI calls of acme');
SELECT pg_temp.refused('anna', 'kpi.target', $$ SELECT 1 FROM kpi_target('calls', '2026-11', 1,
       NULL, 'beta') $$, 'JY009', 'the partnership with beta is suspended, not active');
SELECT throws_ok('UPDATE kpi_record SET value = 1', 'JY009', NULL, 'what was recorded stays');
SELECT throws_ok('DELETE FROM kpi_record', 'JY009', NULL, 'and is not deleted');
SELECT is(kpi_attainment(a, t), w, format('%s of %s', a, t)) FROM (VALUES (1.0, 3.0, '0.3333'),
       (5, 0, NULL), (NULL, 5, NULL), (5, NULL, NULL), (3, 2, '1.5'), (0, 2, '0')) AS x(a, t, w);
SELECT is(kpi_attainment(a, t), w, format('case 17: %s of %s', a, t)) FROM (VALUES
    (124999.0, 125000.0, '0.9999'), (1, 1000000, '0.0001'), (125000, 125000, '1'),
    (999999999999999999, 1000000000000000000, '0.9999'), (0.00000000000000001, 1e18, '0.0001'),
    (2, 3, '0.6666'), (125001, 125000, '1'), (250013, 125000, '2.0001')) AS x(a, t, w);
SELECT is(kpi_reached(d, a, t), w, format('case 17: %s, %s of %s', d, a, t)) FROM (VALUES
    ('up', 124999.0, 125000.0, false), ('up', 5, 5, true), ('up', 6, 5, true), ('down', 0, 0, true),
    ('down', 9, 0, false), ('down', 5, 5, true), ('up', 0, 0, true), ('up', NULL, 5, NULL),
    ('down', 5, NULL, NULL)) AS x(d, a, t, w);
SELECT throws_ok(format('DELETE FROM %s', t), 'JY009', NULL, 'case 16: what is in ' || t || ' stays')
FROM unnest(ARRAY['kpi_target', 'kpi_evaluation']) AS t;

SELECT * FROM finish();
ROLLBACK;
