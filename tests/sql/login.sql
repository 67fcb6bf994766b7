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
    FROM jiayi.login_find(find.email, find.company, find.address, NULL) AS f;
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

-- Slowing down. The clock is that of the budgets: pass() lets time go by for all of them.
CREATE FUNCTION pg_temp.pass(t interval) RETURNS void LANGUAGE sql AS
$$ UPDATE jiayi.throttle SET at = at - t $$;
CREATE FUNCTION pg_temp.wrong(email text, address text, company text DEFAULT NULL,
    device bytea DEFAULT NULL) RETURNS void LANGUAGE sql AS
$$ SELECT jiayi.login_fail(email, company, address, device) $$;
-- Seconds that the server asks for.
CREATE FUNCTION pg_temp.wait(email text, address text, company text DEFAULT NULL,
    device bytea DEFAULT NULL) RETURNS numeric LANGUAGE sql AS
$$ SELECT round(extract(epoch FROM jiayi.throttle_wait(email, company, address, device)), 2) $$;

SELECT is(network_of('203.0.113.77'), '203.0.113.0/24', 'a network of IPv4');
SELECT is(network_of('::ffff:203.0.113.77'), '203.0.113.0/24', 'the same by IPv6');
SELECT is(network_of('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64', 'a network of IPv6');
SELECT is(network_of('fe80::1%eth0'), 'fe80::/64', 'of a link');
SELECT is(network_of('elsewhere'), 'elsewhere', 'what is no address');

SELECT pg_temp.wrong('Cleo@acme.example', '10.0.0.1') FROM generate_series(1, 4) \g /dev/null
SELECT lives_ok($$ SELECT pg_temp.find('cleo@acme.example') $$, 'four wrong passwords');
SELECT pg_temp.wrong('cleo@acme.example', '10.0.0.250') \g /dev/null
SELECT pg_temp.refuses($$ SELECT pg_temp.find('cleo@acme.example') $$, 'JY008',
       'too many wrong passwords or codes; try again in 1 s', 'case 5: the fifth of a network slows down');
SELECT lives_ok($$ SELECT pg_temp.find('cleo@acme.example', NULL, '10.0.1.1') $$,
       'from another network she gets in');
SELECT lives_ok($$ SELECT pg_temp.find('anna@acme.example') $$, 'and from there others do');
SELECT lives_ok($$ SELECT pg_temp.find('cleo@acme.example', 'beta') $$,
       'case 5: and for another company the same address does');
SELECT pg_temp.pass(interval '1 second') \g /dev/null
SELECT lives_ok($$ SELECT pg_temp.find('cleo@acme.example') $$, 'a second later she may');
CREATE FUNCTION pg_temp.wrong_and_wait(email text, address text, times int) RETURNS numeric[]
    LANGUAGE plpgsql AS $$
DECLARE
    waits numeric[] := '{}';
BEGIN
    FOR i IN 1 .. times LOOP
        PERFORM pg_temp.wrong(email, address);
        waits := waits || pg_temp.wait(email, address);
    END LOOP;
    RETURN waits;
END
$$;
SELECT is(pg_temp.wrong_and_wait('cleo@acme.example', '10.0.0.1', 12),
       ARRAY[2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]::numeric[],
       'each further one makes it twice as long, up to the time that gives one back');
SELECT pg_temp.refuses($$ SELECT pg_temp.find('cleo@acme.example') $$, 'JY008',
       'too many wrong passwords or codes; try again in 15 min', 'a long wait is told in minutes');
SELECT pg_temp.pass(interval '2 hours') \g /dev/null
SELECT pg_temp.wrong('cleo@acme.example', '10.0.0.1') \g /dev/null
SELECT cmp_ok(pg_temp.wait('cleo@acme.example', '10.0.0.1'), '<', 300::numeric,
       'time gives back');
SELECT pg_temp.wrong('nobody@acme.example', '10.3.0.1') FROM generate_series(1, 7) \g /dev/null
SELECT pg_temp.wrong('dora@acme.example', '10.3.1.1') FROM generate_series(1, 7) \g /dev/null
SELECT pg_temp.wrong('boss@acme.example', '10.3.2.1') FROM generate_series(1, 7) \g /dev/null
SELECT is(ARRAY[pg_temp.wait('nobody@acme.example', '10.3.0.1'),
                pg_temp.wait('dora@acme.example', '10.3.1.1'),
                pg_temp.wait('boss@acme.example', '10.3.2.1')], ARRAY[4, 4, 4]::numeric[],
       'who does not exist, who was removed and who is there wait alike');
SELECT pg_temp.wrong('boss@acme.example', '2001:db8::' || i) FROM generate_series(1, 9) AS i \g /dev/null
SELECT is(pg_temp.wait('boss@acme.example', '2001:db8::abcd'), 16::numeric,
       'case M2: all of a /64 is one network');
DELETE FROM throttle;

-- The botnet, the office and the owner at once, for a quarter of an hour: cleo signed in on a laptop
-- before; now she also would on a telephone from elsewhere, and gets it wrong each minute.
SELECT device_know(s.id, NULL, sha256('laptop'))
FROM session AS s WHERE s.token_hash = sha256('token of cleo') \g /dev/null
CREATE TABLE pg_temp.asked (who text, wait numeric);
-- Asks, and is wrong where nothing is to be waited for.
CREATE FUNCTION pg_temp.guess(who text, email text, address text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wait numeric := pg_temp.wait(email, address);
BEGIN
    IF wait = 0 THEN
        PERFORM pg_temp.wrong(email, address);
    END IF;
    INSERT INTO pg_temp.asked VALUES (who, wait);
END
$$;
CREATE FUNCTION pg_temp.play() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR step IN 1 .. 30 LOOP
        -- 120 networks guess at cleo, twice a minute each.
        PERFORM pg_temp.guess('botnet', 'cleo@acme.example', format('10.1.%s.9', i))
        FROM generate_series(1, 120) AS i;
        -- An office behind one address, where somebody tries one account after the other; ben works there.
        PERFORM pg_temp.guess('office', format('p%s.%s@acme.example', step, i), '192.0.2.1')
        FROM generate_series(1, 20) AS i;
        INSERT INTO pg_temp.asked VALUES
            ('laptop', pg_temp.wait('cleo@acme.example', '10.0.1.9', NULL, sha256('laptop'))),
            ('other company', pg_temp.wait('cleo@acme.example', '10.0.1.9', 'beta')),
            ('colleague', pg_temp.wait('ben@acme.example', '192.0.2.1')),
            ('telephone', pg_temp.wait('cleo@acme.example', '203.0.113.5'));
        IF step % 2 = 0 THEN
            PERFORM pg_temp.wrong('cleo@acme.example', '203.0.113.5');
            INSERT INTO pg_temp.asked VALUES
                ('telephone', pg_temp.wait('cleo@acme.example', '203.0.113.5'));
            PERFORM login_calm('cleo@acme.example', NULL, '203.0.113.5', NULL);
        END IF;
        PERFORM pg_temp.pass(interval '30 seconds');
    END LOOP;
END
$$;
SELECT pg_temp.play() \g /dev/null
SELECT is(max(wait), 0::numeric, 'case M2: under attack a known device never waits')
FROM pg_temp.asked WHERE who = 'laptop';
SELECT cmp_ok(max(wait), '<=', 3::numeric, 'case M2: an unknown one from elsewhere 3 s at most')
FROM pg_temp.asked WHERE who = 'telephone';
SELECT is(max(wait), 0::numeric, 'case 5: nor who acts for another company')
FROM pg_temp.asked WHERE who = 'other company';
SELECT cmp_ok(max(wait), '<=', 9::numeric,
       'case M2: who shares an attacker''s address is slowed, not locked out')
FROM pg_temp.asked WHERE who = 'colleague';
SELECT cmp_ok(count(*)::int, '<', 1440, 'case M2: of 3,600 guesses from 120 networks less than 12 each are tried')
FROM pg_temp.asked WHERE who = 'botnet' AND wait = 0;
SELECT cmp_ok(count(*)::int, '<', 210, 'and of 600 at many accounts from one no more than it gets back')
FROM pg_temp.asked WHERE who = 'office' AND wait = 0;
SELECT is((SELECT count(*)::int FROM pg_temp.asked WHERE who IN ('laptop', 'telephone')), 75,
       'the owner was there');
DELETE FROM throttle;

-- Devices.
SELECT pg_temp.wrong('cleo@acme.example', '10.0.0.1', NULL, sha256('laptop'))
FROM generate_series(1, 6) \g /dev/null
SELECT is(pg_temp.wait('cleo@acme.example', '10.0.0.1', NULL, sha256('laptop')), 2::numeric,
       'a known device has a budget of its own');
SELECT is(pg_temp.wait('cleo@acme.example', '10.0.0.1'), 0::numeric, 'which is nobody else''s');
SELECT pg_temp.wrong('anna@acme.example', '10.0.0.1', NULL, sha256('laptop'))
FROM generate_series(1, 6) \g /dev/null
SELECT is(pg_temp.wait('anna@acme.example', '10.0.0.1'), 2::numeric,
       'another''s device is as good as none');
SELECT login_calm('cleo@acme.example', NULL, '10.0.0.1', sha256('laptop')) \g /dev/null
SELECT is(device_know(s.id, sha256('laptop'), sha256('x')), false, 'a device that is known keeps its secret')
FROM session AS s WHERE s.token_hash = sha256('token of cleo');
SELECT is(pg_temp.wait('cleo@acme.example', '10.0.0.1', NULL, sha256('laptop')), 0::numeric,
       'and a right password forgets the wrong ones');
SELECT is(device_know(s.id, sha256('stolen'),
       sha256(convert_to('device ' || i, 'UTF8'))), true, 'one that is not gets another')
FROM session AS s CROSS JOIN generate_series(1, 25) AS i
WHERE s.token_hash = sha256('token of cleo') AND i < 3;
SELECT device_know(s.id, NULL, sha256(convert_to('device ' || i, 'UTF8')))
FROM session AS s CROSS JOIN generate_series(3, 25) AS i
WHERE s.token_hash = sha256('token of cleo') \g /dev/null
SELECT is(count(*)::int, 20, 'of a member the last 20 are known') FROM device
WHERE member_id = pg_temp.member('cleo');
DELETE FROM throttle;

-- Sessions.
SELECT is((SELECT email || ' ' || name || ' ' || company || ' ' || role || ' ' || (expires_at = now() + interval '30 days')
           FROM login_open(pg_temp.member('vera'), sha256('new token'), 'jiayi 1.0', '10.0.0.3')),
               'vera@beta.example vera beta partner true', 'a session is opened');
SELECT is((SELECT o.session_id FROM login_open(pg_temp.member('vera'), sha256('new token'), 'jiayi 1.0', '10.0.0.3') AS o),
       (SELECT id FROM session WHERE token_hash = sha256('new token')), 'again: the same one');
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
SELECT is(pg_temp.act('vera', 'session', $$ SELECT phc FROM password_find() $$),
       '$argon2id$of vera', 'her own hash');
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
SELECT pg_temp.wrong('vera@beta.example', '10.0.0.4') FROM generate_series(1, 100) \g /dev/null
SELECT is(pg_temp.act('vera', 'session', $$ SELECT phc FROM password_find() $$), '$argon2id$new',
       'strangers do not slow down who is signed in');
SELECT pg_temp.act('vera', 'session', 'SELECT password_fail() FROM generate_series(1, 5)') \g /dev/null
SELECT is(pg_temp.act('vera', 'session', $$ SELECT ended FROM password_find() $$), '1',
       'the call sent again is known by its request_id, and needs no password');
DELETE FROM call_record;
SELECT pg_temp.refused('vera', 'session', $$ SELECT phc FROM password_find() $$, 'JY008',
       NULL, 'guessing the old password slows down too');
DELETE FROM throttle WHERE budget = 'network';

-- A password that was shared with another company, once.
UPDATE credential SET once = true WHERE member_id = pg_temp.member('dora') OR member_id = pg_temp.member('cleo');
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
SELECT is(pg_temp.act('cleo', 'session', $$ SELECT phc FROM password_find() $$), '$argon2id$of cleo',
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
DELETE FROM throttle WHERE budget <> 'pair';
UPDATE throttle SET at = now() - interval '25 hours' WHERE key LIKE 'vera@beta.example %';
SELECT is(job_housekeeping(0, now()), 4::bigint, 'old calls, dead sessions and old failures go');
SELECT is(count(*)::int, 1, 'what is not old stays') FROM session
       WHERE member_id = pg_temp.member('ewa');

-- The first operator.
SELECT isnt(create_operator('Chief@ops.example', 'Chief', '$argon2id$x'), NULL, 'an operator is made');
SELECT is(pg_temp.find('chief@ops.example'), 'chief@ops.example:operators $argon2id$x', 'and can sign in');

SELECT * FROM finish();
ROLLBACK;
