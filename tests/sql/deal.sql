-- Deals: the rules of moving, changing, assigning and logging (requirements DL2 and DL3).
\ir fixture.psql
SELECT no_plan();

SELECT pg_temp.deal('cleo', 'one', true) AS one, pg_temp.deal('dora', 'two') AS two \gset

CREATE FUNCTION pg_temp.move(name text, deal bigint, stage text, reason text DEFAULT NULL)
    RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'deal.move',
           format('UPDATE deal SET stage = %L, stage_reason = %L, lost_code = CASE %L::text WHEN ''lost'' THEN ''other'' END
           WHERE id = %s RETURNING stage || '' '' || version', $3, $4, $3, $2))
$$;
CREATE FUNCTION pg_temp.not_moved(name text, deal bigint, stage text, reason text, code text,
    description text, message text DEFAULT NULL) RETURNS text
LANGUAGE sql AS $$
    SELECT pg_temp.refused($1, 'deal.move',
           format('UPDATE deal SET stage = %L, stage_reason = %L WHERE id = %s RETURNING 1', $3, $4,
           $2), $5, $7, $6)
$$;

SELECT is(stage || outcome || version, 'newopen1', 'a deal begins in the first stage') FROM deal
       WHERE id = :one;
SELECT is(pg_temp.move('cleo', :one, 'deciding'), 'deciding 2', 'forward, over any stage');
SELECT is(pg_temp.move('cleo', :one, 'contacted'), 'contacted 3', 'and back');
SELECT pg_temp.not_moved('cleo', :one, 'contacted', NULL, 'JY009', 'not where it is already');
SELECT pg_temp.not_moved('cleo', :one, 'nowhere', NULL, 'JY003', 'not into a stage that is none',
    'unknown stage nowhere; the stages are new, contacted, quoted, negotiating, deciding, won, lost');
SELECT pg_temp.not_moved('cleo', :one, 'lost', NULL, 'JY003', 'not lost without a reason');
SELECT pg_temp.not_moved('cleo', :one, 'won', NULL, 'JY009', 'not won without an amount');
SELECT is(pg_temp.move('cleo', :one, 'lost', 'too dear'), 'lost 4', 'lost with a reason');
SELECT is(outcome || ' ' || lost_reason(id, closed_version) || ' ' || (closed_at = updated_at),
       'lost too dear true', 'it is closed') FROM deal WHERE id = :one;
SELECT pg_temp.not_moved('cleo', :one, 'new', NULL, 'JY007', 'a salesperson does not reopen');
SELECT pg_temp.not_moved('cleo', :one, 'won', NULL, 'JY007', 'not even into another end');
SELECT pg_temp.not_moved('vito', :one, 'new', NULL, 'JY007', 'nor the vendor');
SELECT is(pg_temp.move('ben', :one, 'new'), 'new 5', 'a manager does');
SELECT is(outcome || coalesce(closed_at::text, ''), 'open',
       'it is open again') FROM deal WHERE id = :one;
SELECT is(pg_temp.act('cleo', 'deal.update', format($$ UPDATE deal SET amount = money('12.5',
       'eur'), currency = 'EUR' WHERE id = %s RETURNING amount $$, :one)), '12.50',
       'it gets an amount');
SELECT is(pg_temp.move('vito', :one, 'won'), 'won 7', 'and the vendor wins it');
SELECT throws_ok(format($$ UPDATE deal SET amount = NULL, currency = NULL WHERE id = %s $$, :one),
       '23514', NULL, 'a won deal keeps an amount');
SELECT throws_ok(format($$ UPDATE deal SET currency = NULL WHERE id = %s $$, :one), '23514', NULL,
       'an amount has a currency');
SELECT is(string_agg(seq || stage || coalesce(reason, ''), ' ' ORDER BY seq),
       '1new 2deciding 3contacted 4losttoo dear 5new 7won', 'the history has every stage')
FROM deal_stage WHERE deal_id = :one;
SELECT is(string_agg(DISTINCT m.name, ',' ORDER BY m.name), 'ben,cleo,vito', 'and who moved it')
       FROM deal_stage AS s JOIN member AS m ON m.id = s.member_id WHERE deal_id = :one;

-- Who.
SELECT is(pg_temp.move('dora', :one, 'new'), NULL,
       'what is not seen is not moved, and not refused: it is not there');
SELECT is(pg_temp.move('gina', :one, 'new'), NULL, 'nor by a stranger');
SELECT pg_temp.refused('vito', 'deal.update',
       format('UPDATE deal SET title = ''x'' WHERE id = %s RETURNING 1', :one), 'JY007',
       format('you may see deal %s but not change it', :one));
SELECT is(pg_temp.act('anna', 'deal.update',
       format('UPDATE deal SET title = ''x'', change_reason = ''r'' WHERE id = %s RETURNING title',
       :one)), 'x', 'a manager of managers changes it');
SELECT is(pg_temp.act('boss', 'deal.update',
       format('UPDATE deal SET title = ''y'' WHERE id = %s RETURNING title', :two)), 'y',
       'an admin changes anybody''s');
SELECT is(pg_temp.act('cleo', 'deal.update',
       'WITH u AS (UPDATE deal SET title = title RETURNING id) SELECT string_agg(id::text, '','') FROM u'), :'one', 'without a condition, one''s own only');
SELECT pg_temp.refused('cleo', 'deal.update',
       format('UPDATE deal SET version = 1 WHERE id = %s RETURNING 1', :one), '42501', NULL,
       'nobody sets the version');
SELECT pg_temp.refused('cleo', 'deal.update',
       format('UPDATE deal SET company_id = 1 WHERE id = %s RETURNING 1', :one), '42501', NULL,
       'nor the company');
SELECT pg_temp.refused('boss', 'deal.update',
       format('WITH d AS (DELETE FROM deal WHERE id = %s RETURNING 1) SELECT * FROM d', :one),
       '42501', NULL, 'no deal is deleted');

-- Versions.
SELECT pg_temp.refused('cleo', 'deal.move', format($$ UPDATE deal SET title = 'z' WHERE id = %s
       AND check_version('deal', id, version, 3) RETURNING 1 $$, :one), 'JY010',
    (SELECT format('deal %s is at version %s by now, not 3; look at it again', id, version)
        FROM deal WHERE id = :one));
SELECT is(check_version('deal', 1, 5, 5), true, 'the same version');
SELECT is(check_version('deal', 1, 5, NULL), true, 'no version');

-- Creating and assigning.
SELECT is(pg_temp.act('cleo', 'deal.create', $$ INSERT INTO deal (company_id, title, customer_id,
       owner_id, vendor_id)
    VALUES (me_company(), 'own', customer_by_name('C', me_member()), me_member(), vendor_by_slug('beta'))
        RETURNING stage $$), 'new', 'cleo makes one');
SELECT pg_temp.refused('cleo', 'deal.create', $$ INSERT INTO deal (company_id, title, customer_id,
       owner_id)
    VALUES (me_company(), 'own', customer_by_name('C', me_member()), member_by_email('dora@acme.example'))
        RETURNING stage $$, 'JY007', NULL, 'not for dora');
SELECT is(pg_temp.act('anna', 'deal.create', $$ INSERT INTO deal (company_id, title, customer_id,
       owner_id)
    VALUES (me_company(), 'own', customer_by_name('C', me_member()), member_by_email('cleo@acme.example'))
        RETURNING stage $$), 'new', 'anna makes one for cleo');
SELECT is(count(*)::int, 1, 'a customer is made once') FROM customer WHERE name = 'C';
SELECT throws_ok(format('SELECT pg_temp.act(''boss'', ''deal.create'', %L)',
       format($$ INSERT INTO deal (company_id, title, customer_id, owner_id)
    VALUES (%s, 'own', customer_by_name('C', me_member()), %s) RETURNING stage $$, pg_temp.company('gamma'),
        pg_temp.member('gina'))), NULL, NULL, 'nobody makes deals in another company');
SELECT pg_temp.refused('cleo', 'deal.create', $$ SELECT vendor_by_slug('gamma') $$, 'JY005',
       'gamma is no partner of yours');
SELECT pg_temp.refused('vito', 'deal.create', $$ SELECT vendor_by_slug('acme') $$, 'JY005',
       'acme is no partner of yours');
SELECT is(pg_temp.act('anna', 'deal.assign',
       format($$ UPDATE deal SET owner_id = member_by_email('ben@acme.example') WHERE id = %s
       RETURNING 1 $$, :one)), '1', 'within the team');
SELECT pg_temp.refused('anna', 'deal.assign',
       format($$ UPDATE deal SET owner_id = member_by_email('dora@acme.example') WHERE id = %s
       RETURNING 1 $$, :one), 'JY007',
    'your role lets you assign deals within your team only');
SELECT is(pg_temp.act('boss', 'deal.assign',
       format($$ UPDATE deal SET owner_id = member_by_email('dora@acme.example') WHERE id = %s
       RETURNING 1 $$, :one)), '1', 'an admin, to anybody');
SELECT pg_temp.refused('boss', 'deal.assign',
       format($$ UPDATE deal SET owner_id = member_by_email('vito@beta.example') WHERE id = %s
       RETURNING 1 $$, :one), 'JY005',
    'no member vito@beta.example');

-- Money.
SELECT is(money(a, c)::text, w, a || ' ' || c) FROM (VALUES ('120000.5', 'CNY', '120000.50'),
       ('5', 'JPY', '5'), ('1.234', 'BHD', '1.234'), ('0', 'EUR', '0.00'),
    ('1.50', 'eur', '1.50'), ('1.500', 'EUR', '1.50')) AS t(a, c, w);
SELECT throws_ok(format('SELECT money(%L, %L)', a, c), 'JY003', NULL,
       a || ' ' || c || ' is refused')
FROM (VALUES ('1.234', 'CNY'), ('0.5', 'JPY'), ('1', 'XXX'), ('1', 'EURO'), ('-1', 'EUR'),
    ('1000000000000000', 'EUR')) AS t(a, c);

-- Follow-ups.
CREATE FUNCTION pg_temp.log(deal bigint, due text DEFAULT NULL, next text DEFAULT NULL) RETURNS text
    LANGUAGE sql AS $$
    SELECT format('INSERT INTO activity (deal_id, company_id, member_id, kind, text, due_on, next_step)
        SELECT id, company_id, me_member(), ''call'', ''said'', %L, %L FROM deal WHERE id = %s
               RETURNING kind', $2, $3, $1)
$$;
SELECT is(pg_temp.act('vito', 'deal.log', pg_temp.log(:one)), 'call',
       'the vendor logs on what is shared');
SELECT is(pg_temp.act('vito', 'deal.log', pg_temp.log(:two)), NULL, 'and on nothing else');
SELECT is(pg_temp.act('dora', 'deal.log', pg_temp.log(:one, '2026-11-21', 'call again')), 'call',
       'the owner logs, with a next step');
SELECT pg_temp.refused('dora', 'deal.log', pg_temp.log(:one, '2026-11-21'), 'JY003',
       'a due date needs a next step; give one with --next');
SELECT pg_temp.refused('dora', 'deal.log',
       format('INSERT INTO activity (deal_id, company_id, member_id, kind, text) VALUES (%s, me_company(), %s, ''call'', ''x'') RETURNING 1',
    :one, pg_temp.member('cleo')), '42501', NULL, 'nobody logs in another''s name');
SELECT is(pg_temp.sees('vito', 'deal.read', 'text FROM activity'), 'said,said',
       'both sides see what was logged');
SELECT is(pg_temp.sees('gina', 'deal.read', 'text FROM activity'), '', 'strangers do not');
SELECT throws_ok('UPDATE activity SET text = ''x''', 'JY009', NULL,
       'what was logged stays, even for the superuser');
SELECT throws_ok('DELETE FROM deal_stage', 'JY009', NULL, 'and so does the history');

-- A stage in which deals are stays, as a foreign key would keep it.
SELECT pg_temp.deal('gina', 'g') AS g \gset
SELECT throws_ok(s, '23503', 'deals are in stage new', 'a stage in which a deal is: ' || s)
FROM unnest(ARRAY['DELETE FROM stage WHERE company_id = pg_temp.company(''gamma'') AND name = ''new''',
    'UPDATE stage SET name = ''x'' WHERE company_id = pg_temp.company(''gamma'') AND name = ''new''']) AS s;
SELECT lives_ok(s, 'and not: ' || s)
FROM unnest(ARRAY['DELETE FROM stage WHERE company_id = pg_temp.company(''gamma'') AND name = ''deciding''',
    'UPDATE stage SET title = ''x'' WHERE company_id = pg_temp.company(''gamma'') AND name = ''new''',
    'UPDATE stage SET name = ''offered'' WHERE company_id = pg_temp.company(''gamma'') AND name = ''quoted''']) AS s;
SELECT throws_ok(format('UPDATE deal SET stage = ''deciding'' WHERE id = %s', :g), 'JY003', NULL,
       'nor does a deal go into a stage that is not there, even for the superuser');

---- The customer's name
SELECT pg_temp.deal('cleo', 'named') AS named \gset
CREATE FUNCTION pg_temp.named(deal bigint) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', d.version, d.customer_name) FROM jiayi.deal AS d WHERE d.id = $1 $$;
SELECT is(pg_temp.named(:named), '1 Customer of named', 'a deal has the name of its customer');
SELECT count(*) AS n FROM audit_log WHERE object = 'deal' \gset
UPDATE customer SET name = 'Another name' WHERE name = 'Customer of named';
SELECT is(pg_temp.named(:named), '1 Another name', 'also when that changes, which is no version of the deal');
SELECT is(count(*)::int, :n, 'nor a change of it in the log') FROM audit_log WHERE object = 'deal';
UPDATE deal SET customer_id = (SELECT d.customer_id FROM deal AS d WHERE d.id = :one) WHERE id = :named;
SELECT is(pg_temp.named(:named), '2 Customer of one', 'and when it has another one');
SELECT is(count(*)::int, 0, 'and it is that of every customer') FROM deal AS d JOIN customer AS c ON c.id = d.customer_id WHERE d.customer_name <> c.name;
SELECT throws_ok($$ DO 'BEGIN SET LOCAL ROLE jiayi_app; UPDATE jiayi.deal SET customer_name = ''x''; END' $$, '42501', NULL, 'no call writes it');

SELECT * FROM finish();
ROLLBACK;
