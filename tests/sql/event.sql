-- Events: who is told what, in which order, and what of it is seen afterwards.
\ir fixture.psql
SELECT no_plan();

-- What is told to everybody that was told nothing yet: "name kind on" in order, and nothing of it is left.
CREATE FUNCTION pg_temp.told() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before bigint := coalesce((SELECT max(id) FROM jiayi.inbox), 0);
BEGIN
    -- The test is one transaction: as the dispatcher sees its events, it has ended.
    UPDATE jiayi.event SET xid = '1' WHERE position IS NULL;
    SET LOCAL ROLE jiayi_job;
    PERFORM jiayi.dispatch(1000);
    RESET ROLE;
    RETURN coalesce((SELECT string_agg(format('%s %s %s', m.name, i.kind, k.kind), ', ' ORDER BY i.id)
        FROM jiayi.inbox AS i JOIN jiayi.member AS m ON m.id = i.member_id
        JOIN jiayi.object_kind AS k ON k.no = i.on_kind WHERE i.id > before), '');
END
$$;
CREATE FUNCTION pg_temp.tells(wanted text, description text) RETURNS text LANGUAGE sql AS
$$ SELECT is(pg_temp.told(), $1, $2) $$;
SELECT pg_temp.told() \g /dev/null

-- The order is that of transactions, of this cluster or, by a backup, of another, whose numbers may be any: of a row that
-- can be seen, and is of no transaction before those that run, the transaction is elsewhere. One that runs holds up what
-- comes behind it: tests/e2e/server/events.bats.
SELECT pg_temp.deal('dora', 'early') AS early \gset
UPDATE event SET xid = (pg_snapshot_xmax(pg_current_snapshot())::text::bigint + 1000000)::text::xid8 WHERE position IS NULL AND on_id = :early;
INSERT INTO event (xid, company_id, kind, on_kind, on_id, member_ids)
SELECT '5', pg_temp.company('acme'), 'deal.moved', 3, :early, ARRAY[pg_temp.member('dora')];
SET LOCAL ROLE jiayi_job;
SELECT is((SELECT events || ' ' || told FROM dispatch(1)), '1 1', 'of a backup as well, as many as are asked for');
SELECT is((SELECT events || ' ' || told FROM dispatch(1000)), '1 1', 'the other, of a cluster that was further');
SELECT is((SELECT events || ' ' || late_ms || coalesce(is_mine::text, '-') FROM dispatch(1000)), '0 0-', 'once');
RESET ROLE;
SELECT is(string_agg(i.kind, ',' ORDER BY i.id), 'deal.moved,deal.created', 'in the order of transactions')
FROM inbox AS i WHERE i.on_id = :early AND i.on_kind = 3;

-- Deals: ben is cleo's manager, anna ben's.
CREATE FUNCTION pg_temp.move(name text, deal bigint, stage text, reason text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'deal.move', format('UPDATE deal SET stage = %L, stage_reason = %L, lost_code = CASE %L::text WHEN ''lost'' THEN ''other'' END
        WHERE id = %s RETURNING stage', $3, $4, $3, $2))
$$;
SELECT pg_temp.deal('cleo', 'D') AS d, pg_temp.deal('cleo', 'S', true) AS s \gset
SELECT pg_temp.tells('cleo deal.created deal, cleo deal.created deal, bboss deal.shared deal',
    'a new deal: its owner; shared, the vendor''s people');
SELECT count(*) AS n FROM event \gset
SELECT pg_temp.move('cleo', :d, 'quoted') \g /dev/null
SELECT is(count(*)::int, :n, 'who moves their own deal, which nobody follows, writes no event') FROM event;
SELECT pg_temp.move('ben', :d, 'deciding') \g /dev/null
SELECT is(e.data, '{"from": "quoted", "to": "deciding"}', 'a move has the stages before and after') FROM event AS e ORDER BY id DESC LIMIT 1;
SELECT pg_temp.tells('cleo deal.moved deal', 'the owner of what others do');
INSERT INTO subscription (member_id, on_kind, on_id) VALUES (pg_temp.member('dora'), kind('deal'), :s), (pg_temp.member('boss'), kind('deal'), :s);
SELECT pg_temp.move('cleo', :s, 'contacted') \g /dev/null
SELECT pg_temp.tells('boss deal.moved deal', 'of one''s own those who follow it and see it');
DELETE FROM subscription;
INSERT INTO participant (on_kind, on_id, member_id, function, added_by) VALUES (kind('deal'), :s, pg_temp.member('dora'), 'sales', pg_temp.member('cleo'));
SELECT pg_temp.told() \g /dev/null
SELECT pg_temp.move('cleo', :s, 'new') \g /dev/null
SELECT pg_temp.tells('dora deal.moved deal', 'and who takes part');
DELETE FROM participant;
SELECT pg_temp.move('cleo', :d, 'lost', 'Too dear') \g /dev/null
SELECT pg_temp.tells('ben deal.lost deal', 'the manager, too, of what is lost');
SELECT pg_temp.move('anna', :d, 'new') \g /dev/null
SELECT pg_temp.tells('ben deal.reopened deal, cleo deal.reopened deal', 'or reopened');
SELECT pg_temp.act('anna', 'deal.assign', format('UPDATE deal SET owner_id = %s WHERE id = %s RETURNING 1', pg_temp.member('ben'), :d)) \g /dev/null
SELECT pg_temp.tells('ben deal.assigned deal', 'the new owner');
SELECT pg_temp.act('anna', 'deal.update', format('UPDATE deal SET vendor_id = %s WHERE id = %s RETURNING 1', pg_temp.company('beta'), :d)) \g /dev/null
SELECT pg_temp.tells('bboss deal.shared deal', 'a deal that is shared later');
SELECT pg_temp.act('anna', 'deal.update', format('UPDATE deal SET title = ''X'' WHERE id = %s RETURNING 1', :d)) \g /dev/null
SELECT pg_temp.tells('ben deal.updated deal', 'whose deal somebody else changed');
SELECT pg_temp.act('ben', 'deal.update', format('UPDATE deal SET title = ''Y'' WHERE id = %s RETURNING 1', :d)) \g /dev/null
SELECT pg_temp.tells('', 'not of what one changes oneself');

-- What is logged and said.
CREATE FUNCTION pg_temp.log(name text, deal bigint, audience text DEFAULT 'shared') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'deal.log', format('INSERT INTO activity (deal_id, company_id, member_id, kind, text, audience)
        SELECT d.id, d.company_id, me_member(), ''call'', ''t'', %L FROM deal AS d WHERE d.id = %s RETURNING 1', $3, $2))
$$;
SELECT count(*) AS n FROM event \gset
SELECT pg_temp.log('cleo', :s) \g /dev/null
SELECT is(count(*)::int, :n, 'who logs on their own deal, which nobody follows, writes no event') FROM event;
SELECT pg_temp.log('vito', :s) \g /dev/null
SELECT pg_temp.tells('cleo deal.logged deal', 'the owner of what a vendor logs');
SELECT pg_temp.log('vito', :s, 'internal') \g /dev/null
SELECT pg_temp.tells('', 'not of what is the vendor''s own');
CREATE FUNCTION pg_temp.say(name text, ref text, words text, audience text DEFAULT 'shared') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'comment.add', format('INSERT INTO comment (on_kind, on_id, member_id, text, audience)
        SELECT o.on_kind, o.on_id, me_member(), %L, %L FROM object_seen(%L) AS o RETURNING 1', $3, $4, $2))
$$;
SELECT pg_temp.say('vito', 'deal/' || :s, 'Hello') \g /dev/null
SELECT pg_temp.tells('cleo comment.added deal', 'the owner of what is said');
SELECT pg_temp.say('cleo', 'deal/' || :s, 'Ask @Ben@acme.example, @gina@gamma.example or @dora@acme.example.') \g /dev/null
SELECT pg_temp.tells('ben comment.added deal, vito comment.added deal',
    'who said something before, and who is named and may see it; not who may not, nor a stranger');
SELECT pg_temp.say('ben', 'deal/' || :s, 'Between us', 'internal') \g /dev/null
SELECT pg_temp.tells('cleo comment.added deal', 'what is internal: the own company');

-- Following, as far as one may see.
SELECT pg_temp.act('vito', 'session', format('SELECT follow(''deal/%s'')', :s)) \g /dev/null
SELECT pg_temp.act('anna', 'session', format('SELECT follow(''deal/%s'')', :s)) \g /dev/null
SELECT pg_temp.refused('vito', 'session', format('SELECT follow(''deal/%s'')', :s), 'JY006', format('you follow deal/%s already', :s));
SELECT pg_temp.refused('gboss', 'session', format('SELECT follow(''deal/%s'')', :s), 'JY005', format('there is no deal/%s that you can see', :s));
SELECT pg_temp.log('cleo', :s) \g /dev/null
SELECT pg_temp.tells('anna deal.logged deal, vito deal.logged deal', 'who follows');
SELECT pg_temp.log('cleo', :s, 'internal') \g /dev/null
SELECT pg_temp.tells('anna deal.logged deal', 'but for what is internal');
SELECT is(pg_temp.sees('vito', 'session', 'on_id FROM subscription'), :s::text, 'each sees what they follow');
SELECT is(pg_temp.sees('boss', 'session', 'on_id FROM subscription'), '', 'and nobody what others do');
SELECT pg_temp.act('anna', 'session', format('SELECT unfollow(''deal/%s'')', :s)) \g /dev/null
SELECT pg_temp.refused('anna', 'session', format('SELECT unfollow(''deal/%s'')', :s), 'JY005', format('you do not follow deal/%s', :s));

-- Who takes part.
SELECT pg_temp.move('ben', :s, 'contacted') \g /dev/null
SELECT pg_temp.tells('cleo deal.moved deal, vito deal.moved deal', 'before dora takes part: who has the deal, and who follows');
INSERT INTO participant (on_kind, on_id, member_id, function, added_by) VALUES (3, :s, pg_temp.member('dora'), 'helper', pg_temp.member('ben'));
SELECT pg_temp.move('ben', :s, 'new') \g /dev/null
SELECT pg_temp.tells('cleo deal.moved deal, dora deal.moved deal, vito deal.moved deal', 'and then dora');
DELETE FROM participant WHERE on_id = :s;

-- A rival: the deal is given to delta, whose people are told from then on, and beta's are not, whatever they follow or said.
INSERT INTO company (slug, name) VALUES ('delta', 'Delta');
SELECT pg_temp.join_company('dev', 'delta', 'vendor') \g /dev/null
SELECT pg_temp.told() \g /dev/null
SELECT pg_temp.partners('acme', 'delta') \g /dev/null
SELECT pg_temp.tells('boss partner.accepted partner', 'a partnership: the people who look after such');
SELECT is(pg_temp.sees('vito', 'session', 'v.title FROM inbox AS i, inbox_shown(i) AS v WHERE i.on_id = ' || :s), 'S,S,S,S', 'until then beta sees');
SELECT pg_temp.act('boss', 'deal.update', format('UPDATE deal SET vendor_id = %s WHERE id = %s RETURNING 1', pg_temp.company('delta'), :s)) \g /dev/null
SELECT pg_temp.tells('', 'a vendor that has nobody to look after partnerships');
SELECT pg_temp.act('dev', 'session', format('SELECT follow(''deal/%s'')', :s)) \g /dev/null
SELECT pg_temp.say('cleo', 'deal/' || :s, 'Welcome @vito@beta.example') \g /dev/null
SELECT pg_temp.tells('ben comment.added deal, dev comment.added deal', 'the vendor that has the deal, not its rival');
SELECT is(pg_temp.sees('vito', 'session', 'concat_ws('' '', v.kind, v.on, v.title, v.from, v.to, v.member, v.member_company)
    FROM inbox AS i, inbox_shown(i) AS v WHERE i.on_id = ' || :s), rtrim(repeat('deal/' || :s || ',', 4), ','),
    'of what was told of a thing that one does not see any more there is the reference');

-- Who left, and whose partnership ended.
UPDATE partnership SET state = 'suspended' WHERE vendor_id = pg_temp.company('delta');
SELECT pg_temp.tells('boss partner.suspended partner', 'a partnership that rests');
SELECT pg_temp.move('ben', :s, 'quoted') \g /dev/null
SELECT pg_temp.tells('cleo deal.moved deal', 'then nothing to the vendor');
UPDATE partnership SET state = 'active' WHERE vendor_id = pg_temp.company('delta');
SELECT pg_temp.tells('boss partner.resumed partner', 'and goes on');
SELECT pg_temp.move('ben', :s, 'deciding') \g /dev/null
SELECT pg_temp.tells('cleo deal.moved deal, dev deal.moved deal', 'and so does telling');
-- With what is still theirs, as people left before that was refused.
UPDATE member SET state = 'removed' WHERE name = 'cleo';
SELECT pg_temp.tells('ben member.removed member', 'of who is removed their manager');
SELECT pg_temp.move('ben', :s, 'quoted') \g /dev/null
SELECT pg_temp.tells('dev deal.moved deal', 'and nothing to who is removed');

-- Members and roles.
SELECT pg_temp.act('boss', 'member.manage', 'SELECT member_add(''fay@acme.example'', ''fay'', ''salesperson'', ''anna@acme.example'', NULL)') \g /dev/null
SELECT pg_temp.tells('anna member.added member, fay member.added member', 'who is new, and their manager');
SELECT pg_temp.act('boss', 'member.manage', 'SELECT member_set_role(''fay@acme.example'', ''manager'')') \g /dev/null
SELECT pg_temp.tells('fay role.changed member', 'who has another role');
SELECT pg_temp.act('boss', 'member.manage', 'SELECT member_set_manager(''fay@acme.example'', ''ben@acme.example'')') \g /dev/null
SELECT pg_temp.tells('ben member.moved member, fay member.moved member', 'or another manager, with that one');

-- Reports.
CREATE FUNCTION pg_temp.report(name text, addressee text, period text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'report.submit', format('SELECT id FROM report_submit(''daily'', %L, %L, ''T'', ''B'', NULL)', $3, $2))
$$;
SELECT pg_temp.report('ben', 'acme', '2026-11-20') AS r, pg_temp.report('vito', 'acme', '2026-11-20') AS v \gset
SELECT pg_temp.tells('anna report.submitted report, boss report.submitted report, anna report.submitted report, ben report.submitted report, fay report.submitted report',
    'a report: the manager; a vendor''s, those who may review it');
SELECT pg_temp.act('anna', 'report.review', format('SELECT report_review(%s, ''returned'', ''More'', NULL)', :r)) \g /dev/null
SELECT pg_temp.tells('ben report.returned report', 'what is decided: the author');
SELECT pg_temp.act('anna', 'report.review', format('SELECT report_review(%s, ''accepted'', NULL, NULL)', :v)) \g /dev/null
SELECT pg_temp.tells('vito report.accepted report', 'also across the line');

-- Tasks.
SELECT pg_temp.act('anna', 'task.create', pg_temp.method('TaskService/CreateTask', 'title', 'T', 'owner', 'ben@acme.example')) AS t \gset
SELECT pg_temp.tells('ben task.assigned task', 'a task: who is to do it');
SELECT max(id) AS t FROM task \gset
SELECT pg_temp.act('ben', 'task.update', format('UPDATE task SET state = ''done'' WHERE id = %s RETURNING 1', :t)) \g /dev/null
SELECT pg_temp.tells('anna task.done task', 'and who gave it, once it is done');
SELECT pg_temp.say('ben', 'task/' || :t, 'Done yesterday') \g /dev/null
SELECT pg_temp.tells('anna comment.added task', 'or spoken of');

-- KPIs.
SELECT pg_temp.act('boss', 'kpi.define', 'INSERT INTO kpi (company_id, code, name, unit, period, direction)
    VALUES (me_company(), ''calls'', ''Calls'', ''n'', ''month'', ''up'') RETURNING id') \g /dev/null
SELECT pg_temp.act('anna', 'kpi.target', 'SELECT kpi_target(''calls'', ''2026-11'', 10, ''ben@acme.example'', NULL)') \g /dev/null
SELECT pg_temp.tells('ben kpi.target kpi_line', 'a target: whose it is');
SELECT pg_temp.act('boss', 'kpi.target', 'SELECT kpi_target(''calls'', ''2026-11'', 10, NULL, ''beta'')') \g /dev/null
SELECT pg_temp.tells('bboss kpi.target kpi_line', 'or the vendor''s people');
SELECT pg_temp.act('ben', 'kpi.record', 'SELECT kpi_record_value(''calls'', ''2026-11'', 9, NULL, NULL, NULL)') \g /dev/null
SELECT pg_temp.tells('', 'not yet reached');
SELECT pg_temp.act('ben', 'kpi.record', 'SELECT kpi_record_value(''calls'', ''2026-11'', 10, NULL, NULL, NULL)') \g /dev/null
SELECT pg_temp.tells('anna kpi.reached kpi_line', 'reached: the manager, who set it as well, once');
SELECT pg_temp.act('ben', 'kpi.record', 'SELECT kpi_record_value(''calls'', ''2026-11'', 11, NULL, NULL, NULL)') \g /dev/null
SELECT pg_temp.tells('', 'no second time');

-- Invitations: a company that is there, and one that is not.
SELECT pg_temp.act('boss', 'partner.manage', 'SELECT partner_invite(''gamma'', NULL, NULL)') \g /dev/null
SELECT pg_temp.tells('gboss partner.invited invitation', 'who is invited');
SELECT is(pg_temp.act('gboss', 'session', 'SELECT v.title || '' '' || v.kind FROM inbox AS i, inbox_shown(i) AS v ORDER BY v.id DESC LIMIT 1'),
    'acme partner.invited', 'and sees by whom');
SELECT pg_temp.act('boss', 'partner.manage', 'SELECT partner_invite(''nobody'', NULL, NULL)') \g /dev/null
SELECT pg_temp.tells('', 'nobody where there is none');
SELECT pg_temp.act('gboss', 'partner.manage', 'SELECT partner_accept(''acme'', NULL)') \g /dev/null
SELECT pg_temp.tells('boss partner.accepted partner', 'who invited');
SELECT pg_temp.act('gboss', 'partner.manage', 'SELECT partner_change(''acme'', NULL, ''ended'')') \g /dev/null
SELECT pg_temp.tells('boss partner.ended partner', 'and of the end the other side');

-- One's own inbox.
SELECT is(pg_temp.sees('boss', 'session', 'DISTINCT member_id FROM inbox'), pg_temp.member('boss')::text, 'everybody sees the own inbox');
SELECT is(pg_temp.act('gboss', 'session', 'SELECT inbox_read((SELECT max(id) FROM inbox), false)'), '1', 'reading one');
SELECT is(pg_temp.act('gboss', 'session', 'SELECT inbox_read((SELECT max(id) FROM inbox), false)'), '0', 'twice changes nothing');
SELECT max(id) AS foreign FROM inbox WHERE member_id = pg_temp.member('boss') \gset
SELECT pg_temp.refused('gboss', 'session', format('SELECT inbox_read(%s, false)', :foreign), 'JY005',
    format('nothing in your inbox has the number %s', :foreign));
SELECT cmp_ok(pg_temp.act('boss', 'session', 'SELECT inbox_read(NULL, true)')::int, '>', 3, 'all at once');
SELECT is(count(*)::int, 0, 'and nobody else''s') FROM inbox AS i WHERE i.read_at IS NOT NULL AND i.member_id NOT IN
    (pg_temp.member('boss'), pg_temp.member('gboss'));
SELECT throws_ok($$ DO 'BEGIN SET LOCAL ROLE jiayi_app; PERFORM count(*) FROM jiayi.event; END' $$, '42501', NULL, 'no call reads events');

-- Watching: what is above a cursor, in order; and where to go on.
CREATE FUNCTION pg_temp.watch(name text, since bigint) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'session', format('SELECT coalesce(jsonb_array_length(w.items), 0) || '' '' || w."cursor" FROM inbox_watch(%s) AS w',
        coalesce($2::text, 'NULL')))
$$;
SELECT max(id) AS newest FROM inbox \gset
SELECT max(id) AS last FROM inbox WHERE member_id = pg_temp.member('gboss') \gset
SELECT is(pg_temp.watch('gboss', NULL), '0 ' || :last, 'from now on: the last of one''s own');
SELECT is(pg_temp.watch('gboss', :last), '0 ' || :last, 'nothing above that: the cursor stays');
SELECT is(pg_temp.watch('gboss', :last - 1), '1 ' || :last, 'what is above it');
SELECT is(pg_temp.watch('gboss', 0), count(*) || ' ' || :last, 'all') FROM inbox WHERE member_id = pg_temp.member('gboss');
SELECT is(pg_temp.watch('gboss', :newest + 1), '0 ' || :last, 'a cursor that the database has not come to goes back');
INSERT INTO inbox (member_id, event_id, at, kind, on_kind, on_id)
SELECT pg_temp.member('dora'), 0, now(), 'member.added', 21, pg_temp.member('dora') FROM generate_series(1, 150);
SELECT is(pg_temp.watch('dora', :newest), '100 ' || (:newest + 100), 'a hundred at a time');
SELECT is(pg_temp.watch('dora', :newest + 100), '50 ' || (:newest + 150), 'and the rest');
-- Servers ask whom something was told.
SET LOCAL ROLE jiayi_job;
SELECT is(newest || ' ' || is_other || coalesce(sessions::text, '-'), :newest + 150 || ' true-', 'who asks for the first time has everybody look')
FROM inbox_since(NULL);
SELECT is(newest || ' ' || is_other || coalesce(sessions::text, '-'), :newest + 150 || ' false-', 'nothing new') FROM inbox_since(:newest + 150);
SELECT is(newest || ' ' || is_other || coalesce(sessions::text, '-'), :newest + 150 || ' true-',
    'a database that was made anew, or is of a backup, beneath the server: everybody looks, from its last on') FROM inbox_since(:newest + 151);
SELECT cardinality(sessions) AS n, sessions[1] AS session FROM inbox_since(:newest) \gset
RESET ROLE;
SELECT is(:n, 1, 'else the sessions of whom something was told');
SELECT is(s.member_id, pg_temp.member('dora'), 'and of nobody else') FROM session AS s WHERE s.id = :session;
SELECT is((SELECT count(*)::int FROM sessions_over(ARRAY[:session])), 0, 'a session that holds');
CREATE FUNCTION pg_temp.over(change text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'UPDATE jiayi.session SET ' || change || ' WHERE member_id = pg_temp.member(''dora'')';
    RAISE EXCEPTION USING ERRCODE = 'ZZZZZ', MESSAGE = (SELECT count(*) FROM jiayi.session AS s, jiayi.sessions_over(ARRAY[s.id]) AS o
        WHERE s.member_id = pg_temp.member('dora'));
EXCEPTION WHEN SQLSTATE 'ZZZZZ' THEN
    RETURN SQLERRM;
END
$$;
SELECT is(pg_temp.over(c), '1', 'one that is over: ' || c) FROM unnest(ARRAY['revoked_at = now()', 'expires_at = now()',
    'last_seen_at = now() - idle_timeout']) AS c;
SELECT is((SELECT count(*)::int FROM sessions_over(ARRAY[0])), 1, 'one that is gone');
UPDATE session SET last_seen_at = now() - interval '10 minutes' WHERE id = :session;
SELECT set_config('test.quiet', authorize(sha256('token of dora'), 1, NULL, NULL, NULL, '0', NULL), true) \g /dev/null
SELECT is(last_seen_at, now() - interval '10 minutes', 'waiting for news is no use of a session') FROM session WHERE id = :session;
SELECT set_config('test.quiet', authorize(sha256('token of dora'), 1, NULL, NULL, NULL, '0', '127.0.0.1'), true) \g /dev/null
SELECT is(last_seen_at, now(), 'and any other call is') FROM session WHERE id = :session;
SELECT pg_temp.leave() \g /dev/null
DELETE FROM inbox WHERE id > :newest;

-- What days bring: Friday is the 14th, so three working days are over with the Wednesday after it.
SELECT pg_temp.told() \g /dev/null
SELECT pg_temp.deal('ben', 'Due') AS due \gset
SELECT pg_temp.told() \g /dev/null
UPDATE deal_pulse SET touch_by = '2031-03-14' WHERE deal_id = :due;
INSERT INTO task (company_id, title, assignee_id, created_by, due_on) VALUES
    (pg_temp.company('acme'), 'Friday', pg_temp.member('ben'), pg_temp.member('anna'), '2031-03-14'),
    (pg_temp.company('acme'), 'Monday', pg_temp.member('ben'), pg_temp.member('ben'), '2031-03-17');
SELECT pg_temp.told() \g /dev/null
CREATE FUNCTION pg_temp.comes(day date) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    slot timestamptz := jiayi.day_begins(pg_temp.company('acme'), day);
BEGIN
    PERFORM jiayi.job_due(0, slot);
    INSERT INTO jiayi.job_run (name, company_id, slot, began_at, changed, failures) VALUES ('due', 0, slot, now(), 0, 0);
    RETURN pg_temp.told();
END
$$;
SELECT is(pg_temp.comes('2031-03-12'), '', 'two working days before');
SELECT is(pg_temp.comes('2031-03-13'), 'ben task.due task', 'a working day before: who has the task');
SELECT is(pg_temp.comes('2031-03-14'), 'ben task.due task', 'of Monday''s on Friday');
SELECT is(pg_temp.comes('2031-03-15'), 'anna task.overdue task, ben task.overdue task, ben deal.overdue deal',
    'when the day is over: who gave it as well, and whose the deal is');
SELECT is(pg_temp.comes('2031-03-16'), '', 'once');
SELECT is(pg_temp.comes('2031-03-17'), '', 'on its day nothing');
SELECT is(pg_temp.comes('2031-03-20'), 'ben task.overdue task, anna deal.neglected deal',
    'after three days in which no server ran, once, and the manager of a deal that was let lie for three working days');
UPDATE deal_pulse SET touch_by = '2031-03-21' WHERE deal_id = :due;
SELECT pg_temp.told() \g /dev/null
SELECT is(pg_temp.comes('2031-04-30'), 'anna deal.neglected deal', 'after a month the manager at once');

-- Housekeeping: read rows after 180 days, events after 90.
UPDATE inbox SET read_at = now() - interval '181 days' WHERE id = :foreign;
UPDATE event SET at = now() - interval '91 days' WHERE id IN (SELECT e.id FROM event AS e ORDER BY e.id LIMIT 3);
SELECT count(*) AS events, (SELECT count(*) FROM inbox) AS items FROM event \gset
SELECT job_housekeeping(0, now()) \g /dev/null
SELECT is(count(*)::int, :events - 3, 'old events go') FROM event;
SELECT is(count(*)::int, :items - 1, 'and what was read long ago') FROM inbox;

-- Whatever a trigger wrote is of a kind that there is.
SELECT is(string_agg(DISTINCT e.kind, ','), NULL, 'no event is of no kind') FROM event AS e
WHERE NOT EXISTS (SELECT FROM event_kind AS k WHERE k.kind = e.kind);
SELECT is(string_agg(t.to_state, ','), NULL, 'a task comes into no state that has no event') FROM transition AS t
WHERE t.object = 'task' AND NOT EXISTS (SELECT FROM event_kind AS k WHERE k.kind = 'task.' || t.to_state);

-- Planned with hardly an event, dispatch() is there when there are a hundred thousand.
CREATE FUNCTION pg_temp.read_whole(tables text[]) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(s.relname || ' ' || s.seq_scan, ', ' ORDER BY s.relname) FROM pg_stat_xact_user_tables AS s WHERE s.relname = ANY (tables)
$$;
SELECT pg_temp.deal('dora', 'late') \g /dev/null
UPDATE event SET xid = '1' WHERE position IS NULL;
-- Of what is on one page the planner reads all, where it may.
ANALYZE event, inbox, member, deal;
DISCARD PLANS;
SELECT pg_temp.read_whole('{event,inbox,member,deal}') AS before \gset
SET LOCAL ROLE jiayi_job;
SELECT is((SELECT events FROM dispatch(1000)), 1::bigint, 'one is told');
RESET ROLE;
SELECT is(pg_temp.read_whole('{event,inbox,member,deal}'), :'before', 'and no table is read as a whole for that');

SELECT * FROM finish();
ROLLBACK;
