-- Customers on which several work: who sees which, that what is kept for it follows what changes, and what the list reads.
\ir fixture.psql
\ir plan.psql
SELECT no_plan();

CREATE FUNCTION pg_temp.customer(title text, owner text) RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO jiayi.customer (company_id, name, owner_id) VALUES (pg_temp.company('acme'), $1, pg_temp.member($2)) RETURNING id
$$;
CREATE FUNCTION pg_temp.with_customer(title text, customer bigint, owner text) RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO jiayi.deal (company_id, title, customer_id, owner_id) VALUES (pg_temp.company('acme'), $1, $2, pg_temp.member($3)) RETURNING id
$$;
-- The list, and what it is by definition, of what somebody sees.
CREATE FUNCTION pg_temp.listed(who text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(pg_temp.act($1, 'customer.read', format('SELECT string_agg(o.name || ''='' || coalesce(split_part(o.owner, ''@'', 1), ''-'') || '':''
        || regexp_replace(array_to_string(o.deal_owners, ''+''), ''@[a-z.]*'', '''', ''g''), '' '' ORDER BY o.name) FROM (%s) AS o',
        pg_temp.variant('CustomerService/ListOverlaps', VARIADIC '{}'))), '')
$$;
CREATE FUNCTION pg_temp.ids(who text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.sees($1, 'customer.read', format('o.id FROM (%s) AS o', pg_temp.variant('CustomerService/ListOverlaps', VARIADIC '{}')))
$$;
CREATE FUNCTION pg_temp.defined(who text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.sees($1, 'customer.read', 'c.id FROM customer AS c WHERE c.company_id = me_company() AND c.state <> ''merged''
        AND EXISTS (SELECT FROM deal AS d WHERE d.customer_id = c.id AND d.outcome = ''open'' AND d.owner_id IS DISTINCT FROM c.owner_id)')
$$;
-- Of each deal whether what is kept of its customer is what that says.
CREATE FUNCTION pg_temp.wrong() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM jiayi.deal AS d JOIN jiayi.customer AS c ON c.id = d.customer_id LEFT JOIN jiayi.deal_pulse AS p ON p.deal_id = d.id
    WHERE (p.customer_id, p.customer_owner_id) IS DISTINCT FROM
        (CASE p.company_id WHEN d.company_id THEN c.id END, CASE p.company_id WHEN d.company_id THEN coalesce(c.owner_id, 0) END)
$$;

SELECT pg_temp.customer('both', 'cleo') AS both, pg_temp.customer('cleos', 'cleo') AS cleos, pg_temp.customer('doras', 'dora') AS doras,
    pg_temp.customer('free', NULL) AS free \gset
SELECT pg_temp.with_customer('a', :both, 'cleo'), pg_temp.with_customer('c', :cleos, 'cleo') \g /dev/null
SELECT pg_temp.with_customer('b', :both, 'dora') AS b, pg_temp.with_customer('d', :doras, 'dora') AS d, pg_temp.with_customer('f', :free, 'cleo') AS f \gset
SELECT is(pg_temp.listed(n), l, 'several work on: ' || n) FROM (VALUES ('boss', 'both=cleo:cleo+dora free=-:cleo'),
    ('ewa', 'both=cleo:cleo+dora free=-:cleo'), ('ben', 'free=-:cleo'), ('cleo', 'free=-:cleo'), ('dora', 'both=cleo:dora'), ('vito', ''), ('gina', ''))
    AS v(n, l);
INSERT INTO participant (on_kind, on_id, member_id, function, added_by) VALUES (3, :b, pg_temp.member('cleo'), 'helper', pg_temp.member('dora'));
SELECT is(pg_temp.listed('cleo'), 'both=cleo:cleo+dora free=-:cleo', 'who takes part in a deal sees it');

-- What changes.
UPDATE deal SET owner_id = pg_temp.member('ben') WHERE id = :d;
SELECT is(pg_temp.listed('boss'), 'both=cleo:cleo+dora doras=dora:ben free=-:cleo', 'a deal''s owner');
UPDATE customer SET owner_id = pg_temp.member('cleo') WHERE id = :free;
UPDATE customer SET owner_id = NULL WHERE id = :cleos;
SELECT is(pg_temp.listed('boss'), 'both=cleo:cleo+dora cleos=-:cleo doras=dora:ben', 'a customer''s');
UPDATE deal SET customer_id = :doras WHERE id = :f;
SELECT is(pg_temp.listed('boss'), 'both=cleo:cleo+dora cleos=-:cleo doras=dora:ben+cleo', 'a deal''s customer');
SELECT pg_temp.act('boss', 'deal.move', format('UPDATE deal SET stage = ''lost'', stage_reason = ''r'', lost_code = ''price'' WHERE id = %s RETURNING id', :b)) \g /dev/null
SELECT is(pg_temp.listed('boss'), 'cleos=-:cleo doras=dora:ben+cleo', 'what is closed is no work');
SELECT pg_temp.act('boss', 'deal.move', format('UPDATE deal SET stage = ''new'' WHERE id = %s RETURNING id', :b)) \g /dev/null
SELECT is(pg_temp.listed('boss'), 'both=cleo:cleo+dora cleos=-:cleo doras=dora:ben+cleo', 'and is again');
SELECT pg_temp.act('boss', 'customer.merge', format('SELECT customer_merge(%s, %s, NULL, ''one'')', :cleos, :both)) \g /dev/null
SELECT is(pg_temp.listed('boss'), 'both=cleo:cleo+dora doras=dora:ben+cleo', 'customers that become one');
UPDATE deal SET vendor_id = pg_temp.company('beta') WHERE id IN (:b, :f);
SELECT is(pg_temp.listed('vito'), '', 'a vendor lists none of a principal''s');
SELECT is(pg_temp.wrong(), 0::bigint, 'what is kept is what deals and customers say');
SELECT pg_temp.act('boss', 'member.handover', $$ SELECT deals FROM hand_over('dora@acme.example', 'ben@acme.example', 'n', NULL, false) $$) \g /dev/null
SELECT is(pg_temp.listed('boss'), 'both=cleo:ben+cleo doras=ben:ben+cleo', 'what is handed over, of all at once: also others'' deals with a customer');
SELECT pg_temp.act('boss', 'member.handover', format($$ SELECT deals FROM hand_over('cleo@acme.example', 'dora@acme.example', 'n', '{%s}', false) $$, :both)) \g /dev/null
SELECT is(pg_temp.listed('boss'), 'both=dora:ben+dora doras=ben:ben+cleo', 'of one customer');
SELECT is(pg_temp.wrong(), 0::bigint, 'and is still');

-- A handover writes by itself, for all of its things at once, what triggers write of one: in the log what has changed and nothing else,
-- in a deal's history who has it, for searches that it has changed, and an event where somebody else follows.
INSERT INTO subscription (member_id, on_kind, on_id) VALUES (pg_temp.member('dora'), 3, :d), (pg_temp.member('ben'), 3, :d), (pg_temp.member('ben'), 3, :b);
CREATE TEMP TABLE was AS SELECT 'deal' AS object, d.id, to_jsonb(d) AS row FROM deal AS d UNION ALL SELECT 'customer', c.id,
    to_jsonb(c) - '{name_key,registration_key}'::text[] FROM customer AS c;
SELECT max(a.id) AS log FROM audit_log AS a \gset
SELECT max(e.id) AS event FROM event AS e \gset
DELETE FROM search_todo;
SELECT is(pg_temp.act('boss', 'member.handover', $$ SELECT customers || ' ' || deals FROM hand_over('ben@acme.example', 'anna@acme.example', 'n', NULL, false) $$),
    '1 2', 'a customer and two deals');
CREATE TEMP TABLE now AS SELECT w.object, w.id, w.row AS was, coalesce((SELECT to_jsonb(d) FROM deal AS d WHERE w.object = 'deal' AND d.id = w.id),
    (SELECT to_jsonb(c) - '{name_key,registration_key}'::text[] FROM customer AS c WHERE w.object = 'customer' AND c.id = w.id)) AS row FROM was AS w;
SELECT is((SELECT string_agg(concat_ws(' ', a.object, a.object_id, a.action, a.company_id = pg_temp.company('acme'), a.member, a.before, a.after), E'\n' ORDER BY a.object, a.object_id)
        FROM audit_log AS a WHERE a.id > :log AND a.object IN ('deal', 'customer')),
    (SELECT string_agg(concat_ws(' ', n.object, n.id, 'update', true, 'boss@acme.example',
        (SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(n.was) AS o WHERE o.value IS DISTINCT FROM n.row -> o.key),
        (SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(n.row) AS o WHERE o.value IS DISTINCT FROM n.was -> o.key)), E'\n' ORDER BY n.object, n.id::text)
        FROM now AS n WHERE n.was <> n.row), 'the log has what has changed of each');
SELECT is((SELECT string_agg(concat_ws(' ', s.deal_id, s.seq, s.kind, s.stage, s.outcome, s.owner_id, s.member_id, s.entered_at, s.counted_on), E'\n' ORDER BY s.deal_id)
        FROM deal_stage AS s JOIN now AS n ON n.object = 'deal' AND n.id = s.deal_id AND n.was <> n.row AND s.seq = (n.row ->> 'version')::int),
    (SELECT string_agg(concat_ws(' ', d.id, d.version, 'owner', d.stage, d.outcome, pg_temp.member('anna'), pg_temp.member('boss'), d.updated_at,
        company_day(d.company_id, d.updated_at)), E'\n' ORDER BY d.id) FROM deal AS d JOIN now AS n ON n.object = 'deal' AND n.id = d.id AND n.was <> n.row),
    'the histories have who has it');
SELECT is(string_agg(x.kind || ' ' || x.on_id, ',' ORDER BY x.kind, x.on_id), (SELECT string_agg(n.object || ' ' || n.id, ',' ORDER BY n.object, n.id)
    FROM now AS n WHERE n.was <> n.row), 'what is searched is worked out anew') FROM search_todo AS x WHERE x.kind IN ('deal', 'customer');
SELECT is(string_agg(concat_ws(' ', e.kind, e.on_kind, e.on_id), ',' ORDER BY e.id), format('deal.assigned 3 %s,member.handed_over 21 %s', :d, pg_temp.member('ben')),
    'who follows is told, and nobody of what only who hands over followed') FROM event AS e WHERE e.id > :event;

-- What it reads, and who sees what of much: thousands of deals, of ten people whom tina is above, and as many others.
SELECT pg_temp.join_company('tina', 'acme', 'manager') \g /dev/null
SELECT pg_temp.join_company('t' || i, 'acme', 'salesperson', CASE WHEN i <= 10 THEN 'tina' END) FROM generate_series(1, 20) AS i \g /dev/null
CREATE TEMP TABLE t AS SELECT i, pg_temp.member('t' || i) AS id FROM generate_series(1, 20) AS i;
INSERT INTO customer (company_id, name, owner_id)
SELECT pg_temp.company('acme'), 'many ' || n, t.id FROM generate_series(1, 2000) AS n LEFT JOIN t ON t.i = 1 + n * 7919 % 25;
-- Each has deals with the next customers as well, two with every third: most of the first hundreds are t3's.
INSERT INTO deal (company_id, title, customer_id, owner_id)
SELECT c.company_id, 'many', c.id, t.id
FROM (SELECT c.*, substr(c.name, 6)::int AS n FROM customer AS c WHERE c.name LIKE 'many %') AS c
CROSS JOIN generate_series(1, 4) AS k JOIN t ON t.i = CASE WHEN c.n > 1700 AND k = 1 THEN 3 ELSE 1 + (c.n * 31 + k) % 20 END
WHERE k <= 2 + c.n % 3;
ANALYZE deal; ANALYZE deal_pulse; ANALYZE customer; ANALYZE participant;
SELECT is(pg_temp.wrong(), 0::bigint, 'of many deals at once');
SELECT is(regexp_replace(pg_temp.reads('boss', 'customer.read', 'deal_pulse', 'CustomerService/ListOverlaps'), ' 1[0-9][0-9]/', ' 1xx/'), 'deal_pulse_overlap 1xx/0', 'a company''s, in order: two to four deals with each customer');
SELECT is(regexp_replace(pg_temp.reads('t3', 'customer.read', 'deal_pulse', 'CustomerService/ListOverlaps'), ' 5[0-9]/', ' 5x/'), 'deal_pulse_overlap_of_member 5x/0', 'one''s own');
SELECT ok(pg_temp.reads('tina', 'customer.read', 'deal_pulse', 'CustomerService/ListOverlaps') LIKE 'deal_pulse_overlap_of_member %/0', 'a team''s');
SELECT is(pg_temp.ids(n), (SELECT coalesce(string_agg(i, ',' ORDER BY i::bigint), '') FROM (
    SELECT i FROM string_to_table(pg_temp.defined(n), ',') AS i ORDER BY i::bigint DESC LIMIT 51) AS x), 'the newest that one sees: ' || n)
FROM unnest('{boss,ewa,tina,t1,t3,t15,ben,cleo,dora}'::text[]) AS n;
SELECT is(pg_temp.paged(n, 'customer.read', 'id', 100, 'CustomerService/ListOverlaps'),
    (SELECT string_agg(i, ' ' ORDER BY i::bigint DESC) FROM string_to_table(pg_temp.defined(n), ',') AS i), 'all pages of it: ' || n)
FROM unnest('{boss,tina,t1,t3,cleo}'::text[]) AS n;

SELECT * FROM finish();
ROLLBACK;
