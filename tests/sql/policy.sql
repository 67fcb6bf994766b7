-- Who sees which deals: every role and scope, and a vendor while the partnership is active and when
-- it is not (MC2).
\ir fixture.psql
SELECT no_plan();

SELECT pg_temp.deal('cleo', 'c') AS c, pg_temp.deal('cleo', 'cs', true) AS cs, pg_temp.deal('ben',
       'b') AS b, pg_temp.deal('dora', 'd') AS d,
       pg_temp.deal('vito', 'v') AS v, pg_temp.deal('gina', 'g') AS g \gset

CREATE FUNCTION pg_temp.titles(name text, permission text DEFAULT 'deal.read') RETURNS text
    LANGUAGE sql AS
$$ SELECT pg_temp.sees($1, $2, 'title FROM deal') $$;

SELECT is(pg_temp.titles('cleo'), 'c,cs', 'own');
SELECT is(pg_temp.titles('dora'), 'd', 'own of another');
SELECT is(pg_temp.titles('ben'), 'b,c,cs', 'a manager: the team''s');
SELECT is(pg_temp.titles('anna'), 'b,c,cs', 'a manager of managers: the team''s at any depth');
SELECT is(pg_temp.titles('boss'), 'b,c,cs,d', 'an admin: the company''s');
SELECT is(pg_temp.titles('ewa'), 'b,c,cs,d', 'an auditor: the company''s');
SELECT is(pg_temp.titles('vito'), 'cs,v', 'the vendor: own, and what is shared');
SELECT is(pg_temp.titles('vera'), 'cs', 'a partner of the vendor: what is shared');
SELECT is(pg_temp.titles('bboss'), 'cs,v',
       'the vendor''s admin: the company''s, and what is shared');
SELECT is(pg_temp.titles('gboss'), 'g', 'a stranger: nothing of ours');
SELECT is(pg_temp.titles('cleo', 'session'), pg_temp.titles('cleo'),
    'whatever is called, of each noun what its .read permission reaches is seen');
SELECT is(pg_temp.titles('cleo', 'kpi.record'), pg_temp.titles('cleo'), 'and not as far as that call reaches');
SELECT is(pg_temp.titles('op', 'session'), '', 'nothing where the role has none');
SELECT is(pg_temp.titles('op', 'company.read'), '', 'an operator sees no deal');

-- With the deal come its customer, its stages and its history.
SELECT is(pg_temp.sees('vito', 'deal.read', 'name FROM customer'), 'Customer of cs,Customer of v',
       'the customers of those deals');
SELECT is(pg_temp.sees('vito', 'deal.read', 'deal_id FROM deal_stage'), :'cs' || ',' || :'v',
       'their history');
SELECT is(pg_temp.sees('vito', 'deal.read', 'DISTINCT company_id FROM stage'),
       pg_temp.company('acme') || ',' || pg_temp.company('beta'), 'the pipelines of both');
SELECT is(pg_temp.sees('vito', 'deal.read',
       'name FROM member WHERE company_id = ' || pg_temp.company('acme')), '',
       'but no members of the principal''s');
SELECT is(pg_temp.sees('anna', 'deal.read',
       'name FROM member WHERE company_id = ' || pg_temp.company('beta')), '',
       'nor the other way round');
SELECT is(pg_temp.sees('cleo', 'deal.read',
       'name FROM customer WHERE company_id = ' || pg_temp.company('beta')), '',
       'nor the vendor''s customers');

-- The partnership's state counts at once.
UPDATE partnership SET state = 'suspended';
SELECT is(pg_temp.titles('vito') || '/' || pg_temp.titles('bboss') || '/' || pg_temp.titles('vera'),
       'v/v/', 'suspended: nothing is shared');
SELECT is(pg_temp.sees('vito', 'deal.read', 'name FROM customer'), 'Customer of v',
       'not the customer');
SELECT is(pg_temp.sees('vito', 'deal.read', 'DISTINCT company_id FROM stage'),
       pg_temp.company('beta')::text, 'not the pipeline');
SELECT is(pg_temp.act('vito', 'deal.move',
       format('UPDATE deal SET stage = ''lost'', lost_code = ''other'', stage_reason = ''x'' WHERE id = %s RETURNING 1',
       :cs)), NULL, 'nothing is moved');
SELECT is(pg_temp.titles('cleo'), 'c,cs', 'the owner has it still');
UPDATE partnership SET state = 'active';
SELECT is(pg_temp.titles('vito'), 'cs,v', 'resumed: it is shared again');
UPDATE partnership SET state = 'ended';
SELECT is(pg_temp.titles('vito'), 'v', 'ended: nothing is shared');
SELECT is(pg_temp.act('anna', 'deal.update',
       format('UPDATE deal SET title = ''cs'' WHERE id = %s RETURNING vendor_id', :cs)),
       pg_temp.company('beta')::text,
          'the deal can be changed as before');
INSERT INTO invitation (principal_id, slug) VALUES (pg_temp.company('acme'), 'beta');
SELECT is(pg_temp.titles('vito'), 'v', 'invited: not yet');
SELECT pg_temp.partners('acme', 'beta') \g /dev/null
SELECT is(pg_temp.titles('vito'), 'v', 'case 20: begun anew: nothing comes back by itself');

-- Every scope word, for one who is between others and whose company is a vendor.
INSERT INTO company (slug, name) VALUES ('delta', 'Delta');
SELECT pg_temp.join_company(name, 'delta', role, manager)
FROM (VALUES (1, 'top', 'admin', NULL), (2, 'mid', 'salesperson', 'top'), (3, 'low', 'salesperson',
    'mid'), (4, 'side', 'salesperson', 'top')) AS p(n, name, role, manager)
ORDER BY n \g /dev/null
SELECT pg_temp.partners('acme', 'delta') \g /dev/null
SELECT pg_temp.deal('mid', 'mine'), pg_temp.deal('low', 'team'), pg_temp.deal('side', 'company'),
       pg_temp.deal('dora', 'shared') \g /dev/null
UPDATE deal SET vendor_id = pg_temp.company('delta') WHERE title = 'shared';
INSERT INTO role (company_id, name) VALUES (pg_temp.company('delta'), 'test');
INSERT INTO role_permission (role_id, permission, scope) VALUES (pg_temp.role('test'), 'deal.read',
    'own');
UPDATE member SET role_id = pg_temp.role('test') WHERE name = 'mid';
CREATE FUNCTION pg_temp.with_scope(word text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE jiayi.role_permission SET scope = word WHERE role_id = pg_temp.role('test');
    RETURN pg_temp.titles('mid');
END
$$;
SELECT is(pg_temp.with_scope(word), titles, word) FROM (VALUES
    ('own', 'mine'), ('own+shared', 'mine,shared'), ('team', 'mine,team'),
        ('team+shared', 'mine,shared,team'),
    ('company', 'company,mine,team'), ('partners', 'company,mine,shared,team')) AS t(word, titles);

-- What may be changed is no more than what is granted, though more is seen.
UPDATE role_permission SET scope = 'partners' WHERE role_id = pg_temp.role('test');
INSERT INTO role_permission (role_id, permission, scope) VALUES (pg_temp.role('test'), 'deal.move',
    'own');
CREATE FUNCTION pg_temp.moves(title text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN pg_temp.act('mid', 'deal.move',
        format('UPDATE deal SET stage = ''quoted'' WHERE title = %L RETURNING ''moved''', title));
EXCEPTION WHEN SQLSTATE 'JY007' THEN
    RETURN 'refused';
END
$$;
SELECT is(pg_temp.moves(t), w, 'deal.move:own, a deal of: ' || t) FROM (VALUES ('mine', 'moved'),
       ('team', 'refused'), ('company', 'refused'), ('shared', 'refused')) AS x(t, w);
UPDATE role_permission SET scope = 'team+shared' WHERE role_id = pg_temp.role('test')
    AND permission = 'deal.move';
UPDATE deal SET stage = 'new' WHERE title = 'mine';
SELECT is(pg_temp.moves(t), w, 'deal.move:team+shared, a deal of: ' || t)
       FROM (VALUES ('mine', 'moved'), ('team', 'moved'), ('company', 'refused'),
       ('shared', 'moved')) AS x(t, w);

-- What a permission that cannot be shared is granted with reaches no shared row.
INSERT INTO role_permission (role_id, permission, scope) VALUES (pg_temp.role('test'),
    'deal.update', 'partners');
SELECT is(bits, 7, 'deal.update:partners has no shared bit') FROM role_permission
       WHERE role_id = pg_temp.role('test') AND permission = 'deal.update';
SELECT pg_temp.refused('mid', 'deal.update', $$ UPDATE deal SET title = 'x' WHERE title = 'shared'
       RETURNING 1 $$, 'JY007');

SELECT * FROM finish();
ROLLBACK;
