-- authorize(): who is let in, as whom, and how far.
\ir fixture.psql
SELECT no_plan();

CREATE FUNCTION pg_temp.ask(token text, permission text, request_id bytea DEFAULT '\x01', sha bytea
    DEFAULT NULL, method text DEFAULT 'm') RETURNS text
LANGUAGE sql AS $$
    SELECT a.member || ' of ' || a.company
    FROM jiayi.authorize(sha256(convert_to('token of ' || $1, 'UTF8')), $2, $3, $4, $5, 1234,
        '127.0.0.1') AS a
$$;

SELECT is(pg_temp.ask('cleo', 'deal.move'), 'cleo@acme.example of acme',
       'a permission that the role has');
SELECT is(current_setting('jiayi.member_id')::bigint, pg_temp.member('cleo'), 'the member is set');
SELECT is(current_setting('jiayi.company_id')::bigint, pg_temp.company('acme'),
       'the company is set');
SELECT is(current_setting('jiayi.scope'), '9', 'own+shared is 9');
SELECT is(jiayi.sight(jiayi.noun('deal')), 9, 'what deal.read reaches is seen');
SELECT is(current_setting('jiayi.request_id'), '01', 'the request_id is set');
SELECT is(current_setting('jiayi.is_operator'), 'false', 'cleo is no operator');
SELECT is(current_setting('statement_timeout'), '1234ms', 'the deadline is set');

SELECT is(pg_temp.ask('cleo', 'deal.create'), 'cleo@acme.example of acme',
       'a permission of another reach');
SELECT is(current_setting('jiayi.scope') || ' ' || jiayi.sight(jiayi.noun('deal')), '1 9',
       'may make her own, sees what is shared too');
SELECT is(pg_temp.ask('boss', 'deal.create') || current_setting('jiayi.scope'),
       'boss@acme.example of acme7',
          'partners reaches no further than the company where nothing is shared');
SELECT is(pg_temp.ask('op', 'company.create') || current_setting('jiayi.is_operator'),
       'op@operators.example of operatorstrue', 'op is an operator');
SELECT is(pg_temp.ask('cleo', 'session') || current_setting('jiayi.scope'),
       'cleo@acme.example of acme0', '"session" needs a session only');

SELECT pg_temp.refuses($$ SELECT pg_temp.ask('cleo', 'deal.assign') $$, 'JY007',
       'your role salesperson lacks the permission deal.assign');
SELECT pg_temp.refuses($$ SELECT pg_temp.ask('ewa', 'deal.move') $$, 'JY007',
       'your role auditor lacks the permission deal.move');
SELECT pg_temp.refuses($$ SELECT pg_temp.ask('op', 'deal.read') $$, 'JY007',
       'your role operator lacks the permission deal.read');
SELECT pg_temp.refuses($$ SELECT pg_temp.ask('boss', 'company.create') $$, 'JY007',
       'your role admin lacks the permission company.create');
SELECT pg_temp.refuses($$ SELECT pg_temp.ask('nobody', 'session') $$, 'JY016',
       'sign in first: jiayi login');
SELECT pg_temp.refuses($$ SELECT pg_temp.ask(NULL, 'session') $$, 'JY016', 'sign in first: jiayi login',
       'no token at all');

-- A session that is over.
UPDATE session SET last_seen_at = now() - interval '11 hours'
    WHERE member_id = pg_temp.member('cleo');
SELECT lives_ok($$ SELECT pg_temp.ask('cleo', 'session') $$,
       'eleven hours unused are not too long');
SELECT is(last_seen_at, now(), 'that it was used is noted') FROM session
       WHERE member_id = pg_temp.member('cleo');
UPDATE session SET last_seen_at = now() - interval '30 seconds'
    WHERE member_id = pg_temp.member('cleo');
SELECT lives_ok($$ SELECT pg_temp.ask('cleo', 'session') $$, 'used again within the minute');
SELECT is(last_seen_at, now() - interval '30 seconds', 'which is not noted') FROM session
       WHERE member_id = pg_temp.member('cleo');
UPDATE session SET last_seen_at = now() - interval '12 hours'
    WHERE member_id = pg_temp.member('cleo');
SELECT pg_temp.refuses($$ SELECT pg_temp.ask('cleo', 'session') $$, 'JY016',
       'the session has expired; sign in again: jiayi login', 'twelve hours unused');
UPDATE session SET last_seen_at = now(), expires_at = now()
    WHERE member_id = pg_temp.member('cleo');
SELECT pg_temp.refuses($$ SELECT pg_temp.ask('cleo', 'session') $$, 'JY016',
       'the session has expired; sign in again: jiayi login', 'past its end');
UPDATE session SET revoked_at = now() WHERE member_id = pg_temp.member('dora');
SELECT pg_temp.refuses($$ SELECT pg_temp.ask('dora', 'session') $$, 'JY016', 'sign in first: jiayi login',
       'revoked');
SELECT pg_temp.leave() \g /dev/null
UPDATE member SET state = 'removed' WHERE name = 'ewa';
SELECT pg_temp.refuses($$ SELECT pg_temp.ask('ewa', 'session') $$, 'JY016', 'sign in first: jiayi login',
       'the member was removed');

-- A role that changes counts at the next call.
SELECT lives_ok($$ SELECT pg_temp.ask('anna', 'deal.assign') $$, 'a manager assigns');
SELECT pg_temp.leave() \g /dev/null
UPDATE member SET role_id = pg_temp.role('salesperson') WHERE name = 'anna';
SELECT throws_ok($$ SELECT pg_temp.ask('anna', 'deal.assign') $$, 'JY007', NULL,
       'a salesperson does not');

-- What a custom role without deal.read may change, it may see.
INSERT INTO role (company_id, name) VALUES (pg_temp.company('acme'), 'mover');
INSERT INTO role_permission (role_id, permission, scope) VALUES (pg_temp.role('mover'), 'deal.move',
    'team');
UPDATE member SET role_id = pg_temp.role('mover') WHERE name = 'ben';
SELECT is(pg_temp.ask('ben', 'deal.move') || jiayi.sight(jiayi.noun('deal')),
       'ben@acme.example of acme3', 'sight follows from what may be changed');

-- Of other nouns a call shows what the role shows of them, as the role is now.
SELECT is(pg_temp.ask('vera', 'report.submit') || jiayi.sight(jiayi.noun('deal')),
       'vera@beta.example of beta9', 'a call sees what the role shows of another noun');
SELECT is(pg_temp.ask('vera', 'session') || jiayi.sight(jiayi.noun('deal')) || jiayi.sight(jiayi.noun('audit')),
       'vera@beta.example of beta90', 'and one that needs no permission, but no noun that the role lacks');
SELECT is(pg_temp.ask('ben', 'session') || jiayi.sight(jiayi.noun('deal')), 'ben@acme.example of acme0',
       'what may only be changed is seen in the call that changes it');
DELETE FROM role_permission WHERE role_id = pg_temp.role('mover');
SELECT throws_ok($$ SELECT pg_temp.ask('ben', 'deal.move') $$, 'JY007', NULL, 'what was taken away is gone');
SELECT is(r.sights, jiayi.role_sights(r.id), 'role.sights of ' || r.name) FROM role AS r ORDER BY r.name;
SELECT is(p.noun_no::int, jiayi.noun(split_part(p.name, '.', 1)), 'noun() knows ' || p.name)
FROM permission AS p ORDER BY p.name;

-- Requests that are sent again.
SELECT pg_temp.leave() \g /dev/null
INSERT INTO call_record (member_id, request_id, method, request_sha256, answer)
    VALUES (pg_temp.member('boss'), '\xaa', 'm', '\x11', '[]');
SELECT throws_ok($$ SELECT pg_temp.ask('boss', 'deal.move', '\xaa', '\x11') $$, 'JY000', NULL,
       'the same request again');
SELECT throws_ok($$ SELECT pg_temp.ask('boss', 'deal.move', '\xaa', '\x12') $$, 'JY006', NULL,
       'another request under the same request_id');
SELECT throws_ok($$ SELECT pg_temp.ask('boss', 'deal.move', '\xaa', '\x11', 'n') $$, 'JY006', NULL,
       'another method under the same request_id');
SELECT lives_ok($$ SELECT pg_temp.ask('boss', 'deal.read', '\xaa', NULL) $$,
       'a READ does not look');
SELECT lives_ok($$ SELECT pg_temp.ask('bboss', 'deal.move', '\xaa', '\x11') $$,
       'somebody else''s request_id is another');

-- The public ones.
SELECT pg_temp.leave() \g /dev/null
SELECT lives_ok($$ SELECT authorize_public('jiayi.v1.AuthService/SignIn', '\xbb', 77) $$,
       'a public method');
SELECT is(current_setting('jiayi.method') || current_setting('statement_timeout') || current_setting('jiayi.member_id'),
          'jiayi.v1.AuthService/SignIn77ms', 'sets method and deadline, and nobody');

SELECT * FROM finish();
ROLLBACK;
