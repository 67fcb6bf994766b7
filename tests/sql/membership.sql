-- Linking memberships of one person, and switching between them (decisions 1 and 2, case H3).
\ir fixture.psql
SELECT no_plan();
SET LOCAL test.role = 'jiayi_login';

-- cleo of acme and gina of gamma are the same woman.
UPDATE credential SET own = true WHERE member_id IN (pg_temp.member('cleo'), pg_temp.member('gina'));
CREATE FUNCTION pg_temp.link(a text, b text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'account', format('SELECT email FROM link_open(%s, sha256(%L), NULL, NULL, NULL, NULL)',
        pg_temp.member($2), 'token of ' || $1 || ' again'))
$$;
CREATE FUNCTION pg_temp.reaches(name text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL test.role = 'jiayi_app';
    RETURN pg_temp.act(name, 'session', 'SELECT string_agg(company, '','') FROM linked_members()');
END
$$;
CREATE FUNCTION pg_temp.switch(name text, company text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL test.role = 'jiayi_login';
    RETURN pg_temp.act(name, 'account', format('SELECT email FROM switch_open(%L, sha256(%L), NULL, NULL, NULL, NULL)',
        company, name || ' at ' || company));
END
$$;
SELECT is(pg_temp.link('cleo', 'gina'), 'cleo@acme.example', 'who links is signed in anew');
SELECT is(pg_temp.reaches('cleo') || '/' || pg_temp.reaches('gina'), 'gamma/acme', 'and reaches each from the other');
SELECT is(pg_temp.switch('cleo', 'gamma'), 'gina@gamma.example', 'switching opens a session there');
SELECT is(s.via_id, v.id, 'which knows where it came from')
FROM session AS s, session AS v
WHERE s.token_hash = sha256('cleo at gamma') AND v.token_hash = sha256('token of cleo');
SELECT is(pg_temp.switch('cleo', 'gamma'), 'gina@gamma.example', 'the transaction begun again is the same');
SELECT is(count(*)::int, 1, 'one session') FROM session AS s WHERE s.via_id IS NOT NULL;
SELECT is(string_agg(DISTINCT a.member, ','), 'gina@gamma.example', 'case H3: gamma''s log names the address that is its own')
FROM audit_log AS a WHERE a.company_id = pg_temp.company('gamma') AND a.member_id IS NOT NULL;
SELECT throws_ok($$ SELECT pg_temp.switch('cleo', 'beta') $$, 'JY005',
    'you linked no company %s with yours; with both passwords: jiayi company link %s', 'a company that is not linked');
SELECT throws_ok($$ SELECT pg_temp.switch('cleo', 'nowhere') $$, 'JY005',
    'you linked no company %s with yours; with both passwords: jiayi company link %s', 'is like one that is not there');

-- A session from before the link, one that is no password's, a person of three companies.
UPDATE session SET created_at = created_at - interval '1 hour' WHERE token_hash = sha256('token of cleo');
SELECT throws_ok($$ SELECT pg_temp.switch('cleo', 'gamma') $$, 'JY009', NULL, 'a session from before the link');
UPDATE session SET created_at = now() WHERE token_hash = sha256('token of cleo');
UPDATE credential SET own = true WHERE member_id = pg_temp.member('vito');
UPDATE member SET linked_at = linked_at - interval '1 hour';
SELECT is(pg_temp.link('gina', 'vito'), 'gina@gamma.example', 'a third company');
SELECT is(pg_temp.reaches('cleo'), 'beta,gamma', 'is linked with all');
SELECT is((SELECT linked_at FROM member WHERE name = 'cleo'), now() - interval '1 hour', 'those before since before');
SELECT is((SELECT linked_at FROM member WHERE name = 'vito'), now(), 'the new one from now on');

-- What ends it: each way in which somebody else decides how one of them signs in.
SET LOCAL test.role = 'jiayi_login';
SELECT throws_ok($$ SELECT pg_temp.link('cleo', 'dora') $$, 'JY009',
    'somebody else chose your password at %s; choose one of your own there first: jiayi passwd', 'a password that others know');
SET LOCAL test.role = 'jiayi_app';
SELECT pg_temp.act('gboss', 'member.manage', $$ SELECT state FROM member_set_password('gina@gamma.example', '$argon2id$of gboss') $$) \g /dev/null
UPDATE session SET revoked_at = NULL WHERE token_hash = sha256('token of gina');
SELECT is(pg_temp.reaches('gina'), NULL, 'case H3: a password that an admin gives ends the link');
SELECT is(pg_temp.reaches('cleo'), 'beta', 'of that membership alone');
SELECT isnt((SELECT revoked_at FROM session WHERE token_hash = sha256('cleo at gamma')), NULL,
    'what was opened there is revoked with the rest');
SELECT pg_temp.switch('cleo', 'beta') \g /dev/null
SET LOCAL test.role = 'jiayi_app';
SELECT pg_temp.act('boss', 'member.manage', $$ SELECT email FROM member_update('cleo@acme.example', NULL, 'cleo2@acme.example') $$) \g /dev/null
SELECT is(pg_temp.reaches('cleo'), NULL, 'case H3: so does another address');
SELECT is((SELECT expires_at <= now() AND revoked_at IS NULL FROM session WHERE token_hash = sha256('cleo at beta')), true,
    'what was opened elsewhere expires');
SELECT is(count(*)::int, 0, 'and is in nobody''s log as revoked') FROM audit_log AS a
WHERE a.object = 'session' AND a.action = 'update'
  AND a.object_id = (SELECT id FROM session WHERE token_hash = sha256('cleo at beta'))::text;

SELECT * FROM finish();
ROLLBACK;
