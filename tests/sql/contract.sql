-- What partners share follows from a contract that is in force, by the clock (MC2), and what comes back after a break
-- (case 20). A transaction's now() stands still: so contracts' edges are laid around it.
\ir fixture.psql
SELECT no_plan();

SELECT pg_temp.deal('cleo', 'd', true) AS deal \gset
SELECT c.id AS framework FROM contract AS c WHERE c.vendor_id = pg_temp.company('beta') \gset
CREATE FUNCTION pg_temp.titles(name text) RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(pg_temp.act($1, 'deal.read', 'SELECT string_agg(title, '','' ORDER BY id) FROM deal'), '') $$;
CREATE FUNCTION pg_temp.logged(name text) RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(pg_temp.act($1, 'deal.read', 'SELECT string_agg(text, '' '' ORDER BY id) FROM activity'), '') $$;
CREATE FUNCTION pg_temp.log(name text, deal bigint, what text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'deal.log', format('INSERT INTO activity (deal_id, company_id, member_id, kind, text)
        SELECT id, company_id, me_member(), ''call'', %L FROM deal WHERE id = %s RETURNING text', $3, $2))
$$;
-- A contract of acme's with beta that was signed by both, as the server's owner would make it.
CREATE FUNCTION pg_temp.signed(starts timestamptz, ends timestamptz, kind text DEFAULT 'sales') RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO jiayi.contract (company_id, vendor_id, kind, title, state, from_at, to_at)
    VALUES (pg_temp.company('acme'), pg_temp.company('beta'), $3, 'Agreement', 'active', $1, $2) RETURNING id
$$;
CREATE FUNCTION pg_temp.term(contract bigint, starts timestamptz, ends timestamptz) RETURNS text LANGUAGE sql AS $$
    UPDATE jiayi.contract SET from_at = $2, to_at = $3 WHERE id = $1;
    SELECT pg_temp.titles('vito');
$$;
CREATE FUNCTION pg_temp.bring(contract bigint, word text) RETURNS text LANGUAGE sql AS $$
    UPDATE jiayi.contract SET state = $2 WHERE id = $1;
    SELECT pg_temp.titles('vito');
$$;

-- To the second. A framework alone has no day to wait for.
UPDATE contract SET kind = 'sales' WHERE id = :framework;
SELECT is(pg_temp.term(:framework, now() + starts, now() + ends), CASE WHEN seen THEN 'd' ELSE '' END, what)
FROM (VALUES (interval '1 second', interval '1 hour', false, 'a second before it begins'),
    ('1 microsecond', '1 hour', false, 'a microsecond before'), ('0', '1 hour', true, 'when it begins'),
    ('-1 second', '1 hour', true, 'a second after'), ('-1 hour', '1 second', true, 'a second before it expires'),
    ('-1 hour', '1 microsecond', true, 'a microsecond before'), ('-1 hour', '0', false, 'when it expires'),
    ('-1 hour', '-1 second', false, 'a second after')) AS x(starts, ends, seen, what);
UPDATE contract SET kind = 'framework' WHERE id = :framework;
SELECT is(pg_temp.term(:framework, now() + interval '1 day', now() + interval '2 days'), 'd', 'a framework holds though the clock went back');
SELECT pg_temp.term(:framework, now() - interval '1 hour', now() - interval '1 second') \g /dev/null
-- Nothing else of another's: the lists of words, the stages, names, tasks, lines, what is told.
SELECT is(pg_temp.act('vito', 'deal.read', 'SELECT me_principals()::text'), NULL, 'expired: nobody shares');
SELECT is(pg_temp.sees('vito', 'deal.read', 'name FROM stage WHERE company_id <> me_company()'), '', 'expired: no stages');
SELECT is(pg_temp.act('vito', 'deal.read', 'SELECT count(*)::text FROM customer'), '0',
    'expired: no names of customers');
SELECT pg_temp.refused('cleo', 'deal.update', 'SELECT vendor_by_slug(''beta'')', 'JY009',
    'no contract with beta is in force; see: jiayi contract list');
SELECT pg_temp.refused('vito', 'report.submit', 'SELECT addressee_by_slug(''acme'')', 'JY009',
    'no contract with acme is in force; see: jiayi contract list');
SELECT pg_temp.refused('cleo', 'participant.manage', format('INSERT INTO participant (on_kind, on_id, member_id, function, added_by)
    VALUES (3, %s, %s, ''helper'', me_member()) RETURNING 1', :deal, pg_temp.member('vito')), 'JY009', NULL, 'expired: nobody of it takes part');
SELECT is(member_sees(m, kind('deal'), :deal), false, 'expired: nobody of it is told') FROM member AS m WHERE m.name = 'vito';
-- In the middle of a call: one call has one moment, that of its beginning.
SELECT pg_temp.sign('vito', 'deal.read') \g /dev/null
SELECT coalesce(max(title), 'nothing') AS before FROM deal \gset
RESET ROLE;
UPDATE contract SET to_at = now() + interval '1 second' WHERE id = :framework;
SET LOCAL ROLE jiayi_app;
SELECT coalesce(max(title), 'nothing') AS after FROM deal \gset
RESET ROLE;
SELECT pg_temp.leave() \g /dev/null
SELECT is(:'before' || '/' || :'after', 'nothing/nothing', 'what a call began with it goes on with');

-- Suspended, by the contract and by the partnership; back as it was.
SELECT is(pg_temp.term(:framework, now() - interval '1 hour', 'infinity'), 'd', 'in force');
SELECT pg_temp.log('cleo', :deal, 'one') \g /dev/null
SELECT is(pg_temp.bring(:framework, 'suspended'), '', 'a suspended contract shares nothing');
SELECT is(pg_temp.bring(:framework, 'active') || ' ' || pg_temp.logged('vito'), 'd one', 'resumed: what was shared is');
UPDATE partnership SET state = 'suspended';
SELECT is(pg_temp.titles('vito'), '', 'a suspended partnership shares nothing');
SELECT is(member_sees(m, kind('deal'), :deal), false, 'nor is anybody told') FROM member AS m WHERE m.name = 'vito';
UPDATE partnership SET state = 'active';
SELECT is(pg_temp.titles('vito') || ' ' || pg_temp.logged('vito'), 'd one', 'resumed: likewise');

-- A full contract in the framework's place, timely renewal, a gap between two that were signed in time.
SELECT pg_temp.signed(now() - interval '1 minute', now() + interval '1 day') AS full \gset
SELECT is(pg_temp.bring(:framework, 'superseded') || ' ' || pg_temp.logged('vito'), 'd one', 'from the framework to a full contract: all stays');
SELECT pg_temp.signed(now() + interval '1 day', now() + interval '1 year') AS next \gset
SELECT is(pg_temp.term(:full, now() - interval '2 days', now() - interval '1 day'), '', 'the first has expired, the next not begun: nothing');
SELECT is(pg_temp.term(:next, now(), 'infinity') || ' ' || pg_temp.logged('vito'), 'd one', 'the next, signed in time: all is there');
SELECT is(span, 1, 'all of that is one span') FROM partnership WHERE vendor_id = pg_temp.company('beta');
SELECT is(p.shares, (SELECT range_agg(tstzrange(c.from_at, c.to_at)) FROM contract AS c WHERE c.state = 'active'
    AND (c.company_id, c.vendor_id) = (p.principal_id, p.vendor_id)), 'the partnership repeats what its contracts say')
FROM partnership AS p;

-- Decision 13.
SELECT pg_temp.refused(who, 'partner.manage', format('SELECT state FROM partner_change(%L, NULL, ''ended'')', other), 'JY009',
    format('contract %s (Agreement) still runs; end it first: jiayi contract end %s', :next, :next), who || ': partner end while a contract runs')
FROM (VALUES ('boss', 'beta'), ('bboss', 'acme')) AS x(who, other);
SELECT is(pg_temp.bring(:next, 'suspended'), '', 'it rests');
SELECT pg_temp.refused('boss', 'partner.manage', 'SELECT state FROM partner_change(''beta'', NULL, ''ended'')', 'JY009', NULL, 'nor while it rests');
SELECT is(pg_temp.act('boss', 'partner.manage', 'SELECT state FROM partner_change(''beta'', NULL, ''suspended'')'), 'suspended', 'suspending is always possible');
UPDATE contract SET state = 'ended' WHERE id = :next;
SELECT is(pg_temp.act('boss', 'partner.manage', 'SELECT state FROM partner_change(''beta'', NULL, ''ended'')'), 'ended', 'then it ends');

-- Case 20: after an end nothing comes back by itself; what is shared anew shows what is done from then on.
SELECT pg_temp.deal('dora', 'other') AS other, pg_temp.deal('ben', 'private') AS private \gset
SELECT pg_temp.log('cleo', :deal, 'between') \g /dev/null
INSERT INTO task (company_id, on_kind, on_id, title, vendor_id, side, created_by)
VALUES (pg_temp.company('acme'), kind('deal'), :deal, 'todo', pg_temp.company('beta'), 'vendor', pg_temp.member('cleo')) RETURNING id AS task \gset
INSERT INTO comment (on_kind, on_id, member_id, text) VALUES (kind('task'), :task, pg_temp.member('cleo'), 'between');
INSERT INTO kpi (company_id, code, name, unit, period) VALUES (pg_temp.company('acme'), 'k', 'K', 'x', 'month') RETURNING id AS kpi \gset
INSERT INTO kpi_line (kpi_id, company_id, period, vendor_id, target) VALUES (:kpi, pg_temp.company('acme'), '2026-10', pg_temp.company('beta'), 1);
SELECT is(pg_temp.act('boss', 'kpi.evaluate', 'SELECT evaluation FROM kpi_evaluate(''k'', ''2026-10'', NULL, ''beta'', ''between'')'), 'between', 'meanwhile one evaluates');
CREATE FUNCTION pg_temp.sight(name text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('/', pg_temp.titles($1), pg_temp.logged($1), pg_temp.act($1, 'task.read', 'SELECT string_agg(title, '','') FROM task'),
        pg_temp.act($1, 'task.read', 'SELECT string_agg(text, '','') FROM comment'), pg_temp.act($1, 'kpi.read', 'SELECT count(*) FROM kpi_line'),
        pg_temp.act($1, 'kpi.read', 'SELECT count(*) FROM kpi_evaluation'))
$$;
SELECT is(pg_temp.sight('vito'), '//0/0', 'ended: nothing');
SELECT is(pg_temp.act('boss', 'partner.manage', $$ SELECT state FROM partner_invite('beta', NULL, NULL) $$), 'invited', 'invited');
SELECT is(pg_temp.sight('vito'), '//0/0', 'invited: nothing');
SELECT is(pg_temp.act('bboss', 'partner.manage', $$ SELECT state || shares FROM partner_accept('acme', NULL) $$), 'activetrue', 'accepted');
SELECT is(pg_temp.sight('vito'), '//0/0', 'case 20: accepted: nothing comes back by itself');
SELECT is(member_sees(m, kind('deal'), :deal), false, 'case 20: nor is anybody told of it') FROM member AS m WHERE m.name = 'vito';
SELECT pg_temp.log('cleo', :deal, 'still') \g /dev/null
SELECT is(pg_temp.answer('cleo', 'deal.update', pg_temp.method('DealService/ShareDeals', 'vendor', 'beta', 'all', 'true')), '{"shared": 1, "left": null}',
    'deal share --all: what they had');
SELECT is(pg_temp.log('cleo', :deal, 'anew'), 'anew', 'and then');
INSERT INTO comment (on_kind, on_id, member_id, text) VALUES (kind('task'), :task, pg_temp.member('cleo'), 'anew');
SELECT is(pg_temp.sight('vito'), 'd/anew/todo/anew/0/0', 'case 20: shown is what was shared anew, and what is said from then on');
SELECT is(pg_temp.answer('cleo', 'deal.update', pg_temp.method('DealService/ShareDeals', 'vendor', 'beta', 'all', 'true')), '{"shared": 0, "left": null}',
    'once is enough');
SELECT is(pg_temp.act('boss', 'kpi.target', 'SELECT target FROM kpi_target(''k'', ''2026-10'', 2, NULL, ''beta'')'), '2', 'a target is set anew');
SELECT is(pg_temp.sight('vito'), 'd/anew/todo/anew/1/0', 'case 20: and the line is back, without what was said of it meanwhile');
SELECT is(pg_temp.act('vito', 'kpi.read', 'SELECT evaluation FROM kpi_line'), NULL, 'case 20: nor does the line say it');
SELECT is(pg_temp.act('boss', 'kpi.read', 'SELECT count(*) FROM kpi_evaluation'), '1', 'the principal keeps it');

-- One by one; whose they are.
SELECT is(pg_temp.answer('dora', 'deal.update', pg_temp.method('DealService/ShareDeals', 'vendor', 'beta', 'deal_id', :'other')), '{"shared": 1, "left": null}', 'deal share ID');
SELECT is(pg_temp.titles('vito'), 'd,other', 'given');
SELECT pg_temp.refused('dora', 'deal.update', pg_temp.method('DealService/ShareDeals', 'vendor', 'nobody', 'all', 'true'), 'JY005', 'nobody is no partner of yours');
SELECT is(pg_temp.act('dora', 'deal.update', pg_temp.method('DealService/ShareDeals', 'vendor', 'beta', 'deal_id', :'private')), NULL, 'what is not seen is not given');
SELECT is(pg_temp.titles('vito'), 'd,other', 'nor shown');
UPDATE partnership SET state = 'ended' WHERE vendor_id = pg_temp.company('beta');
SELECT pg_temp.partners('acme', 'beta') \g /dev/null
SELECT is(pg_temp.act('ben', 'deal.update', format('UPDATE deal AS d SET vendor_id = d.vendor_id, shared_span = 99 WHERE d.id = %s RETURNING shared_span', :deal)),
    '3', 'nobody chooses the span');
SELECT is(pg_temp.titles('vito'), 'd', 'and other deals wait');

-- Participants: of the span in which they came.
INSERT INTO participant (on_kind, on_id, member_id, function, added_by) VALUES (3, :private, pg_temp.member('vito'), 'helper', pg_temp.member('ben'));
SELECT is(pg_temp.titles('vito'), 'd,private', 'who takes part sees it');
UPDATE partnership SET state = 'ended' WHERE vendor_id = pg_temp.company('beta');
SELECT pg_temp.partners('acme', 'beta'), pg_temp.log('ben', :private, 'meanwhile') \g /dev/null
SELECT is(pg_temp.titles('vito'), '', 'case 20: and not by that after an end');
DELETE FROM participant WHERE on_id = :private;
INSERT INTO participant (on_kind, on_id, member_id, function, added_by) VALUES (3, :private, pg_temp.member('vito'), 'helper', pg_temp.member('ben'));
SELECT pg_temp.log('ben', :private, 'later') \g /dev/null
SELECT is(pg_temp.titles('vito') || '/' || pg_temp.logged('vito'), 'private/later', 'asked again: from then on');
-- A deal that the company had before, in which one takes part anew.
INSERT INTO participant (on_kind, on_id, member_id, function, added_by) VALUES (3, :deal, pg_temp.member('vito'), 'helper', pg_temp.member('ben'));
SELECT pg_temp.log('ben', :deal, 'now') \g /dev/null
SELECT is(pg_temp.logged('vito'), 'later now', 'case 20: taking part in what was shared before shows nothing of before');

-- Inviting and accepting sign; only who may does, and only what they read.
INSERT INTO company (slug, name) VALUES ('delta', 'Delta'), ('zeta', 'Zeta');
SELECT pg_temp.join_company('dboss', 'delta', 'admin'), pg_temp.join_company('zboss', 'zeta', 'admin') \g /dev/null
CREATE FUNCTION pg_temp.terms(name text, slug text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'partner.read', format('SELECT t FROM partner_asked(%L, NULL) AS p, partner_terms(p) AS t', $2))
$$;
SELECT pg_temp.act('boss', 'partner.manage', $$ SELECT state FROM partner_invite('delta', 'Our terms', NULL) $$),
    pg_temp.act('boss', 'partner.manage', $$ SELECT state FROM partner_invite('zeta', NULL, true) $$) \g /dev/null
SELECT is(pg_temp.terms('dboss', 'acme') || pg_temp.terms('boss', 'delta'), 'Our termsOur terms', 'both read what is to be signed');
SELECT pg_temp.refused('bboss', 'partner.read', 'SELECT t FROM partner_asked(''delta'', NULL) AS p, partner_terms(p) AS t', 'JY005', NULL, 'nobody else');
SELECT pg_temp.refused('dboss', 'partner.manage', format('SELECT state FROM partner_accept(''acme'', %L)', sha256_hex('other')), 'JY010', NULL, 'others are not signed');
DELETE FROM role_permission WHERE permission = 'contract.sign';
SELECT pg_temp.refused('dboss', 'partner.manage', 'SELECT state FROM partner_accept(''acme'', NULL)', 'JY007',
    'this signs a contract, which needs the permission contract.sign');
SELECT pg_temp.refused('boss', 'partner.manage', 'SELECT state FROM partner_invite(''omega'', NULL, NULL)', 'JY007');
SELECT is(pg_temp.act('zboss', 'partner.manage', 'SELECT concat(state, shares) FROM partner_accept(''acme'', NULL)'), 'active', '--no-framework shares nothing');
INSERT INTO role_permission (role_id, permission, scope) VALUES (pg_temp.role('admin'), 'contract.sign', 'company');
SELECT is(pg_temp.act('dboss', 'partner.manage', format('SELECT concat(state, shares) FROM partner_accept(''acme'', %L)', sha256_hex('Our terms'))), 'activet', 'what one read is');
SELECT is(string_agg(concat_ws(' ', s.capacity, m.name, c.slug, s.sha256 = sha256('Our terms')), ', ' ORDER BY s.id), 'principal boss acme t, vendor dboss delta t',
    'both sides signed one text') FROM signature AS s JOIN contract AS k ON k.id = s.on_id AND k.vendor_id = pg_temp.company('delta')
    JOIN member AS m ON m.id = s.member_id JOIN company AS c ON c.id = s.company_id;
SELECT is(string_agg(e.kind, ',' ORDER BY e.id), 'revision,signature,signature', 'and the ledger has it') FROM ledger_entry AS e
WHERE e.partner_id = pg_temp.company('delta') AND e.on_kind = kind('contract');
SELECT throws_ok('UPDATE signature SET sha256 = sha256(''x'')', 'JY009', NULL, 'signatures are evidence');
SELECT is(pg_temp.terms('dboss', 'acme'), 'Our terms', 'and stays readable');

-- Who sees contracts: on both sides those who see more than what is their own; nobody else, ever.
SELECT is(pg_temp.sees(who, 'contract.read', 'count(*) FROM contract'), n::text, who || ' sees ' || n)
FROM (VALUES ('boss', 7), ('anna', 7), ('cleo', 0), ('ewa', 7), ('bboss', 6), ('vito', 0), ('dboss', 1), ('zboss', 0), ('gboss', 0)) AS x(who, n);
SELECT is(pg_temp.sees('vito', 'contract.read', 'count(*) FROM signature'), '0', 'signatures go with the contract');
-- Clauses are listed by a function that looks at the version itself: by the policy, whoever asks.
INSERT INTO contract_version (contract_id, version, company_id, vendor_id, author_company_id, audience, state, title, prose, sha256)
SELECT c.id, v, c.company_id, c.vendor_id, CASE v WHEN 103 THEN c.vendor_id ELSE c.company_id END, CASE v WHEN 101 THEN 'shared' ELSE 'internal' END,
    CASE v WHEN 101 THEN 'executed' ELSE 'withdrawn' END, 'T', 'P', sha256('x') FROM contract AS c, unnest('{101,102,103}'::int[]) AS v;
INSERT INTO clause (contract_id, version, position, kind, side, text)
SELECT v.contract_id, v.version, i, 'duty', 'vendor', 'x' FROM contract_version AS v, generate_series(1, 2) AS i WHERE v.version > 100;
SELECT array_agg(c.id) AS contracts FROM contract AS c \gset
SELECT is(pg_temp.sees(n, 'contract.read', format('concat_ws(''/'', l.contract_id, l.version, l.position) FROM unnest(%L::bigint[]) AS c,
        unnest(''{101,102,103}''::int[]) AS v, contract_clauses(c, v, NULL, 100) AS l', :'contracts')),
    pg_temp.sees(n, 'contract.read', 'concat_ws(''/'', l.contract_id, l.version, l.position) FROM clause AS l WHERE l.version > 100'),
    'clauses: ' || n) FROM unnest('{boss,anna,cleo,ewa,bboss,vito,dboss,zboss,gboss}'::text[]) AS n;
SELECT is(pg_temp.act('boss', 'contract.read', format('SELECT string_agg(DISTINCT concat_ws('' '', l.version, l.position), '','')
    FROM unnest(%L::bigint[]) AS c, contract_clauses(c, NULL, 1, 1) AS l', :'contracts')), '101 2', 'of the latest that was proposed, after a position, so many');

SELECT is(count(*)::int, 0, 'no call writes them') FROM information_schema.role_table_grants
WHERE table_name IN ('contract', 'signature') AND grantee = 'jiayi_app' AND privilege_type <> 'SELECT';

SELECT * FROM finish();
ROLLBACK;
