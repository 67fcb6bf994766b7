-- One statement slipped into a call (H5): somebody found a way to have SQL of their own run where the server's stands, as
-- jiayi_app, in the middle of a call of their own or of one without a caller. The extended protocol takes one statement:
-- there is no SET and no DO. What they get is what the call itself could have got.
\ir fixture.psql
SELECT no_plan();

SELECT pg_temp.deal('cleo', 'c') AS c, pg_temp.deal('cleo', 'cs', true) AS cs, pg_temp.deal('gina', 'g') AS g \gset
SELECT id AS gina FROM member WHERE name = 'gina' \gset
SELECT id AS cleo FROM member WHERE name = 'cleo' \gset
SELECT id AS boss FROM member WHERE name = 'boss' \gset
SELECT pg_temp.company('gamma') AS gamma, pg_temp.company('acme') AS acme \gset

-- In a call of cleo's, who may read her own deals.
CREATE FUNCTION pg_temp.stopped(statement text, description text, code text DEFAULT '42501') RETURNS text
    LANGUAGE sql AS $$ SELECT pg_temp.refused('cleo', 'deal.read', $1, $3, NULL, 'case H5: ' || $2) $$;
CREATE FUNCTION pg_temp.got(statement text, wanted text, description text) RETURNS text
    LANGUAGE sql AS $$ SELECT is(pg_temp.act('cleo', 'deal.read', $1), $2, 'case H5: ' || $3) $$;

-- Nobody becomes somebody else.
SELECT pg_temp.stopped(format('SELECT set_config(''jiayi.member_id'', %L, true)', :'boss'),
    'set_config() makes nobody another caller');
SELECT pg_temp.stopped('SELECT set_config(''role'', ''jiayi_owner'', true)', 'nor another role');
SELECT pg_temp.stopped(format($$ SELECT query_to_xml('SELECT set_config(''jiayi.member_id'', ''%s'', true)',
    true, true, '')::text $$, :'boss'), 'nor by a function that runs a text');
SELECT pg_temp.stopped($$ SELECT query_to_xml('SET jiayi.scope = 15', true, true, '')::text $$,
    'nor as a command', '0A000');
SELECT pg_temp.stopped('UPDATE pg_settings SET setting = ''15'' WHERE name = ''statement_timeout''',
    'nor by the view of settings');
SELECT ok(NOT has_function_privilege(r, 'pg_catalog.set_config(text, text, boolean)', 'EXECUTE'),
    'case H5: ' || r || ' has no set_config()')
FROM unnest(ARRAY['jiayi_app', 'public']) AS r;
SELECT ok(has_function_privilege('jiayi_auth', 'pg_catalog.set_config(text, text, boolean)', 'EXECUTE'),
    'case H5: authorize() has');

-- Names are looked up of whom and what the caller sees.
SELECT pg_temp.got(format('SELECT email_of(%s)', :gina), NULL, 'no address of a stranger');
SELECT pg_temp.got(format('SELECT count(*) FROM emails_of(ARRAY[%s])', :gina), '0', 'nor of many');
SELECT pg_temp.got(format('SELECT count(DISTINCT split_part(e.email, ''@'', 2))
    FROM generate_series(%s - 500, %1$s + 500) AS i, emails_of(ARRAY[i::bigint]) AS e', :gina), '2', 'addresses of the company and of its partner are all there is');
SELECT pg_temp.got(format('SELECT slug_of(%s)', :gamma), NULL, 'no company that is no partner');
SELECT pg_temp.got(format('SELECT company_of(%s)', :gina), NULL, 'nor by its people');
SELECT pg_temp.got('SELECT members_elsewhere(''gina@gamma.example'')::text', NULL, 'nor by their addresses');
SELECT pg_temp.got('SELECT string_agg(c.name, '','' ORDER BY c.name) FROM customer AS c', 'Customer of c,Customer of cs', 'no customer of a stranger');
SELECT is(pg_temp.act('vito', 'deal.read', 'SELECT string_agg(c.name, '','' ORDER BY c.name) FROM customer AS c'), 'Customer of cs',
    'case H5: a vendor: those of shared deals');
SELECT is(pg_temp.act('vito', 'deal.read', format('SELECT email_of(%s) || slug_of(%s)', :cleo, :acme)),
    'cleo@acme.example' || 'acme', 'case H5: and the names of its principal');

-- Who may call again as somebody is who has the token; and reaches no further than the role does.
SELECT is(pg_temp.sees('cleo', 'deal.read', 'd.object FROM (SELECT authorize(sha256(''token of cleo''), 1, NULL, NULL, NULL, ''0'', ''-'')
    OFFSET 0) AS l, audit_log AS d WHERE d.member_id <> me_member()'), '', 'case H5: a call in a call shows no more');
SELECT pg_temp.stopped('SELECT authorize(sha256(''token of cleo''), ' || p.no || ', NULL, NULL, NULL, ''0'', ''-'')',
    'nor is there a permission to be had: ' || p.name, 'JY007')
FROM permission AS p WHERE p.name IN ('company.create', 'role.manage', 'deal.assign');

-- What signing in needs is the role's alone that the connections for it have, and that role has nothing else.
SELECT pg_temp.stopped('SELECT phc FROM login_find(''boss@acme.example'', NULL, '''', NULL)', 'no password''s hash');
SELECT pg_temp.stopped('SELECT join_find(''x'')', 'no code is tried');
SELECT pg_temp.stopped(format('SELECT session_id FROM login_open(%s, sha256(''x''), '''', '''')', :boss),
    'no session of somebody else');
SELECT pg_temp.stopped('SELECT login_fail(''boss@acme.example'', NULL, '''', NULL)', 'nobody is slowed down');
SELECT pg_temp.stopped('SELECT login_calm(''boss@acme.example'', NULL, '''', NULL)', 'no wrong password is forgotten');
SELECT pg_temp.stopped('SELECT device_know(me_session(), NULL, sha256(''x''))', 'no device is known');
SELECT pg_temp.stopped('SELECT password_fail()', 'nor is the caller slowed down');
SELECT pg_temp.stopped('SELECT phc FROM password_find()', 'not even one''s own hash');
SELECT pg_temp.stopped('SELECT link_open(1, sha256(''x''), '''', '''', NULL, NULL)', 'nor a link without passwords');
SELECT pg_temp.stopped('SELECT totp_find(true)', 'nor a sealed secret');
SELECT pg_temp.stopped('SELECT totp_verify(1, NULL, sha256(''x''))', 'nor is a second factor shown');
SELECT pg_temp.stopped('SELECT token_open(''x'', ''{deal.read:own}'', current_date, sha256(''x''), '''', '''')',
    'nor a token');
SELECT pg_temp.stopped('SELECT switch_open(''beta'', sha256(''x''), '''', '''', NULL, NULL)', 'nor a session of a link');
SELECT pg_temp.stopped('SELECT password_set(''x'')', 'nor a password without the old one');
SELECT is(string_agg(format('%s of %s', a.privilege_type, c.relname), ', '), NULL,
    'case H5: who signs people in has no table')
FROM pg_class AS c, aclexplode(c.relacl) AS a
WHERE c.relnamespace = 'jiayi'::regnamespace AND a.grantee = 'jiayi_login'::regrole;
SELECT is(string_agg(DISTINCT p.proname, ', ' ORDER BY p.proname),
    'authorize, authorize_public, device_know, join_find, join_open, link_fail, link_find, link_open, login_calm, '
    'login_factor, login_fail, login_find, login_open, login_replace, password_fail, password_find, password_set, switch_find, switch_open, '
    'token_open, totp_begin, totp_confirm, totp_fail, totp_find, totp_offer, totp_verify',
    'case H5: and these functions') FROM pg_proc AS p, aclexplode(p.proacl) AS a
WHERE p.pronamespace = 'jiayi'::regnamespace AND a.grantee = 'jiayi_login'::regrole;

SELECT is((SELECT string_agg(c.relname, ', ') FROM pg_class AS c, aclexplode(c.relacl) AS a
           WHERE c.relnamespace = 'jiayi'::regnamespace AND a.grantee = 'jiayi_job'::regrole), NULL,
    'who runs jobs has no table');
SELECT is((SELECT string_agg(p.proname, ', ' ORDER BY p.proname) FROM pg_proc AS p, aclexplode(p.proacl) AS a
           WHERE p.pronamespace = 'jiayi'::regnamespace AND a.grantee = 'jiayi_job'::regrole), 'dispatch, export_begin, export_end, export_files, export_name, export_open, export_put, export_read, export_take, '
    'inbox_since, job_work, search_keep, sessions_over',
    'and these functions');
SELECT is((SELECT string_agg(p.proname, ', ') FROM pg_proc AS p, aclexplode(p.proacl) AS a
           WHERE p.pronamespace = 'jiayi'::regnamespace AND p.proname LIKE 'job\_%'
             AND a.grantee IN ('jiayi_app'::regrole, 'jiayi_login'::regrole)), NULL,
    'and no call runs a job');

-- In a call without a caller: of signing in, say.
CREATE FUNCTION pg_temp.nobody(statement text, code text, description text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text := 'nothing was refused';
BEGIN
    BEGIN
        SET LOCAL ROLE jiayi_app;
        PERFORM jiayi.authorize_public('jiayi.v1.AuthService/SignIn', '\xbb', 0);
        EXECUTE statement;
        RESET ROLE;
    EXCEPTION WHEN OTHERS THEN
        state := SQLSTATE;
        RESET ROLE;
    END;
    PERFORM pg_temp.leave();
    RETURN is(state, code, 'case H5: without a caller: ' || description);
END
$$;
SELECT pg_temp.nobody('SELECT jiayi.caller()', 'JY016', 'nobody is nobody, and not the owner');
SELECT pg_temp.nobody(format('SELECT email_of(%s)', :cleo), 'JY016', 'no address');
SELECT pg_temp.nobody(format('SELECT slug_of(%s)', :acme), 'JY016', 'no company');
SELECT pg_temp.nobody('SELECT title FROM deal', '22P02', 'no deal is seen');
SELECT pg_temp.nobody('DELETE FROM role_permission', '22P02', 'no role is changed');
SELECT pg_temp.nobody('SELECT member_add(''x@acme.example'', ''X'', ''admin'', NULL, NULL)', '22P02',
    'no member is added');

-- The guards by themselves, where no policy stands before them: as jiayi_auth's functions meet them.
SET LOCAL ROLE jiayi_auth;
SELECT throws_ok(format('UPDATE jiayi.member SET manager_id = NULL, role_id = %s WHERE id = %s',
    pg_temp.role('admin'), :cleo), 'JY016', NULL, 'case H5: a member is changed by somebody');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
