-- References: kinds, what they name, and who sees it.
\ir fixture.psql
SELECT no_plan();

SELECT is(jiayi.kind(k.kind), k.no, 'kind() knows ' || k.kind) FROM object_kind AS k ORDER BY k.no;

-- Each kind answers: something there is seen by an admin of its company, and nobody else's number is.
INSERT INTO report (company_id, author_id, to_company_id, kind, period)
SELECT m.company_id, m.id, m.company_id, 'daily', '2026-11-20' FROM member AS m WHERE m.name = 'cleo';
INSERT INTO revision (on_kind, on_id, version, member_id, title, body)
SELECT 5, r.id, 1, r.author_id, 'T', 'B' FROM report AS r;
INSERT INTO kpi (company_id, code, name, unit, period, direction)
SELECT id, 'calls', 'Calls', 'n', 'month', 'up' FROM company WHERE slug = 'acme';
INSERT INTO kpi_line (kpi_id, company_id, period, member_id, target)
SELECT k.id, k.company_id, '2026-11', pg_temp.member('cleo'), 1 FROM kpi AS k;
SELECT pg_temp.deal('cleo', 'a deal') AS deal \gset
INSERT INTO contact (company_id, customer_id, name) SELECT d.company_id, d.customer_id, 'K' FROM deal AS d WHERE d.id = :deal;
SELECT pg_temp.act('cleo', 'deal.log', format('INSERT INTO activity (deal_id, company_id, member_id, kind, text)
    VALUES (%s, me_company(), me_member(), ''call'', ''Called.'') RETURNING 1', :deal)) \g /dev/null

INSERT INTO playbook (company_id, code, kind, title, author_id)
VALUES (pg_temp.company('acme'), 'calls', 'play', 'Calls', pg_temp.member('boss'));
INSERT INTO registration (company_id, vendor_id, member_id, title, customer_name, protected_until, due_at)
VALUES (pg_temp.company('acme'), pg_temp.company('beta'), pg_temp.member('vito'), 'a lead', 'Somebody', 'infinity', 'infinity');
INSERT INTO contract (company_id, vendor_id, kind, title, state, version, from_at)
VALUES (pg_temp.company('acme'), pg_temp.company('beta'), 'sales', 'a contract', 'active', 1, now()) RETURNING id AS contract \gset
INSERT INTO contract_version (contract_id, version, company_id, vendor_id, author_company_id, state, title, prose, terms, sha256, from_at)
SELECT c.id, 1, c.company_id, c.vendor_id, c.company_id, 'executed', 'a contract', 'Words', '{}', sha256('x'), now() FROM contract AS c WHERE c.id = :contract;
INSERT INTO payment (company_id, vendor_id, contract_id, contract_version, position, term, payer, amount, currency, due_on)
SELECT c.company_id, c.vendor_id, c.id, 1, 1, 'x', 'principal', 1, 'CNY', '2030-01-31' FROM contract AS c WHERE c.id = :contract;
INSERT INTO case_file (kind, company_id, opened_by, opened_company_id, title, text)
VALUES ('complaint', pg_temp.company('acme'), pg_temp.member('cleo'), pg_temp.company('acme'), 'a case', 'a case');
INSERT INTO invitation (principal_id, slug) VALUES (pg_temp.company('acme'), 'delta');
SELECT pg_temp.act('cleo', 'task.create', pg_temp.method('TaskService/CreateTask', 'title', 'a task')) \g /dev/null

CREATE FUNCTION pg_temp.some(kind text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    found bigint;
BEGIN
    EXECUTE format('SELECT max(id) FROM %s', CASE kind WHEN 'partner' THEN 'jiayi.partnership'
        WHEN 'case' THEN 'jiayi.case_file' WHEN 'member' THEN 'jiayi.member WHERE name = ''cleo''' ELSE 'jiayi.' || kind END) INTO found;
    RETURN found;
END
$$;
SELECT isnt(pg_temp.some(k.kind), NULL, k.kind || ': there is one') FROM object_kind AS k ORDER BY k.no;
SELECT is(pg_temp.act('boss', 'session', format('SELECT concat_ws('','', object_visible(%s::smallint, %s),
        object_company(%1$s::smallint, %2$s) IS NOT NULL, object_title(%1$s::smallint, %2$s) IS NOT NULL,
        object_seen(%3$L), ref(%1$s::smallint, %2$s))',
        k.no, pg_temp.some(k.kind), k.kind || '/' || pg_temp.some(k.kind))),
    format('t,t,t,(%s,%s),%s/%2$s', k.no, pg_temp.some(k.kind), k.kind), k.kind || ': seen')
FROM object_kind AS k ORDER BY k.no;
SELECT is(pg_temp.act('gboss', 'session', format('SELECT concat_ws('','', object_visible(%s::smallint, %s),
        object_company(%1$s::smallint, %2$s), object_title(%1$s::smallint, %2$s))', k.no, pg_temp.some(k.kind))),
    'f', k.kind || ': not seen by a stranger')
FROM object_kind AS k ORDER BY k.no;
SELECT pg_temp.refused('gboss', 'session', format('SELECT object_seen(''deal/%s'')', :deal), 'JY005',
    format('there is no deal/%s that you can see', :deal));
SELECT pg_temp.refused('boss', 'session', 'SELECT object_seen(''rabbit/1'')', 'JY003');
SELECT pg_temp.refused('boss', 'session', 'SELECT object_seen(''deal/999999999999999999'')', 'JY005');

-- Something is said of each kind that takes comments, and stays.
SELECT lives_ok(format('SELECT pg_temp.act(''boss'', ''comment.add'', %L)', format('INSERT INTO comment (on_kind, on_id,
        member_id, text) VALUES (%s, %s, me_member(), ''Said.'') RETURNING 1', k.no, pg_temp.some(k.kind))), k.kind || ': a comment')
FROM object_kind AS k WHERE k.commentable ORDER BY k.no;
SELECT is(pg_temp.sees('boss', 'session', 'k.kind FROM comment AS c JOIN object_kind AS k ON k.no = c.on_kind'),
    string_agg(k.kind, ',' ORDER BY k.kind), 'and is seen with them') FROM object_kind AS k WHERE k.commentable;
SELECT is(pg_temp.sees('gboss', 'session', 'id FROM comment'), '', 'not by a stranger');
SELECT is(c.digest, jiayi.comment_digest(c), 'its digest is of all that decides what it is: ' || c.on_kind) FROM comment AS c
ORDER BY c.on_kind;
SELECT throws_ok('UPDATE comment SET text = ''x''', 'JY009', NULL, 'what was said stays');

-- What has states has transitions, between states that it can have.
SELECT is(c.conname IS NOT NULL, true, format('%s.state can be %s', t.object, s.state))
FROM (SELECT DISTINCT object FROM transition) AS t
CROSS JOIN LATERAL (SELECT from_state FROM transition AS x WHERE x.object = t.object
                    UNION SELECT to_state FROM transition AS x WHERE x.object = t.object) AS s(state)
LEFT JOIN pg_constraint AS c ON c.conrelid = ('jiayi.' || t.object)::regclass AND c.contype = 'c'
    AND pg_get_constraintdef(c.oid) LIKE '%state%' || quote_literal(s.state) || '%'
ORDER BY t.object, s.state;
SELECT is(a.attrelid::regclass::text, NULL, 'a table with states has no transitions')
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind = 'r'
    AND c.relnamespace = 'jiayi'::regnamespace
WHERE a.attname = 'state' AND c.relname <> 'member_span' AND NOT EXISTS (SELECT FROM transition AS t WHERE t.object = c.relname);
SELECT * FROM finish();
ROLLBACK;
