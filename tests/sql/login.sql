-- Signing in, throttling, sessions, passwords, and what housekeeping takes away (requirements ID1
-- and ID6).
\ir fixture.psql
SELECT no_plan();

SELECT pg_temp.act('boss', 'member.manage', $$ SELECT email FROM member_add('vito@beta.example',
       'Vito', 'salesperson', NULL, '$argon2id$vito at acme') $$) \g /dev/null

-- As the server asks, before it has looked at the password.
CREATE FUNCTION pg_temp.find(email text, company text DEFAULT NULL, address text DEFAULT '10.0.0.1')
    RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found jsonb;
BEGIN
    SET LOCAL ROLE jiayi_login;
    SELECT to_jsonb(f) INTO found
    FROM jiayi.login_find(find.email, find.company, find.address) AS f;
    RESET ROLE;
    RETURN jiayi.email_of((found ->> 'member_id')::bigint) || ':'
        || jiayi.company_of((found ->> 'member_id')::bigint) || ' ' || (found ->> 'phc');
END
$$;
SELECT is(pg_temp.find('Cleo@Acme.example'), 'cleo@acme.example:acme $argon2id$of cleo',
       'a member of one company, in any case of letters, and the hash to check against');
SELECT is(pg_temp.find('vito@beta.example'), 'vito@beta.example:beta $argon2id$of vito',
       'case M3: of a member of two the older membership alone');
SELECT is(pg_temp.find('vito@beta.example', 'acme'), 'vito@beta.example:acme $argon2id$vito at acme',
       'who chooses');
SELECT is(pg_temp.find('vito@beta.example', 'gamma'), NULL, 'not one that they are no member of');
SELECT is(pg_temp.find('nobody@acme.example'), NULL, 'an address that has no account');
UPDATE member SET state = 'removed' WHERE name = 'dora';
SELECT is(pg_temp.find('dora@acme.example'), NULL, 'a member who was removed');

-- Throttling.
SELECT login_fail('Cleo@acme.example', '10.0.0.1') FROM generate_series(1, 9) \g /dev/null
SELECT lives_ok($$ SELECT pg_temp.find('cleo@acme.example') $$, 'nine wrong passwords');
SELECT login_fail('cleo@acme.example', '10.0.0.1') \g /dev/null
SELECT throws_ok($$ SELECT pg_temp.find('cleo@acme.example') $$, 'JY008',
       'too many wrong passwords; try again in 15 minutes', 'ten');
SELECT lives_ok($$ SELECT pg_temp.find('cleo@acme.example', NULL, '10.0.0.2') $$,
       'from elsewhere she still gets in');
SELECT lives_ok($$ SELECT pg_temp.find('anna@acme.example') $$, 'and from there others do');
UPDATE login_failure SET at = at - interval '10 minutes';
SELECT is(login_wait('cleo@acme.example', '10.0.0.1'), interval '5 minutes',
       'the wait is over 15 minutes after the tenth last');
UPDATE login_failure SET at = at - interval '5 minutes';
SELECT is(login_wait('cleo@acme.example', '10.0.0.1'), NULL, 'then it is');
SELECT login_fail('cleo@acme.example', '10.1.0.' || i)
       FROM generate_series(1, 100) AS i \g /dev/null
SELECT throws_ok($$ SELECT pg_temp.find('cleo@acme.example', NULL, '10.9.9.9') $$, 'JY008', NULL,
       'a hundred for an account, from wherever');
SELECT login_fail(i || '@acme.example', '10.2.0.1') FROM generate_series(1, 100) AS i \g /dev/null
SELECT throws_ok($$ SELECT pg_temp.find('anna@acme.example', NULL, '10.2.0.1') $$, 'JY008', NULL,
       'a hundred from an address, for whomever');

-- Sessions.
SELECT login_fail('vera@beta.example', '10.0.0.3') \g /dev/null
SELECT is((SELECT email || ' ' || name || ' ' || company || ' ' || role || ' ' || (expires_at = now() + interval '30 days')
           FROM login_open(pg_temp.member('vera'), sha256('new token'), 'jiayi 1.0', '10.0.0.3')),
               'vera@beta.example vera beta partner true', 'a session is opened');
SELECT is((SELECT o.session_id FROM login_open(pg_temp.member('vera'), sha256('new token'), 'jiayi 1.0', '10.0.0.3') AS o),
       (SELECT id FROM session WHERE token_hash = sha256('new token')), 'again: the same one');
SELECT is(count(*)::int, 0, 'the wrong passwords from there are forgotten') FROM login_failure
       WHERE email = 'vera@beta.example';
SELECT is(member || action, 'vera@beta.exampleinsert', 'the log says who') FROM audit_log
       WHERE object = 'session' ORDER BY id DESC LIMIT 1;
SELECT pg_temp.leave() \g /dev/null
SELECT throws_ok(format('SELECT login_open(%s, sha256(''t''), NULL, NULL)', pg_temp.member('dora')),
       'JY016', NULL, 'not for one who was removed meanwhile');
SELECT is(pg_temp.sees('vera', 'session', 'coalesce(client, ''-'') FROM session'), '-,jiayi 1.0',
       'vera sees her sessions');
SELECT is(pg_temp.act('vera', 'session',
       format('UPDATE session SET revoked_at = now() WHERE member_id = %s RETURNING 1',
       pg_temp.member('vito'))), NULL, 'and ends no other''s');
SELECT pg_temp.refused('vera', 'session', 'SELECT token_hash FROM session', '42501', NULL,
       'and reads no hash');

-- Passwords, on the connections for them.
SET LOCAL test.role = 'jiayi_login';
SELECT is(pg_temp.act('vera', 'session', $$ SELECT email || phc FROM password_find('10.0.0.1') $$),
       'vera@beta.example$argon2id$of vera', 'her own hash');
SELECT is(pg_temp.act('vera', 'session', $$ SELECT password_set('$argon2id$new') $$), '1',
       'a new password ends the other session');
SELECT is(phc, '$argon2id$new', 'it is kept') FROM credential AS k
       WHERE k.member_id = pg_temp.member('vera');
UPDATE credential SET changed_at = now() - interval '1 day';
SELECT pg_temp.act('vito', 'session', $$ SELECT password_set('$argon2id$newer') $$) \g /dev/null
SELECT is(array_agg(k.phc ORDER BY m.id), ARRAY['$argon2id$newer', '$argon2id$vito at acme'],
       'case M7: in the own company alone')
FROM credential AS k JOIN member AS m ON m.id = k.member_id WHERE m.email = 'vito@beta.example';
SELECT is(array_agg(DISTINCT c.slug), ARRAY['beta'], 'case M7: and in its log alone')
FROM audit_log AS a JOIN company AS c ON c.id = a.company_id
WHERE a.object = 'credential' AND a.action = 'update' AND a.member = 'vito@beta.example';
SELECT lives_ok($$ SELECT pg_temp.act('vera', 'session', 'SELECT 1') $$,
       'the session of the call goes on');
SELECT login_fail('vera@beta.example', '10.0.0.4') FROM generate_series(1, 10) \g /dev/null
SELECT is(pg_temp.act('vera', 'session', $$ SELECT ended FROM password_find('10.0.0.4') $$), '1',
       'the call sent again is known by its request_id, and needs no password');
DELETE FROM call_record;
SELECT pg_temp.refused('vera', 'session', $$ SELECT phc FROM password_find('10.0.0.4') $$, 'JY008',
       NULL, 'guessing the old password is throttled too');

-- A password that was shared with another company, once.
UPDATE credential SET once = true WHERE member_id = pg_temp.member('dora') OR member_id = pg_temp.member('cleo');
DELETE FROM login_failure WHERE email = 'cleo@acme.example';
SELECT is(pg_temp.find('cleo@acme.example'), 'cleo@acme.example:acme $argon2id$of cleo', 'a shared password works once more');
SELECT is((SELECT password_spent FROM login_open(pg_temp.member('cleo'), sha256('once'), NULL, NULL)), true,
       'and who signs in by it is told');
SELECT is((SELECT password_spent FROM login_open(pg_temp.member('cleo'), sha256('once'), NULL, NULL)), true,
       'the transaction begun again is the same sign-in');
SELECT pg_temp.leave() \g /dev/null
SELECT is(pg_temp.find('cleo@acme.example'), NULL, 'then no more');
SELECT throws_ok(format('SELECT login_open(%s, sha256(''twice''), NULL, NULL)', pg_temp.member('cleo')), 'JY016', NULL,
       'not even for who found it before');
SELECT pg_temp.leave() \g /dev/null
SELECT is(pg_temp.act('cleo', 'session', $$ SELECT phc FROM password_find('10.0.0.1') $$), '$argon2id$of cleo',
       'it is the old one where a new one is set');
SELECT pg_temp.act('cleo', 'session', $$ SELECT password_set('$argon2id$own') $$) \g /dev/null
SELECT is(pg_temp.find('cleo@acme.example'), 'cleo@acme.example:acme $argon2id$own', 'which then works');

-- Codes.
SET LOCAL test.role = '';
CREATE FUNCTION pg_temp.code(email text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act('boss', 'member.manage', format('SELECT code FROM member_set_password(%L, NULL)', $1))
$$;
SELECT pg_temp.code('anna@acme.example') AS code \gset
SELECT is(pg_temp.find('anna@acme.example'), NULL, 'until the code is redeemed nobody signs in');
SELECT is((join_find(:'code')).member_id, pg_temp.member('anna'), 'whose the code is');
SELECT throws_ok($$ SELECT join_find('nonsense') $$, 'JY016',
       'the code is wrong, out of date or was used already; ask for a new one');
UPDATE join_code SET expires_at = now() - interval '1 second';
SELECT throws_ok(format('SELECT join_find(%L)', :'code'), 'JY016', NULL, 'out of date');
UPDATE join_code SET expires_at = now() + interval '1 second';
SELECT is((SELECT email || ' ' || company || ' ' || role FROM join_open(:'code', '$argon2id$joined', sha256('joined'),
       'jiayi', '10.0.0.1')), 'anna@acme.example acme manager', 'redeemed, the code signs in');
SELECT is((SELECT count(*)::int FROM join_open(:'code', '$argon2id$joined', sha256('joined'), 'jiayi', '10.0.0.1') AS o
       JOIN session AS s ON s.id = o.session_id), 1, 'the transaction begun again is the same sign-in');
SELECT pg_temp.leave() \g /dev/null
SELECT is(pg_temp.find('anna@acme.example'), 'anna@acme.example:acme $argon2id$joined', 'and the password is kept');
SELECT throws_ok(format('SELECT join_open(%L, %L, sha256(''thief''), NULL, NULL)', :'code', '$argon2id$thief'), 'JY016', NULL,
       'once');
SELECT pg_temp.leave() \g /dev/null
SELECT pg_temp.code('anna@acme.example') AS first, pg_temp.code('anna@acme.example') AS second \gset
SELECT throws_ok(format('SELECT join_find(%L)', :'first'), 'JY016', NULL, 'a new code takes the place of the old one');
SELECT is((join_find(:'second')).member_id, pg_temp.member('anna'), 'and is good');
SELECT pg_temp.act('boss', 'member.manage', $$ SELECT state FROM member_remove('anna@acme.example') $$) \g /dev/null
SELECT throws_ok(format('SELECT join_find(%L)', :'second'), 'JY016', NULL, 'not of one who was removed');
SELECT is(count(*)::int, 0, 'no code is in the log') FROM audit_log AS a
WHERE position(:'second' IN to_jsonb(a)::text) > 0 OR to_jsonb(a)::text LIKE '%sha256%';

-- Housekeeping.
INSERT INTO call_record (member_id, request_id, method, request_sha256, at)
    VALUES (pg_temp.member('boss'), '\x01', 'm', '\x01', now() - interval '49 hours'),
    (pg_temp.member('boss'), '\x02', 'm', '\x01', now() - interval '47 hours');
UPDATE session SET last_seen_at = now() - interval '32 days',
    expires_at = now() - interval '31 days' WHERE member_id = pg_temp.member('gina');
UPDATE session SET last_seen_at = now() - interval '31 days'
    WHERE member_id = pg_temp.member('gboss');
UPDATE session SET revoked_at = now() - interval '29 days' WHERE member_id = pg_temp.member('ewa');
UPDATE login_failure SET at = now() - interval '25 hours' WHERE email = 'vera@beta.example';
SELECT is((SELECT calls || ' ' || sessions || ' ' || failures FROM housekeeping()), '1 2 10',
       'old calls, dead sessions and old failures go');
SELECT is(count(*)::int, 1, 'what is not old stays') FROM session
       WHERE member_id = pg_temp.member('ewa');

-- The first operator.
SELECT isnt(create_operator('Chief@ops.example', '$argon2id$x'), NULL, 'an operator is made');
SELECT is(pg_temp.find('chief@ops.example'), 'chief@ops.example:operators $argon2id$x', 'and can sign in');

SELECT * FROM finish();
ROLLBACK;
