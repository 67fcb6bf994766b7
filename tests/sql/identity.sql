-- Companies, roles, members and teams (requirements ID1 to ID5).
\ir fixture.psql
SELECT no_plan();

-- Teams.
CREATE FUNCTION pg_temp.below(name text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(m.name, ',' ORDER BY m.name), '') FROM jiayi.team AS t
           JOIN jiayi.member AS m ON m.id = t.member_id
    WHERE t.manager_id = pg_temp.member($1)
$$;
SELECT is(pg_temp.below('anna'), 'ben,cleo', 'all below, at any depth');
SELECT is(pg_temp.below('ben'), 'cleo', 'the ones below');
SELECT is(pg_temp.below('cleo'), '', 'nobody below');
SELECT is(pg_temp.act('boss', 'member.manage', $$ SELECT manager
       FROM member_set_manager('ben@acme.example', 'dora@acme.example') $$), 'dora@acme.example',
       'ben comes under dora');
SELECT is(pg_temp.below('anna') || '/' || pg_temp.below('dora'), '/ben,cleo', 'with all below him');
SELECT pg_temp.refused('boss', 'member.manage', $$ SELECT manager
       FROM member_set_manager('dora@acme.example', 'cleo@acme.example') $$, 'JY009', NULL,
       'no cycles, at any depth');
SELECT pg_temp.refused('boss', 'member.manage', $$ SELECT manager
       FROM member_set_manager('dora@acme.example', 'dora@acme.example') $$, 'JY003', NULL,
       'nobody is their own manager');
SELECT pg_temp.refused('boss', 'member.manage', $$ SELECT manager
       FROM member_set_manager('dora@acme.example', 'vito@beta.example') $$, 'JY005',
       'no member vito@beta.example', 'a manager is of the same company');
SELECT is(pg_temp.act('boss', 'member.manage', $$ SELECT manager
       FROM member_set_manager('ben@acme.example', NULL) $$), NULL, 'ben comes under nobody');
SELECT is(pg_temp.below('dora') || '/' || pg_temp.below('ben'), '/cleo',
       'dora has nobody, ben still cleo');
SELECT is(pg_temp.act('boss', 'member.manage', $$ SELECT manager
       FROM member_set_manager('ben@acme.example', 'anna@acme.example') $$), 'anna@acme.example',
       'and back');
SELECT is(pg_temp.act('boss', 'member.manage', $$ SELECT state
       FROM member_remove('ben@acme.example') $$), 'removed', 'ben is removed');
SELECT is(pg_temp.below('anna') || '/' || pg_temp.below('ben'), 'ben,cleo/',
       'cleo moves up to anna, who keeps what was ben''s');
SELECT is((SELECT manager_id FROM member WHERE name = 'cleo'), pg_temp.member('anna'),
       'anna is cleo''s manager');
SELECT isnt((SELECT revoked_at FROM session WHERE member_id = pg_temp.member('ben')), NULL,
       'ben''s sessions are ended');
SELECT pg_temp.refused('boss', 'member.manage', $$ SELECT state
       FROM member_remove('ben@acme.example') $$, 'JY005', 'no member ben@acme.example');
SELECT is(pg_temp.act('boss', 'member.manage', $$ SELECT name || role || state
       FROM member_add('Ben@acme.example', 'ben', 'salesperson', NULL, NULL) $$),
          'bensalespersonactive', 'ben comes back');
SELECT pg_temp.refused('boss', 'member.manage', $$ SELECT state FROM member_add('ben@acme.example',
       'b', 'admin', NULL, NULL) $$, 'JY006', 'ben@acme.example is a member already');

-- Adding: an identity is a membership, of which no other company knows.
CREATE FUNCTION pg_temp.code(admin text, statement text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.answer($1, 'member.manage', $2) ->> 'code'
$$;
SELECT is(pg_temp.act('boss', 'member.manage', $$ SELECT email FROM member_add('New@Acme.example',
       'n', 'admin', 'anna@acme.example', '$argon2id$n') $$),
          'new@acme.example', 'addresses are kept in lower case');
SELECT is(pg_temp.code('boss', $$ SELECT * FROM member_add('x1@acme.example', 'n', 'auditor', NULL, '$argon2id$n') $$),
       NULL, 'with a password there is no code');
SELECT is(pg_temp.answer('boss', 'member.manage', $$ SELECT *, NULL AS id, code ~ '^[0-9a-f]{32}$' AS code, NULL AS email,
       NULL AS created_at, code_expires_at = now() + interval '7 days' AS code_expires_at
       FROM member_add('vito@beta.example', 'V', 'auditor', NULL, NULL) $$),
       pg_temp.answer('boss', 'member.manage', $$ SELECT *, NULL AS id, code ~ '^[0-9a-f]{32}$' AS code, NULL AS email,
       NULL AS created_at, code_expires_at = now() + interval '7 days' AS code_expires_at
       FROM member_add('nobody@x.example', 'V', 'auditor', NULL, NULL) $$),
       'case M1: an address that is somebody''s elsewhere is like one of nobody''s');
SELECT is((SELECT array_agg(k.phc) FROM credential AS k JOIN member AS m ON m.id = k.member_id
       WHERE m.email = 'vito@beta.example'), ARRAY['$argon2id$of vito'],
          'case H3: no password is copied');
SELECT is(count(DISTINCT m.person_id)::int, 2, 'nor are the two one person') FROM member AS m
    WHERE m.email = 'vito@beta.example';
SELECT is(count(*)::int, 0, 'the log of the other company has nothing of it') FROM audit_log AS a
    WHERE a.company_id = pg_temp.company('beta') AND a.member IS NOT NULL;
SELECT is(pg_temp.act('boss', 'member.manage', $$ SELECT email FROM member_add('vera@beta.example',
       'Vera', 'salesperson', NULL, '$argon2id$other') $$), 'vera@beta.example', 'a password for here');
SELECT is((SELECT array_agg(k.phc ORDER BY m.id) FROM credential AS k JOIN member AS m ON m.id = k.member_id
       WHERE m.email = 'vera@beta.example'), ARRAY['$argon2id$of vera', '$argon2id$other'],
          'is one for here: no company sets one for another');

-- Forgotten passwords, names, addresses (cases 4, M9).
UPDATE credential SET changed_at = now() - interval '1 day';
INSERT INTO session (member_id, token_hash) VALUES (pg_temp.member('ewa'), sha256('another'));
SELECT is(pg_temp.answer('boss', 'member.manage', $$ SELECT email, state, code FROM
       member_set_password('ewa@acme.example', '$argon2id$e') $$),
       '{"code": null, "email": "ewa@acme.example", "state": "active"}', 'case 4: a new password');
SELECT is((SELECT k.phc || ' ' || b.name FROM credential AS k JOIN member AS b ON b.id = k.set_by
       WHERE k.member_id = pg_temp.member('ewa')), '$argon2id$e boss', 'case M9: and who set it');
SELECT is(count(*)::int, 0, 'case M9: no session stays') FROM session
    WHERE member_id = pg_temp.member('ewa') AND revoked_at IS NULL;
SELECT is(length(pg_temp.code('boss', $$ SELECT * FROM member_set_password('ewa@acme.example', NULL) $$)), 32,
       'case 4: or a code');
SELECT is(count(*)::int, 0, 'then the password is no longer one') FROM credential
    WHERE member_id = pg_temp.member('ewa');
SELECT pg_temp.refused('boss', 'member.manage', $$ SELECT state FROM member_set_password('boss@acme.example',
       '$argon2id$e') $$, 'JY009', 'change your own password with jiayi passwd');
SELECT pg_temp.refused('boss', 'member.manage', $$ SELECT state FROM member_set_password('gina@gamma.example',
       '$argon2id$e') $$, 'JY005', 'no member gina@gamma.example');
SELECT is(pg_temp.act('boss', 'member.manage', $$ SELECT name || ' ' || email || ' ' || manager
       FROM member_update('ben@acme.example', 'Benjamin', 'Benno@acme.example') $$), NULL,
       'who has no manager');
SELECT is((SELECT name || ' ' || email FROM member WHERE id = pg_temp.member('Benjamin')),
       'Benjamin benno@acme.example', 'case 4: another name and address');
SELECT is(pg_temp.act('boss', 'member.manage', $$ SELECT name || ' ' || email
       FROM member_update('benno@acme.example', 'ben', 'ben@acme.example') $$), 'ben ben@acme.example', 'and back');
SELECT pg_temp.refused('boss', 'member.manage', $$ SELECT name FROM member_update('ben@acme.example', NULL,
       'anna@acme.example') $$, 'JY006', 'anna@acme.example is a member already');
-- Whose password one sets one could be: nobody who reaches more (case M9).
SELECT pg_temp.act('boss', 'role.manage', $$ SELECT name FROM role_create('staff', ARRAY['member.manage:company',
       'member.read:company', 'deal.read:team']) $$) \g /dev/null
UPDATE member SET role_id = pg_temp.role('staff') WHERE name = 'dora';
SELECT pg_temp.refused('dora', 'member.manage', format($$ SELECT state FROM member_set_password(%L, NULL) $$,
       who || '@acme.example'), 'JY007', NULL, 'case M9: not of ' || who)
FROM unnest(ARRAY['boss', 'anna', 'cleo', 'ewa']) AS who;
SELECT pg_temp.refused('dora', 'member.manage', $$ SELECT state FROM member_update('boss@acme.example', NULL,
       'mine@acme.example') $$, 'JY007', NULL, 'case M9: nor the address');
SELECT is(pg_temp.act('dora', 'member.manage', $$ SELECT email FROM member_add('puppet@acme.example', 'puppet',
       'staff', NULL, '$argon2id$p') $$), 'puppet@acme.example', 'case M8: who makes a member of the own role');
INSERT INTO session (member_id, token_hash) VALUES (pg_temp.member('puppet'), sha256('token of puppet'));
SELECT pg_temp.refused('puppet', 'member.manage', $$ SELECT state FROM member_set_manager('ben@acme.example',
       'dora@acme.example') $$, 'JY007', NULL, 'case M8: does not come to a larger team by it');
SELECT pg_temp.refused('dora', 'member.manage', $$ SELECT state FROM member_set_manager('ben@acme.example',
       'puppet@acme.example') $$, 'JY007', NULL, 'case M8: nor the other way about');
UPDATE member SET manager_id = pg_temp.member('ben') WHERE name = 'cleo';
UPDATE member SET role_id = pg_temp.role('salesperson') WHERE name = 'ben';
SELECT pg_temp.refused('dora', 'member.manage', $$ SELECT role FROM member_set_role('ben@acme.example',
       'staff') $$, 'JY007', NULL, 'case M8: nor opens a team to somebody that is beyond her');
UPDATE member SET state = 'removed' WHERE name = 'ewa';
SELECT pg_temp.refused('dora', 'member.manage', $$ SELECT state FROM member_add('ewa@acme.example', 'ewa', 'staff', NULL,
       '$argon2id$e') $$, 'JY007', NULL, 'case M9: whoever was removed is not taken back to be inherited');
UPDATE member SET state = 'active' WHERE name = 'ewa';
UPDATE member SET state = 'removed' WHERE name IN ('puppet', 'V');
UPDATE member SET manager_id = pg_temp.member('anna') WHERE name = 'cleo';
UPDATE member SET role_id = pg_temp.role('salesperson') WHERE name IN ('dora', 'puppet');

-- The last admin.
SELECT is(pg_temp.act('boss', 'member.manage', $$ SELECT state
       FROM member_remove('new@acme.example') $$), 'removed', 'an admin of two can be removed');
SELECT pg_temp.refused('boss', 'member.manage', $$ SELECT state
       FROM member_remove('boss@acme.example') $$, 'JY009',
       'boss@acme.example is the last admin of acme; make somebody else admin first');
SELECT pg_temp.refused('boss', 'member.manage', $$ SELECT state
       FROM member_set_role('boss@acme.example', 'manager') $$, 'JY009', NULL, 'nor demoted');
SELECT throws_ok($$ UPDATE member SET state = 'removed' WHERE name = 'boss' $$, 'JY009', NULL,
       'nor by the owner');
SELECT is(pg_temp.act('boss', 'member.manage', $$ SELECT role
       FROM member_set_role('anna@acme.example', 'admin') $$), 'admin', 'with another admin');
SELECT is(pg_temp.act('boss', 'member.manage', $$ SELECT role
       FROM member_set_role('boss@acme.example', 'manager') $$), 'manager', 'it is allowed');
SELECT is(pg_temp.act('anna', 'member.manage', $$ SELECT role
       FROM member_set_role('boss@acme.example', 'admin') $$), 'admin', 'and back');

-- Roles (ID3), and that nobody gives what they lack (ID4).
SELECT is(pg_temp.act('boss', 'role.manage', $$ SELECT permissions FROM role_create('people',
       ARRAY['member.manage:company', 'role.manage:company', 'role.read:company',
       'deal.read:team']) $$),
          '{deal.read:team,member.manage:company,role.manage:company,role.read:company}',
              'a role of our own');
SELECT is(pg_temp.act('boss', 'member.manage', $$ SELECT role
       FROM member_set_role('dora@acme.example', 'people') $$), 'people', 'dora gets it');
SELECT pg_temp.refused('dora', 'member.manage', format($$ SELECT role
       FROM member_set_role('ewa@acme.example', %L) $$, r), 'JY007', NULL,
                 'dora cannot give the role ' || r)
                     FROM unnest(ARRAY['admin', 'manager', 'salesperson']) AS r;
SELECT pg_temp.refused('dora', 'member.manage', $$ SELECT role FROM member_add('x@acme.example',
       'x', 'admin', NULL, '$argon2id$') $$, 'JY007', NULL, 'nor add an admin');
SELECT is(pg_temp.act('dora', 'member.manage', $$ SELECT role
       FROM member_set_role('cleo@acme.example', 'people') $$), 'people', 'but her own role');
SELECT pg_temp.refused('dora', 'member.manage', $$ SELECT state FROM member_remove('boss@acme.example') $$,
       'JY007', 'boss@acme.example is an admin; only an admin can change that', 'no admin is removed by less');
SELECT pg_temp.refused('dora', 'member.manage', $$ SELECT email FROM member_set_manager('ben@acme.example',
       'dora@acme.example') $$, 'JY007', NULL, 'nobody makes the team larger that they reach');
SELECT pg_temp.refused('boss', 'role.manage', $$ SELECT name FROM role_create('narrow',
       ARRAY['role.manage:own']) $$, 'JY003',
       'role.manage is about the company as a whole; grant role.manage:company', 'no scope without meaning');
CREATE FUNCTION pg_temp.revokes(role text, permission text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.method('RoleService/RevokePermission', 'role', $1, 'permission', $2)
$$;
CREATE FUNCTION pg_temp.grants(role text, what text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.method('RoleService/GrantPermission', 'role', $1, 'grant', $2)
$$;
SELECT pg_temp.refused('dora', 'role.manage', pg_temp.grants('people', g), 'JY007',
                 format('you cannot grant %s, for you do not have it yourself', g))
FROM unnest(ARRAY['deal.read:company', 'deal.read:team+shared', 'deal.move:own',
    'kpi.read:own']) AS g;
SELECT is(pg_temp.act('boss', 'role.manage', $$ SELECT name FROM role_create('more',
       ARRAY['deal.read:company', 'kpi.read:own', 'role.read:company']) $$), 'more', 'a role with more than hers');
SELECT pg_temp.refused('dora', 'role.manage', pg_temp.revokes('more', p), 'JY007',
       format('you cannot take %s:%s away, for you do not have it yourself', p, s),
       'case L9: nobody takes away what they lack: ' || p)
FROM (VALUES ('deal.read', 'company'), ('kpi.read', 'own')) AS x(p, s);
SELECT pg_temp.refused('dora', 'role.manage', pg_temp.grants('more', 'deal.read:own'), 'JY007', NULL, 'case L9: nor in part');
SELECT pg_temp.refused('dora', 'role.manage', $$ WITH d AS (DELETE FROM role WHERE name = 'more' RETURNING 1) SELECT * FROM d $$,
       'JY007', NULL, 'case L9: nor with the role');
SELECT is(pg_temp.answer('dora', 'role.manage', pg_temp.revokes('more', 'role.read')) ->> 'permissions',
       '["deal.read:company", "kpi.read:own"]', 'case L9: what they have, they do');
SELECT is(pg_temp.act('dora', 'role.manage', $$ SELECT permissions
       FROM role_create('less', ARRAY['deal.read:own']) $$), '{deal.read:own}',
       'less than her own');
SELECT pg_temp.refused('boss', 'role.manage', pg_temp.grants('people', 'company.create:own'), 'JY007', NULL,
       'an admin does not make operators');
SELECT is(pg_temp.answer('boss', 'role.manage', pg_temp.grants('less', 'deal.move:own')) ->> 'permissions',
       '["deal.move:own", "deal.read:own"]', 'a grant is in the answer');
SELECT is(pg_temp.answer('boss', 'role.manage', pg_temp.revokes('less', 'deal.read')) ->> 'permissions',
       '["deal.move:own"]', 'and what is taken away is not');
SELECT pg_temp.refused('boss', 'role.manage', pg_temp.revokes('less', 'deal.read'), 'JY005',
       'the role less has no permission deal.read');
SELECT pg_temp.refused('boss', 'role.manage', s, 'JY009', NULL, 'built-in roles stay: no ' || what) FROM (VALUES
    ('grant', pg_temp.grants('auditor', 'deal.move:own')), ('revoke', pg_temp.revokes('auditor', 'deal.read')),
    ('delete', 'DELETE FROM role WHERE id = role_by_name(''auditor'', true)')) AS t(what, s);
SELECT is(pg_temp.act('boss', 'role.manage', $$ WITH d AS (DELETE FROM role WHERE name = 'auditor'
       RETURNING 1) SELECT count(*) FROM d $$), '0', 'also without the function');
SELECT pg_temp.refused('boss', 'role.manage', $$ INSERT INTO role_permission (role_id, permission,
       scope)
    SELECT id, 'deal.move', 'own' FROM role WHERE name = 'auditor' RETURNING 1 $$, NULL, NULL,
           'and also a direct grant');
SELECT pg_temp.refused('boss', 'role.manage', $$ SELECT name FROM role_create('admin',
       ARRAY['deal.read:own']) $$, 'JY006', NULL, 'nor is their name taken');
SELECT pg_temp.refused('bboss', 'role.manage', pg_temp.grants('people', 'deal.read:own'), 'JY005',
       'no role people; jiayi role list shows them', 'another company''s role is not there');
SELECT pg_temp.refused('bboss', 'member.manage', $$ SELECT name
       FROM member_set_role('vera@beta.example', 'people') $$, 'JY005', NULL,
       'nor can it be given');
SELECT pg_temp.refused('boss', 'role.manage', $$ DELETE FROM role WHERE id = role_by_name('people',
       true) RETURNING 1 $$, 'JY009', NULL,
                 'a role that somebody has stays');
SELECT is(pg_temp.act('boss', 'member.manage', $$ SELECT role
       FROM member_set_role('dora@acme.example', 'salesperson') $$), 'salesperson',
       'dora gives it up');
SELECT is(pg_temp.act('boss', 'member.manage', $$ SELECT state
       FROM member_remove('cleo@acme.example') $$), 'removed', 'cleo goes with it');
SELECT is(pg_temp.act('boss', 'role.manage', $$ DELETE FROM role WHERE id = role_by_name('people',
       true) RETURNING name $$), 'people', 'now it can be deleted');
SELECT is((SELECT r.name FROM member AS m JOIN role AS r ON r.id = m.role_id WHERE m.name = 'cleo'),
       'salesperson', 'who had it and left has none of it');

-- A manager of people within a team.
SELECT pg_temp.act('boss', 'role.manage', $$ SELECT name
       FROM role_create('lead', ARRAY['member.manage:team', 'member.read:team',
       'deal.read:own']) $$) \g /dev/null
SELECT pg_temp.act('boss', 'role.manage', $$ SELECT name FROM role_create('light',
       ARRAY['deal.read:own']) $$) \g /dev/null
SELECT pg_temp.act('boss', 'member.manage', $$ SELECT role FROM member_set_role('dora@acme.example',
       'lead') $$) \g /dev/null
SELECT is(pg_temp.act('dora', 'member.manage', $$ SELECT manager FROM member_add('kid@acme.example',
       'kid', 'light', 'dora@acme.example', '$argon2id$') $$),
          'dora@acme.example', 'adds below herself');
SELECT pg_temp.refused('dora', 'member.manage', $$ SELECT role FROM member_add('x@acme.example',
       'x', 'light', NULL, '$argon2id$') $$, 'JY007', NULL, 'not under nobody');
SELECT pg_temp.refused('dora', 'member.manage', $$ SELECT role FROM member_add('x@acme.example',
       'x', 'light', 'anna@acme.example', '$argon2id$') $$, 'JY007', NULL,
       'not under somebody else');
SELECT pg_temp.refused('dora', 'member.manage', $$ SELECT state
       FROM member_remove('anna@acme.example') $$, 'JY005', NULL,
       'cannot remove whom she does not see');
SELECT is(pg_temp.sees('dora', 'member.read', 'name FROM member'), 'dora,kid', 'sees her team');
SELECT is(pg_temp.sees('gina', 'member.read', 'name FROM member'), 'gboss,gina',
       'a company sees its own members');

-- Companies.
SELECT is(pg_temp.act('op', 'company.create', $$ SELECT slug FROM company_create('delta', 'Delta',
       'Chief@delta.example', '$argon2id$d', 'Chief', NULL, NULL) $$), 'delta', 'op makes a company');
SELECT is((SELECT count(*)::int FROM stage WHERE company_id = pg_temp.company('delta')), 7,
       'it has a pipeline');
SELECT is((SELECT r.name FROM member AS m JOIN role AS r ON r.id = m.role_id
       WHERE m.email = 'chief@delta.example'), 'admin', 'and an admin');
SELECT pg_temp.refused('op', 'company.create', $$ SELECT slug FROM company_create('acme', 'A',
       'a@b', '$argon2id$d', 'A', NULL, NULL) $$, 'JY006',
                 'there is a company acme already; take another short name');
SELECT is(pg_temp.sees('op', 'company.read', 'slug FROM company WHERE NOT is_system'),
       'acme,beta,delta,gamma', 'op sees all companies');
SELECT is(pg_temp.sees('anna', 'company.read', 'slug FROM company'), 'acme,beta',
       'acme sees its partner');
SELECT is(pg_temp.sees('gina', 'company.read', 'slug FROM company'), 'gamma', 'gamma sees itself');
SELECT throws_ok($$ INSERT INTO member (company_id, person_id, email, name,
       role_id) SELECT pg_temp.company('acme'), person_new(), 'o@acme.example', 'o', pg_temp.role('operator') $$,
       'JY009', NULL,
        'operators are in their own company only');

SELECT * FROM finish();
ROLLBACK;
