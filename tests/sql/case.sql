-- Cases and registrations: whoever may bring one from a state into another by the table transition can, and nobody else; and by when
-- a case is to be answered.
\ir fixture.psql
SELECT no_plan();

-- A rival of beta's.
INSERT INTO company (slug, name) VALUES ('delta', 'Delta');
SELECT pg_temp.join_company('dboss', 'delta', 'admin') \g /dev/null
SELECT pg_temp.partners('acme', 'delta') \g /dev/null

-- One of each kind: vito of beta, or cleo of acme, opened it, and anna handles it.
CREATE TEMP TABLE made AS
WITH c AS (
    INSERT INTO case_file (kind, company_id, vendor_id, other_vendor_id, opened_by, opened_company_id, handler_id, title, text, answer_by, clause)
    SELECT k.kind, pg_temp.company('acme'), CASE WHEN k.who = 'vito' THEN pg_temp.company('beta') END,
        CASE k.kind WHEN 'conflict' THEN pg_temp.company('delta') END, pg_temp.member(k.who),
        CASE k.who WHEN 'vito' THEN pg_temp.company('beta') ELSE pg_temp.company('acme') END, pg_temp.member('anna'), 'T', 'T', now(), CASE k.kind WHEN 'breach' THEN 1 END
    FROM (VALUES ('conflict', 'vito'), ('breach', 'vito'), ('dispute', 'vito'), ('complaint', 'cleo'), ('support', 'vito'),
        ('suggestion', 'cleo')) AS k(kind, who)
    RETURNING id, kind
)
SELECT c.id, c.kind FROM c;

-- What becomes of it, if somebody tries.
CREATE FUNCTION pg_temp.tries(who text, needs text, "table" text, id bigint, before text, after text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    done text;
BEGIN
    EXECUTE format('UPDATE jiayi.%I SET state = %L%s WHERE id = %s', $3, before, current_setting('test.more', true), id);
    done := pg_temp.act(who, needs, format('UPDATE %I SET state = %L WHERE id = %s RETURNING state', $3, after, id));
    RETURN coalesce(done = after, false);
EXCEPTION WHEN SQLSTATE 'JY009' OR SQLSTATE 'JY007' THEN
    RETURN false;
END
$$;

-- Each side of each kind, and who acts for it.
CREATE TEMP TABLE actor AS
SELECT * FROM (VALUES ('conflict', 'opener', 'vito', 'case.open'), ('conflict', 'other', 'dboss', 'case.open'), ('conflict', 'handler', 'anna', 'case.handle'),
    ('breach', 'opener', 'vito', 'case.open'), ('breach', 'other', 'boss', 'case.open'),
    ('dispute', 'opener', 'vito', 'case.open'), ('dispute', 'other', 'boss', 'case.open'),
    ('complaint', 'opener', 'cleo', 'case.open'), ('complaint', 'handler', 'anna', 'case.handle'),
    ('support', 'opener', 'vito', 'case.open'), ('support', 'handler', 'anna', 'case.handle'),
    ('suggestion', 'opener', 'cleo', 'case.open'), ('suggestion', 'handler', 'anna', 'case.handle')) AS v(kind, side, who, needs);
CREATE TEMP TABLE tried AS
WITH state AS (SELECT DISTINCT t.variant AS kind, s.name FROM transition AS t, LATERAL (VALUES (t.from_state), (t.to_state)) AS s(name) WHERE t.object = 'case_file')
SELECT a.kind, a.side, b.name AS before, n.name AS after, pg_temp.tries(a.who, a.needs, 'case_file', m.id, b.name, n.name) AS done,
    EXISTS (SELECT FROM transition AS t WHERE t.object = 'case_file' AND t.variant = a.kind AND t.side = a.side
        AND t.from_state = b.name AND t.to_state = n.name) AS may
FROM actor AS a JOIN made AS m USING (kind) JOIN state AS b USING (kind) JOIN state AS n USING (kind) WHERE b.name <> n.name;
SELECT is(string_agg(concat_ws(' ', t.side, t.before, t.after, CASE WHEN t.done THEN 'could' ELSE 'could not' END), ', ' ORDER BY t.side, t.before, t.after)
        FILTER (WHERE t.done <> t.may), NULL, format('%s: %s steps that are taken, %s that are refused', t.kind, count(*) FILTER (WHERE t.may),
        count(*) FILTER (WHERE NOT t.may)))
FROM tried AS t GROUP BY t.kind ORDER BY t.kind;
SELECT is((SELECT string_agg(DISTINCT t.variant || ' ' || t.side, ', ') FROM transition AS t WHERE t.object = 'case_file' AND t.side <> 'server'
    AND NOT EXISTS (SELECT FROM actor AS a WHERE a.kind = t.variant AND a.side = t.side)), NULL, 'every side of every kind was asked');
-- Who is no side takes none.
SELECT is(count(*) FILTER (WHERE pg_temp.tries(w.who, w.needs, 'case_file', m.id, t.from_state, t.to_state)), 0::bigint, w.who || ' takes none')
FROM (VALUES ('gboss', 'case.open'), ('vera', 'case.open'), ('cleo', 'case.handle')) AS w(who, needs)
JOIN made AS m ON m.kind <> 'suggestion' JOIN transition AS t ON t.object = 'case_file' AND t.variant = m.kind
WHERE w.who <> 'cleo' OR m.kind <> 'complaint' GROUP BY w.who;

-- Registrations: the principal's people and the vendor's.
INSERT INTO registration (company_id, vendor_id, member_id, owner_id, title, customer_name, protected_until, due_at)
VALUES (pg_temp.company('acme'), pg_temp.company('beta'), pg_temp.member('vito'), pg_temp.member('anna'), 'T', 'C', now() + interval '9 days', now())
RETURNING id \gset
-- What is approved has a deal.
SELECT set_config('test.more', format(', deal_id = %s', pg_temp.deal('anna', 'D', true)), true) \g /dev/null
CREATE TEMP TABLE tried_too AS
SELECT a.side, b.name AS before, n.name AS after, pg_temp.tries(a.who, a.needs, 'registration', :id, b.name, n.name) AS done,
    EXISTS (SELECT FROM transition AS t WHERE t.object = 'registration' AND t.side = a.side AND t.from_state = b.name AND t.to_state = n.name) AS may
FROM (VALUES ('principal', 'anna', 'registration.decide'), ('vendor', 'vito', 'registration.create')) AS a(side, who, needs),
    (SELECT DISTINCT s.name FROM transition AS t, LATERAL (VALUES (t.from_state), (t.to_state)) AS s(name) WHERE t.object = 'registration') AS b,
    (SELECT DISTINCT s.name FROM transition AS t, LATERAL (VALUES (t.from_state), (t.to_state)) AS s(name) WHERE t.object = 'registration') AS n
WHERE b.name <> n.name;
SELECT is(string_agg(concat_ws(' ', t.side, t.before, t.after, CASE WHEN t.done THEN 'could' ELSE 'could not' END), ', ' ORDER BY t.side, t.before, t.after)
        FILTER (WHERE t.done <> t.may), NULL, format('registrations: %s steps that are taken, %s that are refused', count(*) FILTER (WHERE t.may),
        count(*) FILTER (WHERE NOT t.may)))
FROM tried_too AS t;

-- Within how many days: what the company says, else what is usual.
SELECT is(case_days(pg_temp.company('acme'), k, s), d, concat_ws(' ', k, s, 'within', d))
FROM (VALUES ('complaint', 1, 1), ('complaint', 4, 10), ('support', 2, 2), ('support', NULL, 5), ('conflict', NULL, 5), ('breach', NULL, 10),
    ('dispute', NULL, 10), ('suggestion', NULL, 20)) AS v(k, s, d);
SELECT pg_temp.act('boss', 'company.manage', 'SELECT case_target_set(''complaint'', 1, 3), case_target_set(''dispute'', NULL, 7)') \g /dev/null
SELECT is(concat_ws(' ', case_days(c, 'complaint', 1), case_days(c, 'complaint', 2), case_days(c, 'dispute', NULL), case_days(c, 'breach', NULL)), said, slug)
FROM (VALUES ('acme', '3 2 7 10'), ('beta', '1 2 10 10')) AS v(slug, said), LATERAL pg_temp.company(slug) AS c;

SELECT * FROM finish();
ROLLBACK;
