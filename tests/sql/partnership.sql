-- Partnerships: who may bring them into which state (requirement MC1).
\ir fixture.psql
SELECT no_plan();

CREATE FUNCTION pg_temp.make(name text, company text, side text, state text) RETURNS text
    LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'partner.manage', format('SELECT state FROM partner_change(%L, %L, %L)',
           $2, $3, $4))
$$;
SELECT is(pg_temp.make('boss', 'beta', 'vendor', 'suspended'), 'suspended',
       'the principal suspends');
SELECT pg_temp.refused('bboss', 'partner.manage', $$ SELECT state FROM partner_change('acme',
       'principal', 'active') $$, 'JY009', NULL, 'the vendor does not resume');
SELECT is(pg_temp.make('boss', 'beta', 'vendor', 'active'), 'active', 'the principal resumes');
SELECT pg_temp.refused('boss', 'partner.manage', $$ SELECT state FROM partner_change('beta',
       'vendor', 'active') $$, 'JY009', NULL, 'what is active is not resumed');
SELECT is(pg_temp.make('bboss', 'acme', NULL, 'ended'), 'ended', 'the vendor ends it');
SELECT pg_temp.refused('boss', 'partner.manage', $$ SELECT state FROM partner_change('beta', NULL,
       'ended') $$, 'JY009', NULL, 'what has ended does not end');
SELECT pg_temp.refused('boss', 'partner.manage', $$ SELECT state FROM partner_change('beta',
       'vendor', 'active') $$, 'JY009', NULL, 'nor is it resumed');
SELECT is(pg_temp.act('boss', 'partner.manage', $$ SELECT state || side || vendor
       FROM partner_invite('beta') $$), 'invitedvendorbeta', 'the principal invites again');
SELECT pg_temp.refused('boss', 'partner.manage', $$ SELECT state FROM partner_change('beta',
       'vendor', 'active') $$, 'JY009', NULL, 'the principal does not accept');
SELECT pg_temp.refused('boss', 'partner.manage', $$ SELECT state FROM partner_change('beta',
       'vendor', 'suspended') $$, 'JY009', NULL, 'an invitation is not suspended');
SELECT is(pg_temp.make('bboss', 'acme', 'principal', 'active'), 'active', 'the vendor accepts');
SELECT pg_temp.refused('boss', 'partner.manage', $$ SELECT state FROM partner_invite('beta') $$,
       'JY006', 'beta is a vendor of yours already; the partnership is active');
SELECT pg_temp.refused('boss', 'partner.manage', $$ SELECT state FROM partner_invite('acme') $$,
       'JY003');
SELECT pg_temp.refused('boss', 'partner.manage', $$ SELECT state FROM partner_invite('nothing') $$,
       'JY005', 'no company nothing');
SELECT pg_temp.refused('boss', 'partner.manage', $$ SELECT state
       FROM partner_invite('operators') $$, 'JY005', 'no company operators');
SELECT pg_temp.refused('gboss', 'partner.manage', $$ SELECT state FROM partner_change('beta',
       'vendor', 'suspended') $$, 'JY005', 'no vendor beta');
SELECT pg_temp.refused('bboss', 'partner.manage', $$ SELECT state FROM partner_change('acme',
       'vendor', 'suspended') $$, 'JY005', 'no vendor acme');

-- Both ways.
SELECT is(pg_temp.act('bboss', 'partner.manage', $$ SELECT state FROM partner_invite('acme') $$),
       'invited', 'the vendor may be a principal too');
SELECT pg_temp.refused('boss', 'partner.manage', $$ SELECT state FROM partner_change('beta', NULL,
       'ended') $$, 'JY003',
       'beta is both a principal and a vendor of yours; say which with --side');
SELECT is(pg_temp.make('boss', 'beta', 'principal', 'ended'), 'ended', 'with --side');
SELECT is(pg_temp.make('boss', 'beta', NULL, 'ended'), 'ended',
       'and then there is only one that has not ended');

SELECT is(pg_temp.sees('gina', 'company.read', 'id FROM partnership'), '',
       'strangers see no partnership');
SELECT throws_ok($$ INSERT INTO partnership (principal_id, vendor_id) VALUES (1, 1) $$, '23514',
       NULL, 'a company is not its own partner');

SELECT * FROM finish();
ROLLBACK;
