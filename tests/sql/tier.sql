-- Figures and tiers: what measure() counts, and what rules give of it (requirements MC5, IN2).
\ir fixture.psql
SELECT no_plan();

CREATE FUNCTION pg_temp.figure(measure text, from_day date, until date) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', f.value, f.currency, f.n || '/' || f.base), ', ' ORDER BY f.currency)
    FROM jiayi.partnership AS p, jiayi.measure($1, p, $2, $3) AS f WHERE p.vendor_id = pg_temp.company('beta')
$$;
SELECT is(pg_temp.figure('won', '2026-07-01', '2026-10-01'), '0 0/0', 'nothing was won');
SELECT is(pg_temp.figure('won_amount', '2026-07-01', '2026-10-01'), NULL, 'and is worth nothing in no currency');
SELECT is(pg_temp.figure('duty_on_time', '2026-07-01', '2026-10-01'), '0/0', 'of no duties there is no share');

-- A deal's history, as it would have been written then.
CREATE FUNCTION pg_temp.past(deal bigint, seq int, outcome text, day date, amount numeric, currency text, vendor text)
    RETURNS void LANGUAGE sql AS $$
    INSERT INTO jiayi.deal_stage (deal_id, seq, company_id, author_company_id, stage, entered_at, kind, outcome, closed_at,
        counted_on, amount, currency, vendor_id)
    VALUES (deal, seq, pg_temp.company('acme'), pg_temp.company('acme'), outcome, day + time '12:00', 'move', outcome,
        CASE WHEN outcome <> 'open' THEN day + time '12:00' END, day, amount, currency, pg_temp.company(vendor))
$$;
SELECT pg_temp.past(9001, 2, 'won', '2026-07-01', 100, 'CNY', 'beta'),
    pg_temp.past(9002, 2, 'won', '2026-09-30', 20.50, 'CNY', 'beta'),
    pg_temp.past(9003, 2, 'won', '2026-08-01', 7, 'EUR', 'beta'),
    -- Reopened in the same quarter; reopened in the next one; won again in that; of another vendor by then.
    pg_temp.past(9004, 2, 'won', '2026-08-01', 1000, 'CNY', 'beta'), pg_temp.past(9004, 3, 'open', '2026-08-02', 1000, 'CNY', 'beta'),
    pg_temp.past(9005, 2, 'won', '2026-08-01', 3, 'CNY', 'beta'), pg_temp.past(9005, 3, 'open', '2026-10-02', 3, 'CNY', 'beta'),
    pg_temp.past(9005, 4, 'won', '2026-10-03', 4, 'CNY', 'beta'),
    pg_temp.past(9006, 2, 'won', '2026-08-01', 1000, 'CNY', 'beta'), pg_temp.past(9006, 3, 'won', '2026-08-02', 1000, 'CNY', 'gamma'),
    -- Lost, before, and after.
    pg_temp.past(9007, 2, 'lost', '2026-08-01', 1000, 'CNY', 'beta'),
    pg_temp.past(9008, 2, 'won', '2026-06-30', 1000, 'CNY', 'beta'),
    pg_temp.past(9009, 2, 'won', '2026-10-01', 1000, 'CNY', 'beta') \g /dev/null
SELECT is(pg_temp.figure('won', '2026-07-01', '2026-10-01'), '4 4/4', 'what was won in it, and still is when it ends');
SELECT is(pg_temp.figure('won_amount', '2026-07-01', '2026-10-01'), '123.50 CNY 3/3, 7 EUR 1/1', 'by currency, exact');
SELECT is(pg_temp.figure('won', '2026-10-01', '2027-01-01'), '2 2/2', 'what was won again counts when it was');
SELECT is(pg_temp.figure('won', '2026-06-30', '2026-07-01'), '1 1/1', 'the first day counts, the other does not');

INSERT INTO task (company_id, kind, title, vendor_id, side, acceptance, due_on, state, done_at, done_by, created_by)
SELECT pg_temp.company('acme'), 'duty', 'D' || d.n, pg_temp.company('beta'), 'vendor', true, d.due, d.state, d.at,
       CASE WHEN d.at IS NOT NULL THEN pg_temp.member('vito') END, pg_temp.member('boss')
FROM (VALUES (1, date '2026-07-01', 'accepted', timestamptz '2026-07-01 23:59:59Z'), (2, '2026-08-01', 'delivered', '2026-07-15 00:00Z'),
    (3, '2026-08-02', 'accepted', '2026-08-03 00:00Z'), (4, '2026-09-30', 'rejected', '2026-09-01 00:00Z'), (5, '2026-09-30', 'open', NULL),
    (6, '2026-09-30', 'cancelled', NULL), (7, '2026-10-01', 'accepted', '2026-09-01 00:00Z'), (8, '2026-09-01', 'accepted', '2026-08-01 00:00Z'))
    AS d(n, due, state, at);
SELECT is(pg_temp.figure('duty_on_time', '2026-07-01', '2026-10-01'), '0.5000 3/6',
    'by the end of its day; neither late, rejected nor open; what was cancelled does not count');
INSERT INTO task (company_id, kind, title, vendor_id, side, acceptance, due_on, created_by)
SELECT pg_temp.company('acme'), 'duty', 'more', pg_temp.company('beta'), 'vendor', true, date '2026-09-02' + i, pg_temp.member('boss')
FROM generate_series(1, 3) AS i;
SELECT is(pg_temp.figure('duty_on_time', '2026-07-01', '2026-10-01'), '0.3333 3/9', 'four decimals');
INSERT INTO task (company_id, kind, title, vendor_id, side, acceptance, due_on, created_by)
SELECT pg_temp.company('acme'), 'duty', 'more', pg_temp.company('beta'), 'vendor', true, date '2026-09-02' + i, pg_temp.member('boss')
FROM generate_series(1, 7) AS i;
SELECT is(pg_temp.figure('duty_on_time', '2026-07-01', '2026-10-01'), '0.1875 3/16', 'half up');

-- The rules.
CREATE FUNCTION pg_temp.due(day date) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce((jiayi.tier_due(p, day)).code, 'none') FROM jiayi.partnership AS p WHERE p.vendor_id = pg_temp.company('beta')
$$;
SELECT is(pg_temp.due('2026-10-05'), 'none', 'without tiers none is due');
INSERT INTO tier (company_id, code, name, position)
VALUES (pg_temp.company('acme'), 'bronze', 'B', 1), (pg_temp.company('acme'), 'silver', 'S', 2), (pg_temp.company('acme'), 'gold', 'G', 3);
INSERT INTO tier_rule (tier_id, measure, over, at_least, currency)
SELECT t.id, r.measure, r.over, r.at_least, r.currency FROM tier AS t JOIN (VALUES ('silver', 'won', 'quarter', 4, NULL),
    ('gold', 'won', 'quarter', 4, NULL), ('gold', 'won_amount', 'quarter', 123.51, 'CNY')) AS r(code, measure, over, at_least, currency)
    ON r.code = t.code;
SELECT is(pg_temp.due('2026-10-05'), 'silver', 'the highest one whose rules all hold');
UPDATE tier_rule SET at_least = 123.50 WHERE measure = 'won_amount';
SELECT is(pg_temp.due('2026-10-05'), 'gold', 'just so much is enough');
SELECT is(pg_temp.due('2026-09-30'), 'bronze', 'a quarter counts once it is full');
DELETE FROM tier_rule;
SELECT is(pg_temp.due('2026-10-05'), 'bronze', 'without rules the lowest alone');
INSERT INTO tier_rule (tier_id, measure, over, at_least) SELECT t.id, 'duty_on_time', 'month', 0.0001 FROM tier AS t;
SELECT is(pg_temp.due('2026-07-01'), 'none', 'where the lowest has rules too, and nothing was due, none');
SELECT is(pg_temp.due('2026-09-10'), 'gold', 'a share above nothing');

-- The first working day of a quarter.
INSERT INTO calendar_day (company_id, day, working) VALUES (pg_temp.company('acme'), '2027-01-01', false), (pg_temp.company('acme'), '2027-01-02', true);
SELECT is(string_agg(d::date::text, ' ' ORDER BY d), '2026-10-01 2027-01-02 2027-04-01', 'by the company''s calendar')
FROM generate_series('2026-09-01', '2027-06-01', interval '1 day') AS d WHERE is_first_working_day(pg_temp.company('acme'), d::date);
SELECT is(job_tiers(pg_temp.company('acme'), '2026-10-02 00:05Z'), 0::bigint, 'on other days nothing is proposed');
SELECT is(job_tiers(pg_temp.company('acme'), '2026-10-01 00:05Z'), 1::bigint, 'on that day what differs');
SELECT is((SELECT t.title || ' ' || email_of(t.assignee_id) FROM task AS t WHERE t.kind = 'tier'), 'beta: gold boss@acme.example', 'to who looks after it');
SELECT is(job_tiers(pg_temp.company('acme'), '2027-01-02 00:05Z'), 0::bigint, 'while it waits there is no other');
SELECT is((SELECT count(*) FROM tier_span), 0::bigint, 'and nothing changes by itself');

-- Who sees what.
SELECT is(pg_temp.act('boss', 'tier.manage', $$ SELECT tier_set('beta', 'bronze', 'they begin') $$) IS NOT NULL, true, 'decided');
SELECT is((SELECT t.state FROM task AS t WHERE t.kind = 'tier'), 'done', 'what was proposed is done by that');
SELECT pg_temp.refused('boss', 'tier.manage', $$ SELECT tier_set('beta', 'bronze', 'again') $$, 'JY009', 'beta is in the tier bronze already');
SELECT pg_temp.refused('bboss', 'tier.manage', $$ SELECT tier_set('acme', 'bronze', 'me too') $$, 'JY005', 'acme is no partner of yours');
SELECT is(pg_temp.sees('vito', 'partner.read', 'code FROM tier_span'), 'bronze', 'the vendor sees its own');
SELECT is(pg_temp.sees('bboss', 'partner.read', 'code FROM tier'), '', 'and no tier of the principal''s');
SELECT is(pg_temp.sees('bboss', 'partner.read', 'measure FROM tier_rule'), '', 'nor a rule');
SELECT is(pg_temp.sees('gboss', 'partner.read', 'code FROM tier_span'), '', 'a stranger nothing');
SELECT is(pg_temp.act('boss', 'partner.read', $$ SELECT figures_seen(p) FROM partnership AS p $$), 'true', 'who sees all deals sees figures');
SELECT is(pg_temp.act('cleo', 'partner.read', $$ SELECT figures_seen(p) FROM partnership AS p $$), 'false', 'who sees some does not');
UPDATE partnership SET responsible_id = pg_temp.member('cleo') \g /dev/null
SELECT is(pg_temp.act('cleo', 'partner.read', $$ SELECT figures_seen(p) FROM partnership AS p $$), 'true', 'but for who looks after it');
SELECT is(pg_temp.act('ben', 'partner.read', $$ SELECT figures_seen(p) FROM partnership AS p $$), 'true', 'and who is above');
SELECT is(pg_temp.act('dora', 'partner.read', $$ SELECT figures_seen(p) FROM partnership AS p $$), 'false', 'not beside');
SELECT is(pg_temp.act('bboss', 'partner.read', $$ SELECT figures_seen(p) FROM partnership AS p $$), 'true', 'the vendor its own');
UPDATE partnership SET state = 'suspended' \g /dev/null
SELECT is(pg_temp.act('bboss', 'partner.read', $$ SELECT figures_seen(p) FROM partnership AS p $$), 'false', 'while a contract is in force');
SELECT throws_ok($$ UPDATE tier_span SET code = 'gold' $$, 'JY009', NULL, 'what was decided stays');

SELECT * FROM finish();
ROLLBACK;
