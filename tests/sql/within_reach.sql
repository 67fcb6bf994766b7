-- Comments without a thing being named: everybody reads what the policies let them see, whoever has the things by now, and nobody
-- passes those of others.
\ir fixture.psql
\ir plan.psql
SELECT no_plan();

SELECT pg_temp.deal('cleo', 'Quokka', true) AS deal, pg_temp.deal('dora', 'Emu') AS other, pg_temp.deal('gina', 'Roo') AS strange \gset
SELECT d.customer_id AS customer FROM deal AS d WHERE d.id = :deal \gset
UPDATE customer SET owner_id = pg_temp.member('dora') WHERE id = :customer;
INSERT INTO task (company_id, on_kind, on_id, title, assignee_id, created_by) VALUES
    (pg_temp.company('acme'), kind('deal'), :deal, 'On the deal', pg_temp.member('dora'), pg_temp.member('boss')) RETURNING id AS task \gset
INSERT INTO task (company_id, on_kind, on_id, title, assignee_id, created_by) VALUES
    (pg_temp.company('acme'), kind('task'), :task, 'A part', pg_temp.member('boss'), pg_temp.member('boss')) RETURNING id AS part \gset
INSERT INTO task (company_id, title, assignee_id, created_by) VALUES
    (pg_temp.company('acme'), 'Alone', pg_temp.member('ben'), pg_temp.member('dora')) RETURNING id AS alone \gset
INSERT INTO task (company_id, on_kind, on_id, title, assignee_id, created_by) VALUES
    (pg_temp.company('beta'), kind('deal'), :deal, 'Ours', pg_temp.member('vito'), pg_temp.member('vito')) RETURNING id AS beta_task \gset
INSERT INTO activity (deal_id, company_id, author_company_id, member_id, kind, text)
SELECT d.id, d.company_id, d.company_id, d.owner_id, 'call', 'said' FROM deal AS d WHERE d.id = :deal RETURNING id AS activity \gset
INSERT INTO report (company_id, author_id, to_company_id, kind, period)
VALUES (pg_temp.company('acme'), pg_temp.member('cleo'), pg_temp.company('acme'), 'daily', '2026-01-05') RETURNING id AS report \gset
SELECT p.id AS partner FROM partnership AS p WHERE p.principal_id = pg_temp.company('acme') \gset
SET LOCAL session_replication_role = replica;
INSERT INTO payment (company_id, vendor_id, contract_id, contract_version, position, term, payer, amount, currency, due_on, due_at, state, turn)
SELECT c.company_id, c.vendor_id, c.id, 1, 1, 1, 'vendor', 1, 'CNY', '2026-01-01', '2026-01-02', 'due', 'vendor'
FROM contract AS c WHERE c.company_id = pg_temp.company('acme') RETURNING id AS payment \gset
SET LOCAL session_replication_role = origin;
INSERT INTO comment (on_kind, on_id, member_id, text, audience, topic)
SELECT kind(k), i, pg_temp.member(m), k || ' by ' || m, a, t FROM (VALUES
    ('deal', :deal, 'cleo'), ('deal', :deal, 'vito'), ('deal', :other, 'dora'), ('deal', :strange, 'gina'), ('customer', :customer, 'dora'),
    ('task', :task, 'boss'), ('task', :part, 'boss'), ('task', :alone, 'ben'), ('task', :beta_task, 'vito'), ('activity', :activity, 'cleo'), ('report', :report, 'cleo'),
    ('partner', :partner, 'boss'), ('partner', :partner, 'bboss'), ('payment', :payment, 'boss'), ('payment', :payment, 'bboss')) AS v(k, i, m),
    unnest('{shared,internal}'::text[]) AS a, unnest('{comment,need}'::text[]) AS t;

-- What the list has, and what the policies show of these; somebody at least has to see some.
CREATE FUNCTION pg_temp.all_read(moment text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT is(pg_temp.act(n, 'session', format('SELECT count(*) || '': '' || string_agg(x.id::text, '' '' ORDER BY x.id) FROM (%s) AS x',
                  pg_temp.variant('CommentService/ListComments', VARIADIC f))),
              pg_temp.act(n, 'session', format('SELECT count(*) || '': '' || string_agg(c.id::text, '' '' ORDER BY c.id) FROM comment AS c '
                  'WHERE me_company() IN (c.company_id, c.author_company_id) AND c.topic LIKE %L', CASE f[1] WHEN 'topic' THEN f[2] ELSE '%' END)), moment || ': ' || n || f::text)
    FROM unnest('{boss,anna,ben,cleo,dora,ewa,bboss,vito,vera,gboss,gina,op}'::text[]) AS n, (VALUES ('{topic,need}'::text[]), ('{page_size,51}')) AS v(f)
$$;
SELECT pg_temp.all_read('as it was said');
CREATE FUNCTION pg_temp.near(name text) RETURNS text LANGUAGE sql AS
$$ SELECT pg_temp.act(name, 'session', 'SELECT string_agg(f.id::text, '' '' ORDER BY f.id) FROM comment_candidates(NULL, ''-infinity'', ''infinity'', 0, 51) AS f') $$;
SELECT is(c.id::text = ANY (string_to_array(pg_temp.near('cleo'), ' ')), c.text ~ 'deal by cleo', 'cleo comes near: ' || c.text || ' of ' || c.on_id)
FROM comment AS c WHERE c.on_kind = kind('deal') AND c.on_id IN (:deal, :other) AND c.audience = 'internal' AND c.topic = 'need';

UPDATE deal SET owner_id = pg_temp.member('dora') WHERE id = :deal;
SELECT pg_temp.all_read('another has the deal');
UPDATE customer SET owner_id = pg_temp.member('cleo') WHERE id = :customer;
SELECT pg_temp.all_read('another has the customer');
UPDATE task SET assignee_id = pg_temp.member('cleo') WHERE id IN (:alone, :part);
SELECT pg_temp.all_read('another has the tasks');
INSERT INTO participant (on_kind, on_id, member_id, company_id, member_company_id, function, added_by)
SELECT kind('deal'), :other, m.id, pg_temp.company('acme'), m.company_id, 'helper', pg_temp.member('boss') FROM member AS m WHERE m.name = 'cleo';
SELECT pg_temp.all_read('somebody takes part');
DELETE FROM participant WHERE on_id = :other;
SELECT pg_temp.all_read('and no more');
UPDATE deal SET vendor_id = NULL, shared_version = NULL WHERE id = :deal;
SELECT pg_temp.all_read('no more shared');

-- Who sees little comes to nothing of what others said meanwhile, and reads all pages.
INSERT INTO comment (on_kind, on_id, member_id, text, at)
SELECT kind('deal'), CASE i % 40 WHEN 0 THEN :deal ELSE :other END, pg_temp.member('dora'), 'more ' || i, now() + i * interval '1 second' FROM generate_series(1, 4000) AS i;
UPDATE deal SET owner_id = pg_temp.member('cleo') WHERE id = :deal;
ANALYZE comment_reach;
SELECT is(pg_temp.paged(n, 'session', 'id', 90, 'CommentService/ListComments'), pg_temp.act(n, 'session', 'SELECT string_agg(c.id::text, '' '' ORDER BY c.at DESC, c.id DESC) FROM '
    'comment AS c WHERE me_company() IN (c.company_id, c.author_company_id)'), n || ' reads all pages') FROM unnest('{cleo,anna,dora,boss}'::text[]) AS n;
SELECT is(count(*)::int, 0, 'what a company says on what it has is found by somebody') FROM comment AS c WHERE c.author_company_id = c.company_id
    AND NOT EXISTS (SELECT FROM comment_reach AS r WHERE r.comment_id = c.id);
SELECT is(has_table_privilege('jiayi_app', 'jiayi.comment_reach', 'SELECT'), false, 'the table is closed');
SELECT * FROM finish();
ROLLBACK;
