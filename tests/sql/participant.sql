-- Participants: a rival vendor's people, and what the policies read.
\ir fixture.psql
SELECT no_plan();

-- rival, another vendor of acme's: rita and ron.
INSERT INTO company (slug, name) VALUES ('rival', 'Rival');
SELECT pg_temp.join_company('rita', 'rival', 'vendor'), pg_temp.join_company('ron', 'rival', 'vendor') \g /dev/null
SELECT pg_temp.partners('acme', 'rival') \g /dev/null
SELECT pg_temp.deal('cleo', 'one', true) AS one, pg_temp.deal('dora', 'two') AS two \gset

CREATE FUNCTION pg_temp.log(name text, what text, VARIADIC more text[] DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'deal.log', pg_temp.method('DealService/LogActivity', VARIADIC ARRAY['deal_id',
        (SELECT id::text FROM jiayi.deal WHERE title = 'one'), 'kind', 'call', 'text', $2] || $3))
$$;
CREATE FUNCTION pg_temp.say(name text, what text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'comment.add', pg_temp.method('CommentService/AddComment', 'on',
        'deal/' || (SELECT id FROM jiayi.deal WHERE title = 'one'), 'text', $2))
$$;
CREATE FUNCTION pg_temp.add(name text, ref text, email text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'participant.manage', pg_temp.method('ParticipantService/AddParticipant', 'on', $2, 'email', $3,
        'function', 'sales'))
$$;
-- What somebody sees: deals, entries of the log, moves, comments, participants.
CREATE FUNCTION pg_temp.sight(name text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'session', 'SELECT concat_ws(''/'', coalesce((SELECT string_agg(title, '' '' ORDER BY id) FROM deal), ''''),
        coalesce((SELECT string_agg(text, '' '' ORDER BY id) FROM activity), ''''), (SELECT count(*) FROM deal_stage),
        coalesce((SELECT string_agg(text, '' '' ORDER BY id) FROM comment), ''''), (SELECT count(*) FROM participant))')
$$;

SELECT pg_temp.log('cleo', 'c1'), pg_temp.log('vito', 'v1'), pg_temp.say('vito', 'vs1') \g /dev/null
SELECT is(pg_temp.sight('rita'), '//0//0', 'before: nothing');
SELECT pg_temp.add('cleo', 'deal/' || :one, 'rita@rival.example') \g /dev/null
SELECT is(pg_temp.sight('rita'), 'one//0//1', 'case 19, H4: from then on: nothing from before, nothing of the vendor''s');
SELECT pg_temp.log('cleo', 'c2'), pg_temp.log('cleo', 'inside', 'internal', 'true'), pg_temp.log('vito', 'v2'), pg_temp.say('cleo', 'cs2'),
    pg_temp.say('vito', 'vs2'), pg_temp.say('rita', 'rs2'),
    pg_temp.act('cleo', 'deal.move', format('UPDATE deal SET stage = ''quoted'' WHERE id = %s RETURNING 1', :one)) \g /dev/null
SELECT is(pg_temp.sight('rita'), 'one/c2/1/cs2 rs2/1', 'what the principal does, and her own');
SELECT is(pg_temp.sight('vito'), 'one/c1 v1 c2 v2/2/vs1 cs2 vs2/0', 'the vendor: nothing of the rival''s, nor that she takes part');
SELECT is(pg_temp.sight('ron') || pg_temp.sight('gina'), '//0/rs2/0//0//0', 'nobody else, but for what their own company''s people said');
SELECT is(split_part(pg_temp.sight('cleo'), '/', 5), '1', 'the principal sees who takes part');
SELECT pg_temp.add('cleo', 'deal/' || :one, 'ron@rival.example') \g /dev/null
SELECT is(pg_temp.sight('ron'), 'one/c2/1/cs2 rs2/2', 'who comes after her sees what her company saw');
UPDATE partnership SET state = 'suspended' WHERE vendor_id = pg_temp.company('rival');
SELECT is(pg_temp.sight('rita'), '//0/rs2/1', 'while the partnership rests: one''s own alone');
UPDATE partnership SET state = 'active' WHERE vendor_id = pg_temp.company('rival');

-- A colleague sees all of it, and that alone.
SELECT pg_temp.add('boss', 'deal/' || :two, 'cleo@acme.example') \g /dev/null
SELECT is(split_part(pg_temp.sight('cleo'), '/', 1), 'one two', 'whose role sees one''s own only');
SELECT is(pg_temp.sees('cleo', 'session', 'id FROM customer'), (SELECT string_agg(c.id::text, ',' ORDER BY c.id) FROM customer AS c
    WHERE c.company_id = pg_temp.company('acme')), 'with its customer');

-- Statements that slipped in get no further.
SELECT pg_temp.refused('dora', 'deal.update', format('INSERT INTO participant (on_kind, on_id, member_id, function, added_by)
    VALUES (3, %s, %s, ''sales'', me_member()) RETURNING 1', :two, pg_temp.member('ben')), 'JY007', NULL, 'it takes the permission');
SELECT pg_temp.refused('dora', 'participant.manage', format('INSERT INTO participant (on_kind, on_id, member_id, function, added_by)
    VALUES (3, %s, %s, ''sales'', me_member()) RETURNING 1', :one, pg_temp.member('dora')), 'JY007', NULL, 'nobody adds themselves');
SELECT pg_temp.refused('rita', 'participant.manage', format('INSERT INTO participant (on_kind, on_id, member_id, function, added_by)
    VALUES (3, %s, %s, ''sales'', me_member()) RETURNING 1', :one, pg_temp.member('rita')), 'JY007', NULL, 'nor brings in others of a partner');
SELECT pg_temp.refused('dora', 'participant.manage', format('INSERT INTO participant (on_kind, on_id, member_id, function, added_by)
    VALUES (3, %s, %s, ''sales'', me_member()) RETURNING 1', :two, pg_temp.member('gina')), 'JY009', NULL, 'no stranger takes part');
SELECT pg_temp.refused('rita', 'deal.move', format('UPDATE deal SET stage = ''won'' WHERE id = %s RETURNING 1', :one), 'JY007', NULL, 'sight is no change');
SELECT pg_temp.refused('rita', 'session', 'DELETE FROM participant RETURNING 1', 'JY007', NULL, 'nobody lets others go without the right');

SELECT * FROM finish();
ROLLBACK;
