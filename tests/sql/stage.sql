-- Stages: what is to be done in them, and what moves do to that (requirement DL1).
\ir fixture.psql
SELECT no_plan();

SELECT pg_temp.deal('cleo', 'one', true) AS one, pg_temp.deal('cleo', 'two') AS two \gset
-- The second stage asks for something.
INSERT INTO checklist (company_id, code, name, purpose) VALUES (pg_temp.company('acme'), 'asks', 'Asks', 'stage');
INSERT INTO checklist_item (checklist_id, version, position, title, required, criterion, side, days)
SELECT c.id, 1, v.* FROM checklist AS c, (VALUES (1, 'Needed', true, false, 'ours', 2), (2, 'Met', true, true, 'ours', NULL),
    (3, 'Dated', false, false, 'vendor', 0), (4, 'To be read', false, false, 'ours', NULL)) AS v
WHERE c.code = 'asks' AND c.company_id = pg_temp.company('acme');
UPDATE stage SET checklist_id = (SELECT c.id FROM checklist AS c WHERE c.code = 'asks')
WHERE company_id = pg_temp.company('acme') AND name = 'contacted';
SELECT is(starts, true, 'a stage knows that its checklist makes tasks') FROM stage
WHERE company_id = pg_temp.company('acme') AND name = 'contacted';

CREATE FUNCTION pg_temp.move(name text, deal bigint, stage text, skip boolean DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'deal.move', format('UPDATE deal SET stage = %L, stage_reason = ''r'', stage_skip = %L
        WHERE id = %s RETURNING stage || '' '' || version', $3, $4, $2))
$$;
CREATE FUNCTION pg_temp.not_moved(name text, deal bigint, stage text, message text, description text) RETURNS text
LANGUAGE sql AS $$
    SELECT pg_temp.refused($1, 'deal.move', format('UPDATE deal SET stage = %L WHERE id = %s RETURNING 1', $3, $2),
        'JY009', $4, $5)
$$;
CREATE FUNCTION pg_temp.tasks(deal bigint) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(t.title || ' ' || t.state || ' ' || t.stay, ', ' ORDER BY t.id) FROM jiayi.task AS t
    WHERE t.on_kind = 3 AND t.on_id = $1
$$;

SELECT is(pg_temp.move('vito', :one, 'contacted'), 'contacted 2', 'a vendor brings a deal into the stage');
SELECT is(pg_temp.tasks(:one), 'Needed open 2, Met open 2, Dated open 2',
    'the points that are required or have days are tasks of that stay');
SELECT is(string_agg(t.title || coalesce(' ' || email_of(t.assignee_id), '') || ' ' || t.side || ' ' || (t.due_on IS NOT NULL), ', ' ORDER BY t.id),
    'Needed cleo@acme.example ours true, Met cleo@acme.example ours false, Dated vendor true', 'of whom, and with a day') FROM task AS t WHERE t.on_id = :one;
SELECT is((SELECT count(DISTINCT t.created_by) FROM task AS t WHERE t.on_id = :one AND t.created_by = pg_temp.member('cleo')), 1::bigint,
    'the owner has them from nobody else');
SELECT is((SELECT t.vendor_id FROM task AS t WHERE t.on_id = :one AND t.title = 'Dated'), pg_temp.company('beta'), 'a partner''s');
SELECT t.id AS needed FROM task AS t WHERE t.title = 'Needed' \gset
SELECT t.id AS met FROM task AS t WHERE t.title = 'Met' \gset
SELECT pg_temp.not_moved('cleo', :one, 'quoted', format('deal %s cannot leave stage contacted yet: to be done first: task/%s Needed; not met: task/%s Met',
    :one, :needed, :met), 'not on while more is asked for');
SELECT pg_temp.not_moved('vito', :one, 'quoted', format('deal %s cannot leave stage contacted yet: people of acme have something to do first', :one),
    'of what is not theirs a vendor''s people read nothing');
SELECT is(pg_temp.act('cleo', 'task.update', format('UPDATE task SET state = ''done'' WHERE id = %s RETURNING state', :needed)), 'done', 'done');
SELECT is(pg_temp.act('cleo', 'task.update', format('UPDATE task SET state = ''cancelled'' WHERE id = %s RETURNING state', :met)), 'cancelled', 'called off');
SELECT pg_temp.not_moved('cleo', :one, 'quoted', format('deal %s cannot leave stage contacted yet: not met: task/%s Met', :one, :met),
    'a criterion is met, not called off');
SELECT pg_temp.refused('cleo', 'deal.move', format('UPDATE deal SET stage = ''quoted'', stage_reason = ''r'', stage_skip = true WHERE id = %s RETURNING 1', :one),
    'JY007', format('skipping what the stage of deal %s asks for needs the permission deal.override', :one));
SELECT pg_temp.refused('ben', 'deal.move', format('UPDATE deal SET stage = ''quoted'', stage_skip = true WHERE id = %s RETURNING 1', :one),
    'JY003', 'skipping what a stage asks for needs a reason; give one with --reason');
SELECT is(pg_temp.move('ben', :one, 'quoted', true), 'quoted 3', 'a manager skips it');
SELECT is((SELECT s.skipped FROM deal_stage AS s WHERE s.deal_id = :one AND s.seq = 3), ARRAY['task/' || :met], 'which is kept');
SELECT is(pg_temp.tasks(:one), 'Needed done 2, Met cancelled 2, Dated cancelled 2', 'the rest is dropped');
SELECT is((SELECT d.stage_skip FROM deal AS d WHERE d.id = :one), NULL, 'and the deal has nothing of it');
SELECT is(pg_temp.move('cleo', :one, 'contacted'), 'contacted 4', 'back into it');
SELECT is(pg_temp.tasks(:one), 'Needed done 2, Met cancelled 2, Dated cancelled 2, Needed open 4, Met open 4, Dated open 4', 'each stay anew');
SELECT is(pg_temp.move('cleo', :one, 'new'), 'new 5', 'and back is free');
SELECT is((SELECT s.counted_on FROM deal_stage AS s WHERE s.deal_id = :one AND s.seq = 4), (now() AT TIME ZONE 'UTC')::date, 'on the company''s day');

-- The owner is told of what a partner''s person moved once, by the move.
SELECT is((SELECT count(*) FROM event AS e WHERE e.on_kind = 8 AND e.member_ids = ARRAY[pg_temp.member('cleo')]), 0::bigint, 'and not by each task');

-- Who gets the deal has what its stage asks for.
SELECT is(pg_temp.move('cleo', :two, 'contacted'), 'contacted 2', 'another');
SELECT is(pg_temp.act('boss', 'deal.assign', format('UPDATE deal SET owner_id = %s WHERE id = %s RETURNING version::text', pg_temp.member('dora'), :two)), '3', 'given away');
SELECT is((SELECT string_agg(DISTINCT email_of(t.assignee_id), ',') FROM task AS t WHERE t.on_id = :two), 'dora@acme.example', 'with its tasks');

-- A statement that slipped into another call makes and moves none.
SELECT pg_temp.refused('cleo', 'deal.move', format('INSERT INTO task (company_id, kind, on_kind, on_id, title, assignee_id, created_by) VALUES (%s, ''todo'', 3, %s, ''x'', %s, %s) RETURNING 1',
    pg_temp.company('acme'), :two, pg_temp.member('dora'), pg_temp.member('cleo')), 'JY007');
SELECT pg_temp.refused('cleo', 'deal.move', 'UPDATE stage SET title = ''x'' WHERE name = ''new'' RETURNING 1', '42501');
SELECT pg_temp.refused('boss', 'deal.move', 'UPDATE checklist SET name = ''x'' RETURNING 1', '42501');

-- Names.
SELECT is(stage_key('Deal－Won'), stage_key('deal won'), 'one name');
SELECT isnt(stage_key('已报价'), stage_key('已联系'), 'two names');
SELECT pg_temp.refused('boss', 'stage.manage', format('INSERT INTO stage (company_id, name, title, position) VALUES (%s, ''quote-d'', ''Other'', 20) RETURNING 1',
    pg_temp.company('acme')), 'JY006', 'stage quoted is called so already');
SELECT is(pg_temp.act('boss', 'stage.manage', 'UPDATE stage SET title = ''Offer'' WHERE company_id = me_company() AND name = ''quoted'' RETURNING version'), '2', 'a title of its own');
SELECT pg_temp.refused('dora', 'deal.move', format('UPDATE deal SET stage = ''contacted'' WHERE id = %s RETURNING 1', :two), 'JY009',
    format('deal %s is in stage contacted already', :two));
SELECT is(pg_temp.move('boss', :two, 'OFFER', true), 'quoted 4', 'a title is taken for its code');
SELECT pg_temp.refused('dora', 'deal.move', format('UPDATE deal SET stage = ''offer'' WHERE id = %s RETURNING 1', :two), 'JY009',
    format('deal %s is in stage Offer already', :two));

-- Whom another company sees.
SELECT is(pg_temp.act('vito', 'stage.read', 'SELECT count(*) FROM stage'), '14', 'a vendor sees its own stages, and its principal''s');
SELECT is(pg_temp.act('gina', 'stage.read', 'SELECT count(*) FROM stage'), '7', 'a stranger its own');
-- A checklist that gets other points asks for the stages that have it, and not for all companies'.
SET LOCAL track_functions = 'all';
INSERT INTO checklist_item (checklist_id, version, position, title, required, criterion, side)
SELECT c.id, c.items_version + 1, 1, 'More', true, false, 'ours' FROM checklist AS c WHERE c.code = 'asks';
SELECT is(f.calls, 1::bigint, 'of all stages one is asked for') FROM pg_stat_xact_user_functions AS f WHERE f.funcname = 'stage_starts';
SELECT * FROM finish();
ROLLBACK;
