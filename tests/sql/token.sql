-- What a token may do: what the role permits at the call, and of that what was chosen.
\ir fixture.psql
SELECT no_plan();
SET LOCAL test.role = 'jiayi_login';
CREATE FUNCTION pg_temp.token(who text, grants text[], token text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'account', format('SELECT id FROM token_open(%L, %L, %L, sha256(%L), NULL, NULL)',
        'of ' || $3, $2, current_date + 7, 'token of ' || $3))
$$;

SELECT is(permits_bits('{deal.read:own,deal.read:partners,report.read:team}', 'deal.read'), 15, 'the widest counts');
SELECT is(permits_bits('{member.read:partners}', 'member.read'), 7, 'shared only where something is shared');
SELECT is(permits_bits('{deal.read:own}', 'deal.move'), 0, 'what is not named is not permitted');
SELECT is(permits_bits('{}', 'deal.move'), 0, 'nor anything');

SELECT isnt(pg_temp.token('anna', '{deal.read:own,deal.move:team}', 't1'), NULL, 'a token');
SELECT is(pg_temp.token('anna', '{deal.read:own}', 't1'), pg_temp.token('anna', '{deal.read:own}', 't1'),
    'the transaction begun again is the same token');
SELECT is((SELECT expires_at FROM session WHERE name = 'of t1'), (current_date + 8)::timestamp AT TIME ZONE 'UTC',
    'it ends with the day');
SET LOCAL test.role = 'jiayi_app';
SELECT pg_temp.deal('ben', 'b') \g /dev/null
SELECT pg_temp.deal('anna', 'a') \g /dev/null
SELECT is(pg_temp.sees('anna', 'deal.read', 'title FROM deal'), 'a,b', 'anna sees her team''s deals');
SELECT is(pg_temp.sees('t1', 'deal.read', 'title FROM deal'), 'a', 'the token her own');
SELECT is(pg_temp.sees('t1', 'deal.move', 'title FROM deal'), 'a,b', 'and what it may change while it does');
SELECT is(pg_temp.sees('t1', 'session', 'title FROM deal'), 'a', 'also in a call of no permission');
SELECT is(pg_temp.sees('t1', 'session', 'permission || bits FROM caller_grants() WHERE bits > 0'), 'deal.move3,deal.read1',
    'what it permits');
SELECT pg_temp.refused('t1', 'deal.update', 'SELECT 1', 'JY007', 'your role manager or the token lacks the permission deal.update');
SELECT pg_temp.refused('t1', 'account', 'SELECT 1', 'JY007', 'a token cannot do that; sign in with your password: jiayi login');
SELECT is(pg_temp.sees('t1', 'session', 'id FROM report'), '', 'of other nouns it sees nothing');
UPDATE member SET role_id = pg_temp.role('auditor') WHERE name = 'anna';
SELECT pg_temp.refused('t1', 'deal.move', 'SELECT 1', 'JY007', 'your role auditor or the token lacks the permission deal.move');
SELECT is(pg_temp.sees('t1', 'deal.read', 'title FROM deal'), 'a', 'what both permit goes on');
UPDATE member SET state = 'removed' WHERE name = 'anna';
SELECT pg_temp.refused('t1', 'deal.read', 'SELECT 1', 'JY016', NULL, 'and ends with the membership');

SELECT * FROM finish();
ROLLBACK;
