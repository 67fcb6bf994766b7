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
       FROM partner_invite('beta', NULL, NULL) $$), 'invitedvendorbeta', 'the principal invites again');
SELECT pg_temp.refused('boss', 'partner.manage', $$ SELECT state FROM partner_change('beta',
       'vendor', 'active') $$, 'JY009', NULL, 'the principal does not accept');
SELECT pg_temp.refused('boss', 'partner.manage', $$ SELECT state FROM partner_change('beta',
       'vendor', 'suspended') $$, 'JY009', NULL, 'an invitation is not suspended');
SELECT pg_temp.refused('boss', 'partner.manage', $$ SELECT state FROM partner_invite('beta', NULL, NULL) $$,
       'JY006', 'beta is invited already');
SELECT pg_temp.refused('bboss', 'partner.manage', $$ UPDATE partnership SET state = 'active'
       RETURNING state $$, 'JY009', NULL, 'the vendor does not begin it without the invitation');
SELECT pg_temp.refused('bboss', 'partner.manage', $$ UPDATE invitation SET state = 'accepted'
       RETURNING state $$, NULL, NULL, 'nor is that accepted but by its function');
SELECT is(pg_temp.act('bboss', 'partner.manage', $$ SELECT state || side || name
       FROM partner_accept('acme', NULL) $$), 'activeprincipalAcme', 'the vendor accepts');
SELECT is(pg_temp.act('bboss', 'partner.manage', $$ SELECT state FROM partner_accept('acme', NULL) $$), NULL,
       'once');
SELECT pg_temp.refused('boss', 'partner.manage', $$ SELECT state FROM partner_invite('beta', NULL, NULL) $$,
       'JY006', 'beta is a vendor of yours already; the partnership is active');
SELECT pg_temp.refused('boss', 'partner.manage', $$ SELECT state FROM partner_invite('acme', NULL, NULL) $$,
       'JY003');

-- Case 21: who invites learns nothing of which companies there are.
CREATE FUNCTION pg_temp.invited(slug text) RETURNS text LANGUAGE sql AS $$
    SELECT replace((pg_temp.answer('boss', 'partner.manage',
        format('SELECT * FROM partner_invite(%L, NULL, NULL)', slug)) - 'created_at' - 'updated_at')::text, slug, 'SLUG')
$$;
SELECT is(pg_temp.invited('nothing'), pg_temp.invited('gamma'), 'case 21: an invitation of nobody is like one of somebody');
SELECT is(pg_temp.invited('operators'), '{"id": null, "name": null, "side": "vendor", "tier": null, "owner": "boss@acme.example", "state": "invited", "shares": null, "vendor": "SLUG", "company": "SLUG", "principal": "acme", "tier_name": null, "vendor_owner": null}', 'case 21: and says the short name only');
SELECT is(pg_temp.sees('boss', 'company.read', 'slug FROM company'), 'acme,beta', 'case 21: who is invited is not seen');
SELECT is(pg_temp.sees('gboss', 'company.read', 'slug FROM company'), 'gamma', 'case 21: nor who invites');
SELECT is(pg_temp.sees('gboss', 'partner.read', 'state FROM invitation'), 'open', 'the invited see it');
SELECT is(pg_temp.sees('bboss', 'partner.read', 'slug FROM invitation'), 'beta', 'others do not');
SELECT is(pg_temp.make('boss', 'nothing', NULL, 'ended'), 'ended', 'it is taken back');
SELECT is(pg_temp.make('gboss', 'acme', NULL, 'ended'), 'ended', 'or refused');
SELECT pg_temp.refused('gboss', 'partner.manage', $$ SELECT state FROM partner_change('acme',
       'principal', 'active') $$, 'JY005', 'acme is no partner of yours');
SELECT is(pg_temp.act('gboss', 'partner.manage', $$ SELECT state FROM partner_accept('acme', NULL) $$), NULL,
       'then it is not accepted');
SELECT pg_temp.refused('boss', 'partner.manage', format($$ SELECT state FROM partner_change(%L,
       'vendor', 'suspended') $$, slug), 'JY005', slug || ' is no partner of yours')
FROM unnest(ARRAY['gamma', 'nowhere']) AS slug;
SELECT pg_temp.act('boss', 'partner.manage', format('SELECT state FROM partner_invite(%L, NULL, NULL)', 'v' || i))
FROM generate_series(1, 49) AS i \g /dev/null
SELECT pg_temp.refused('boss', 'partner.manage', $$ SELECT state FROM partner_invite('v50', NULL, NULL) $$, 'JY009', NULL,
       'fifty wait at most');
SELECT pg_temp.refused('gboss', 'partner.manage', $$ SELECT state FROM partner_change('beta',
       'vendor', 'suspended') $$, 'JY005', 'beta is no partner of yours');
SELECT pg_temp.refused('bboss', 'partner.manage', $$ SELECT state FROM partner_change('acme',
       'vendor', 'suspended') $$, 'JY005', 'acme is no partner of yours');

-- Both ways.
SELECT is(pg_temp.act('bboss', 'partner.manage', $$ SELECT state FROM partner_invite('acme', NULL, NULL) $$),
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
