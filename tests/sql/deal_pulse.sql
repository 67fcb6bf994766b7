-- How deals are looked after: what is due, by each side, and what follow-ups and moves change of it.
\ir fixture.psql
\ir plan.psql
SELECT no_plan();

CREATE FUNCTION pg_temp.log(name text, deal bigint, VARIADIC fields text[]) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'deal.log', pg_temp.method('DealService/LogActivity',
        VARIADIC ARRAY['deal_id', $2::text, 'kind', 'call', 'text', 't'] || $3))
$$;
CREATE FUNCTION pg_temp.move(name text, deal bigint, stage text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'deal.move', format('UPDATE deal SET stage = %L, stage_reason = ''r'', lost_code = %s WHERE id = %s RETURNING id', $3, CASE $3 WHEN 'lost' THEN '''price''' ELSE 'lost_code' END, $2))
$$;
-- The days are those of acme from here on: 14 hours ahead of UTC, it is tomorrow there for most of the day.
UPDATE company_profile SET time_zone = 'Pacific/Kiritimati' WHERE company_id = pg_temp.company('acme');
CREATE FUNCTION pg_temp.day(n int) RETURNS text LANGUAGE sql AS
$$ SELECT ((now() AT TIME ZONE 'Pacific/Kiritimati')::date + $1)::text $$;
-- What is known of a deal: for each side who, by when, in days from today, what was touched when, how often.
CREATE FUNCTION pg_temp.pulse(deal bigint) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', c.slug, CASE WHEN NOT p.open THEN 'closed' END, m.name,
                      'by', p.touch_by - pg_temp.day(0)::date, 'touched', p.touched_on - pg_temp.day(0)::date, p.touches,
                      p.next_step, p.next_due_on - pg_temp.day(0)::date), ', ' ORDER BY c.slug)
    FROM jiayi.deal_pulse AS p JOIN jiayi.company AS c ON c.id = p.company_id LEFT JOIN jiayi.member AS m ON m.id = p.member_id
    WHERE p.deal_id = $1
$$;
UPDATE company_profile SET time_zone = 'Pacific/Kiritimati' WHERE company_id = pg_temp.company('beta');
UPDATE stage SET max_days = CASE name WHEN 'new' THEN 3 WHEN 'quoted' THEN NULL WHEN 'contacted' THEN 10 ELSE 20 END
WHERE company_id = pg_temp.company('acme') AND outcome = 'open';

SELECT pg_temp.deal('cleo', 'one') AS one, pg_temp.deal('cleo', 'two', true) AS two \gset
SELECT is(pg_temp.pulse(:one), 'acme cleo by 3 touched 0', 'nobody touched it yet: as long as its stage allows, from today');
SELECT pg_temp.move('cleo', :one, 'contacted') \g /dev/null
SELECT is(pg_temp.pulse(:one), 'acme cleo by 10 touched 0', 'a move begins another stay');
SELECT pg_temp.move('cleo', :one, 'quoted') \g /dev/null
SELECT is(pg_temp.pulse(:one), 'acme cleo by 14 touched 0', 'of a stage that says nothing 14 days');
UPDATE stage SET max_days = 5 WHERE company_id = pg_temp.company('acme') AND name = 'quoted';
SELECT is(pg_temp.pulse(:one) || '; ' || pg_temp.pulse(:two), 'acme cleo by 5 touched 0; acme cleo by 3 touched 0, beta by 3 touched 0',
    'what a stage allows holds for the deals in it, and for no others');

SELECT pg_temp.log('cleo', :one, 'at', pg_temp.day(-2)) \g /dev/null
SELECT is(pg_temp.pulse(:one), 'acme cleo by 3 touched -2 1', 'what happened two days ago touched it then');
SELECT pg_temp.log('cleo', :one, 'at', pg_temp.day(-3), 'next', 'send') \g /dev/null
SELECT is(pg_temp.pulse(:one), 'acme cleo by 3 touched -2 2 send', 'and nothing earlier does, though it says what comes next');
SELECT pg_temp.log('cleo', :one, 'next', 'visit', 'due', pg_temp.day(2)) \g /dev/null
SELECT is(pg_temp.pulse(:one), 'acme cleo by 2 touched 0 3 visit 2', 'a day that comes sooner counts');
SELECT pg_temp.log('cleo', :one, 'next', 'visit', 'due', pg_temp.day(30)) \g /dev/null
SELECT is(pg_temp.pulse(:one), 'acme cleo by 5 touched 0 4 visit 30', 'one that comes later does not keep it from being forgotten');
SELECT pg_temp.log('cleo', :one, 'next', 'send', 'due', pg_temp.day(-1)), pg_temp.log('boss', :one, 'outcome', 'reached') \g /dev/null
SELECT is(pg_temp.pulse(:one), 'acme cleo by -1 touched 0 6 send -1', 'what nobody did stays, and is overdue, whatever else is logged');
SELECT pg_temp.act('cleo', 'deal.log', pg_temp.method('DealService/CompleteNextStep', 'deal_id', :one::text)) \g /dev/null
SELECT is(pg_temp.pulse(:one), 'acme cleo by 5 touched 0 7', 'what was done is nothing to come');
-- Who did an earlier one, as its successor came, has not done that.
SELECT pg_temp.log('cleo', :one, 'next', 'first', 'due', pg_temp.day(1)) \g /dev/null
SELECT max(id) AS first FROM activity WHERE deal_id = :one \gset
SELECT pg_temp.log('cleo', :one, 'next', 'second', 'due', pg_temp.day(2)) \g /dev/null
INSERT INTO activity (deal_id, company_id, member_id, kind, text, done_id)
SELECT d.id, d.company_id, d.owner_id, 'done', 'first', :first FROM deal AS d WHERE d.id = :one;
SELECT is(pg_temp.pulse(:one), 'acme cleo by 2 touched 0 10 second 2', 'what was done is the one that was seen, no other');
SELECT pg_temp.act('cleo', 'deal.log', pg_temp.method('DealService/CompleteNextStep', 'deal_id', :one::text)) \g /dev/null
SELECT pg_temp.refused('cleo', 'deal.log', pg_temp.method('DealService/CompleteNextStep', 'deal_id', :one::text), 'JY009',
    format('deal %s has no next step that is to be done', :one));
SELECT pg_temp.move('cleo', :one, 'lost') \g /dev/null
SELECT is(pg_temp.pulse(:one), 'acme closed cleo by 14 touched 0 11', 'what has ended is not open');
SELECT pg_temp.move('boss', :one, 'contacted') \g /dev/null
SELECT is(pg_temp.pulse(:one), 'acme cleo by 10 touched 0 11', 'and is again');
SELECT pg_temp.act('ben', 'deal.assign', format('UPDATE deal SET owner_id = %s WHERE id = %s RETURNING id', pg_temp.member('ben'), :one)) \g /dev/null
SELECT is(pg_temp.pulse(:one), 'acme ben by 10 touched 0 11', 'it goes with the deal');

-- Two sides.
SELECT pg_temp.log('vito', :two, 'next', 'ask', 'due', pg_temp.day(1), 'internal', 'true') \g /dev/null
SELECT is(pg_temp.pulse(:two), 'acme cleo by 3 touched 0, beta vito by 1 touched 0 1 ask 1', 'what is internal touches its own side alone');
SELECT pg_temp.log('vera', :two, 'next', 'call', 'at', pg_temp.day(-1)) \g /dev/null
SELECT is(pg_temp.pulse(:two), 'acme cleo by 2 touched -1 1, beta vera by 3 touched 0 2 call', 'what both see touches both; what comes next is a side''s own');
SELECT pg_temp.log('cleo', :two, 'next', 'offer', 'due', pg_temp.day(0)) \g /dev/null
SELECT is(pg_temp.pulse(:two), 'acme cleo by 0 touched 0 2 offer 0, beta vera by 3 touched 0 3 call', 'also from this side');
SELECT is(pg_temp.sees('cleo', 'session', 'touches FROM deal_pulse WHERE deal_id = ' || :two) || '/' || pg_temp.sees('vito', 'session', 'touches FROM deal_pulse')
    || '/' || pg_temp.sees('dora', 'session', 'touches FROM deal_pulse') || pg_temp.sees('gina', 'session', 'touches FROM deal_pulse'),
    '2/3/', 'each sees its own side of what it sees');
SELECT pg_temp.act('vito', 'deal.log', pg_temp.method('DealService/CompleteNextStep', 'deal_id', :two::text)) \g /dev/null
SELECT is(pg_temp.pulse(:two), 'acme cleo by 0 touched 0 3 offer 0, beta vito by 3 touched 0 4', 'who does the step of their own side leaves that of the other');
UPDATE partnership SET state = 'suspended';
SELECT is(pg_temp.sees('vito', 'session', 'touches FROM deal_pulse'), '', 'while nothing is shared there is nothing to do, for who logged it neither');
UPDATE partnership SET state = 'active';
UPDATE deal SET vendor_id = NULL WHERE id = :two;
UPDATE deal SET vendor_id = pg_temp.company('beta') WHERE id = :two;
SELECT is(pg_temp.pulse(:two), 'acme cleo by 0 touched 0 3 offer 0, beta by 3 touched 0', 'who is given it anew begins anew');

-- What there is beside it, each side looks for only where there may be something.
SELECT pg_temp.deal('cleo', 'three', true) AS three \gset
SELECT is(string_agg(p.beside::text, ' '), '0 0', 'nothing yet') FROM deal_pulse AS p WHERE p.deal_id = :three;
INSERT INTO participant (on_kind, on_id, member_id, function, added_by) VALUES (kind('deal'), :three, pg_temp.member('dora'), 'sales', pg_temp.member('cleo'));
INSERT INTO task (company_id, on_kind, on_id, title, created_by) VALUES (pg_temp.company('acme'), kind('deal'), :three, 't', pg_temp.member('cleo'));
INSERT INTO link (from_kind, from_id, to_kind, to_id, role, member_id, audience)
VALUES (kind('deal'), :one, kind('deal'), :three, 'about', pg_temp.member('cleo'), 'shared');
SELECT is(string_agg(p.beside::text, ' '), '14 14', 'people, tasks and links') FROM deal_pulse AS p WHERE p.deal_id = :three;
SELECT is(p.beside::int, 8, 'either end of a link') FROM deal_pulse AS p WHERE p.deal_id = :one;
UPDATE deal SET vendor_id = NULL WHERE id = :three;
UPDATE deal SET vendor_id = pg_temp.company('beta') WHERE id = :three;
SELECT is(string_agg(p.beside::text, ' '), '14 14', 'who is given the deal finds it') FROM deal_pulse AS p WHERE p.deal_id = :three;
SELECT is(pg_temp.act('boss', 'deal.read', format('SELECT concat_ws('' '', jsonb_array_length(team), jsonb_array_length(tasks), links) FROM deal_pulse AS p, deal_around(p.deal_id, p.beside) WHERE p.deal_id = %s', :three)), '1 1 1', 'who sees both deals sees all of it');
SELECT is(pg_temp.act('vito', 'deal.read', format('SELECT concat_ws('' '', jsonb_array_length(team), jsonb_array_length(tasks), links) FROM deal_pulse AS p, deal_around(p.deal_id, p.beside) WHERE p.deal_id = %s', :three)), '', 'its vendor what is shared since');

-- GetDeal asks for its own side's without the policy: nobody else's, whoever asks.
SELECT is(pg_temp.act(who, 'deal.read', format('SELECT concat_ws('' '', (p).company_id = me_company(), (p).beside) FROM deal_pulse_of(%s) AS p', :three)),
    found, 'what ' || who || ' is told of how it is looked after') FROM (VALUES ('boss', 't 14'), ('vito', 't 14'), ('gina', '')) AS t(who, found);

-- What is logged late counts when it comes.
SELECT pg_temp.log('boss', :one, 'at', pg_temp.day(-7)), pg_temp.log('boss', :one, 'at', pg_temp.day(-8)), pg_temp.log('boss', :one, 'at', '2020-02-29') \g /dev/null
SELECT is(string_agg(concat_ws(' ', a.counted_on - pg_temp.day(0)::date, a.late), ', ' ORDER BY a.id), '-7 f, 0 t, 0 t', 'within the week on its own day, later on that of its coming')
FROM (SELECT * FROM activity WHERE deal_id = :one ORDER BY id DESC LIMIT 3) AS a;
SELECT is(pg_temp.pulse(:one), 'acme ben by 10 touched 0 14', 'and touches no later');
UPDATE company_profile SET backdate_days = 0 WHERE company_id = pg_temp.company('acme');
SELECT pg_temp.log('boss', :one, 'at', pg_temp.day(-1)) \g /dev/null
SELECT is((SELECT late FROM activity ORDER BY id DESC LIMIT 1), true, 'the company says how long');
SELECT is(pg_temp.act('cleo', 'session', format('SELECT moment_of(%L, me_company()) AT TIME ZONE ''UTC''', v.typed)), v.moment, v.typed)
FROM (VALUES ('2026-11-21T14:30', '2026-11-21 00:30:00'), ('2026-11-21T14:30:59', '2026-11-21 00:30:59'), ('2026-11-21T14:30Z', '2026-11-21 14:30:00'),
    ('2026-11-21T14:30+08:00', '2026-11-21 06:30:00'), ('2026-11-21', '2026-11-20 22:00:00')) AS v(typed, moment);
SELECT ok(pg_temp.act('cleo', 'session', format('SELECT moment_of(%L, me_company()) = now()', pg_temp.day(0)))::boolean, 'today is now');
SELECT throws_like(format('SELECT pg_temp.log(%L, %s, ''at'', %L)', 'boss', :one, pg_temp.day(1)), 'what is logged has happened already%', 'nothing is logged that is to come');
-- Whom one does not know they learn nothing of.
SELECT is(pg_temp.act('gina', 'session', format('SELECT counted_on FROM counted_day(%s, now())', pg_temp.company('acme'))), NULL, 'of a stranger no day');

SELECT is(count(*)::int, 0, 'all of them say the day that follows from the rest') FROM deal_pulse AS p
WHERE p.touch_by IS DISTINCT FROM least(p.next_due_on, coalesce(p.touched_on, p.stage_on) + coalesce(p.stay_days, 14));

-- What it reads: of thousands a page in each arm, and nothing in vain.
INSERT INTO customer (company_id, name) VALUES (pg_temp.company('acme'), 'C') RETURNING id AS customer \gset
SET LOCAL session_replication_role = replica;
INSERT INTO deal (company_id, title, customer_id, stage, outcome, owner_id, vendor_id, shared_version, shared_span)
SELECT pg_temp.company('acme'), 'D' || i, :customer, 'new', 'open', pg_temp.member(CASE i % 2 WHEN 0 THEN 'cleo' ELSE 'dora' END),
       CASE i % 4 WHEN 0 THEN pg_temp.company('beta') END, CASE i % 4 WHEN 0 THEN 1 END, 1
FROM generate_series(1, 4000) AS i;
INSERT INTO deal_pulse (deal_id, company_id, deal_company_id, shared_span, member_id, open, stage_on, stay_days, touch_by)
SELECT d.id, s.company_id, d.company_id, 1, CASE s.company_id WHEN d.company_id THEN d.owner_id ELSE pg_temp.member('vito') END, d.id % 5 <> 0,
       pg_temp.day(0)::date - (d.id % 100)::int, 50, pg_temp.day(0)::date - (d.id % 100)::int + 50
FROM deal AS d, LATERAL (VALUES (d.company_id), (d.vendor_id)) AS s(company_id) WHERE d.title LIKE 'D%' AND s.company_id IS NOT NULL;
SET LOCAL session_replication_role = origin;
ANALYZE deal; ANALYZE deal_pulse;
SELECT is(pg_temp.reads('cleo', 'deal.read', 'deal_pulse', 'DealService/ListDue'), 'deal_pulse_of_member 51/0', 'one''s own');
SELECT is(pg_temp.reads('boss', 'deal.read', 'deal_pulse', 'DealService/ListDue', 'team', 'true'), 'deal_pulse_of_company 51/0', 'a company''s');
SELECT is(pg_temp.reads('ben', 'deal.read', 'deal_pulse', 'DealService/ListDue', 'team', 'true'), 'deal_pulse_of_member 26/0', 'a team''s, half of a page for each on average');
SELECT is(pg_temp.reads('vito', 'deal.read', 'deal_pulse', 'DealService/ListDue', 'team', 'true'), 'deal_pulse_of_company 51/0, deal_pulse_of_member 51/0', 'what is shared');
SELECT is(pg_temp.reads('vito', 'deal.read', 'deal_pulse', 'DealService/ListDue', 'page.after', pg_temp.day(-10) || '/100000'), 'deal_pulse_of_member 51/0',
    'a later page begins where it is asked to');

SELECT * FROM finish();
ROLLBACK;
