-- What the shapes of policy say, each on a table of its own; and which tables have a policy by hand, and why.
\ir fixture.psql
SELECT no_plan();

CREATE TABLE t_owned (id int PRIMARY KEY, company_id bigint, owner_id bigint NOT NULL);
CREATE TABLE t_shared (id int PRIMARY KEY, company_id bigint, owner_id bigint, vendor_id bigint, shared_span int DEFAULT 1);
CREATE TABLE t_sides (id int PRIMARY KEY, company_id bigint, owner_id bigint NOT NULL, other_id bigint);
CREATE TABLE t_child (id int PRIMARY KEY, company_id bigint, shared_id int, member_id bigint);
CREATE TABLE t_house (id int PRIMARY KEY, company_id bigint);
CREATE TABLE t_known (id int PRIMARY KEY, company_id bigint, member_id bigint);
CREATE TABLE t_lent (id int PRIMARY KEY, company_id bigint);
CREATE TABLE t_named (id int PRIMARY KEY, who bigint);
CREATE FUNCTION pg_temp.close(VARIADIC tables text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY tables LOOP
        EXECUTE format('ALTER TABLE jiayi.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON jiayi.%I TO jiayi_app', t);
    END LOOP;
END
$$;
SELECT pg_temp.close('t_owned', 't_shared', 't_sides', 't_child', 't_house', 't_known', 't_lent', 't_named') \g /dev/null
CALL shape('t_owned', 'owned', noun => 'deal', owner => 'owner_id');
CALL shape('t_shared', 'shared', noun => 'deal', owner => 'owner_id', partner => 'vendor_id');
CALL shape('t_sides', 'two-sided', noun => 'deal', owner => 'owner_id', partner => 'other_id', author => 'owner_id');
CALL shape('t_child', 'child', parent => 't_shared', key => 'shared_id', author => 'member_id');
CALL shape('t_house', 'house', changes => true);
CALL shape('t_known', 'house', noun => 'audit', author => 'member_id');
CALL shape('t_lent', 'house', partners => true);
CALL shape('t_named', 'named', owner => 'who');

CREATE FUNCTION pg_temp.of(name text) RETURNS bigint LANGUAGE sql AS
$$ SELECT m.company_id FROM jiayi.member AS m WHERE m.name = $1 $$;
CREATE FUNCTION pg_temp.all_see(rows text, VARIADIC names text[]) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(n || ' ' || pg_temp.sees(n, 'session', $1), '; ') FROM unnest($2) AS n $$;
CREATE FUNCTION pg_temp.may(name text, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN coalesce(pg_temp.act(name, 'session', statement), 'nothing');
EXCEPTION WHEN insufficient_privilege THEN
    RETURN 'refused';
END
$$;

INSERT INTO t_owned SELECT i, pg_temp.of(n), pg_temp.member(n)
FROM (VALUES (1, 'cleo'), (2, 'dora'), (3, 'vito'), (4, 'gina')) AS v(i, n);
INSERT INTO t_shared SELECT i, pg_temp.of(n), CASE WHEN i < 5 THEN pg_temp.member(n) END, pg_temp.company(v)
FROM (VALUES (1, 'cleo', 'beta'), (2, 'dora', NULL), (3, 'vito', NULL), (4, 'gina', 'beta'), (5, 'dora', 'beta')) AS v(i, n, v);
INSERT INTO t_sides SELECT s.id, s.company_id, coalesce(s.owner_id, pg_temp.member('dora')), s.vendor_id FROM t_shared AS s;
INSERT INTO t_child SELECT s.id, s.company_id, s.id, s.owner_id FROM t_shared AS s;
INSERT INTO t_house SELECT i, pg_temp.company(c) FROM (VALUES (1, 'acme'), (2, 'beta'), (3, 'gamma')) AS v(i, c);
INSERT INTO t_known SELECT h.* FROM t_house AS h;
INSERT INTO t_lent TABLE t_house;
INSERT INTO t_named VALUES (1, pg_temp.member('cleo')), (2, pg_temp.member('vito'));

SELECT is(pg_temp.all_see('id FROM t_owned', 'cleo', 'ben', 'anna', 'boss', 'ewa', 'vito', 'bboss', 'gboss', 'op'),
    'cleo 1; ben 1; anna 1; boss 1,2; ewa 1,2; vito 3; bboss 3; gboss 4; op ', 'owned');
SELECT is(pg_temp.all_see('id FROM t_shared', 'cleo', 'ben', 'boss', 'vito', 'vera', 'bboss', 'gboss', 'op'),
    'cleo 1; ben 1,5; boss 1,2,5; vito 1,3,5; vera 1,5; bboss 1,3,5; gboss 4; op ',
    'shared: who owns it, the partner with whom it is shared now, and what nobody owns the managers');
SELECT is(pg_temp.all_see('id FROM t_child', 'cleo', 'ben', 'boss', 'vito', 'vera', 'bboss', 'gboss', 'op'),
    'cleo 1; ben 1,5; boss 1,2,5; vito 1,3,5; vera 1,5; bboss 1,3,5; gboss 4; op ', 'child: as its parent');
SELECT is(pg_temp.all_see('id FROM t_sides', 'cleo', 'ben', 'boss', 'vito', 'vera', 'bboss', 'gboss', 'op'),
    'cleo 1; ben 1; boss 1,2,5; vito 1,3,4,5; vera 1,4,5; bboss 1,3,4,5; gboss 4; op ',
    'two-sided: who owns it, and the other side whether there is a partnership or not');
SELECT is(pg_temp.all_see('id FROM t_house', 'cleo', 'boss', 'vera', 'gina', 'op'), 'cleo 1; boss 1; vera 2; gina 3; op ',
    'house: the company');
SELECT is(pg_temp.all_see('id FROM t_known', 'cleo', 'boss', 'ewa', 'bboss', 'gina'), 'cleo ; boss 1; ewa 1; bboss 2; gina ',
    'house of a noun: who sees that as far as the company');
SELECT is(pg_temp.all_see('id FROM t_lent', 'cleo', 'vera', 'gina'), 'cleo 1; vera 1,2; gina 3', 'house with partners');
SELECT is(pg_temp.all_see('id FROM t_named', 'cleo', 'ben', 'boss', 'ewa', 'vito', 'bboss'),
    'cleo 1; ben ; boss ; ewa ; vito 2; bboss ', 'named: nobody else, no admin either');

UPDATE partnership SET state = 'suspended';
SELECT is(pg_temp.all_see('id FROM t_shared', 'vito', 'bboss') || '; ' || pg_temp.all_see('id FROM t_sides', 'vito')
    || '; ' || pg_temp.all_see('id FROM t_lent', 'vito'), 'vito 3; bboss 3; vito 1,3,4,5; vito 2',
    'suspended: shared and lent rows are gone, two-sided ones stay');
SELECT is(pg_temp.may('vito', 'UPDATE t_shared SET id = 11 WHERE id = 1 RETURNING 1'), 'nothing', 'nor are they changed');
-- A statement that reads nothing asks the policy of UPDATE alone.
CREATE FUNCTION pg_temp.blindly(name text, statement text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.sign(name, 'session');
    EXECUTE statement;
    RESET ROLE;
    PERFORM pg_temp.leave();
END
$$;
SELECT pg_temp.blindly('vito', 'UPDATE t_shared SET owner_id = NULL') \g /dev/null
SELECT is(string_agg(id::text, ',' ORDER BY id), '3,5', 'not even blindly') FROM t_shared WHERE owner_id IS NULL;
UPDATE t_shared SET owner_id = pg_temp.member('vito') WHERE id = 3;
UPDATE partnership SET state = 'active';

SELECT is(pg_temp.may('vito', 'UPDATE t_shared SET id = id WHERE id IN (1, 2, 4) RETURNING id'), '1', 'shared: the partner changes it');
SELECT is(pg_temp.may('gboss', 'UPDATE t_shared SET id = id WHERE id < 4 RETURNING id'), 'nothing', 'nobody else');
SELECT is(pg_temp.may('vito', 'UPDATE t_sides SET id = id WHERE id = 4 RETURNING id'), '4', 'two-sided: the other side changes it');
SELECT is(pg_temp.may('ben', 'UPDATE t_owned SET id = id RETURNING id'), '1', 'owned: what is seen of it');
SELECT is(pg_temp.may('cleo', format('INSERT INTO t_shared VALUES (6, %s, NULL) RETURNING 1', c)), answer, 'shared: ' || answer)
FROM (VALUES (pg_temp.company('gamma'), 'refused')) AS v(c, answer);
SELECT is(pg_temp.may('cleo', format('INSERT INTO t_shared VALUES (7, %s, %s) RETURNING id', pg_temp.company('acme'),
    pg_temp.member('cleo'))), '7', 'shared: added to the own company');
SELECT is(pg_temp.may('cleo', format('INSERT INTO t_sides VALUES (6, %s, %s)', pg_temp.company('acme'), pg_temp.member('dora'))),
    'refused', 'two-sided: as nobody but oneself');
SELECT is(pg_temp.may('vito', format('INSERT INTO t_child VALUES (6, %s, 1, %s) RETURNING id', pg_temp.company(c), pg_temp.member(m))),
    answer, format('child: added by %s to a thing of acme''s, as one of %s''s: %s', m, c, answer))
FROM (VALUES ('acme', 'vito', '6'), ('beta', 'vito', 'refused'), ('acme', 'cleo', 'refused')) AS v(c, m, answer);
SELECT is(pg_temp.may('vera', format('INSERT INTO t_child VALUES (7, %s, 2, %s)', pg_temp.company('acme'), pg_temp.member('vera'))),
    'refused', 'child: not on what is not seen');
SELECT is(pg_temp.may('cleo', format('INSERT INTO %s VALUES (7, %s) RETURNING id', t, pg_temp.company(c))), answer, t || ' of ' || c)
FROM (VALUES ('t_house', 'acme', '7'), ('t_house', 'beta', 'refused'), ('t_lent', 'acme', 'refused')) AS v(t, c, answer);
SELECT is(pg_temp.may('boss', format('INSERT INTO t_known VALUES (8, %s, %s) RETURNING id', pg_temp.company('acme'), pg_temp.member(n))),
    answer, 'house: added as ' || n) FROM (VALUES ('boss', '8'), ('ewa', 'refused')) AS v(n, answer);
SELECT is(pg_temp.may('boss', 'UPDATE t_known SET id = id RETURNING id'), 'nothing', 'and not changed');
SELECT is(pg_temp.may('cleo', format('UPDATE %s SET id = id RETURNING id', t)), answer, t || ' is changed: ' || answer)
FROM (VALUES ('t_house', '1'), ('t_lent', 'nothing')) AS v(t, answer);
SELECT is(pg_temp.may('cleo', format('INSERT INTO t_named VALUES (3, %s) RETURNING id', pg_temp.member(n))), answer, 'named: for ' || n)
FROM (VALUES ('cleo', '3'), ('boss', 'refused')) AS v(n, answer);
SELECT is(pg_temp.may('boss', 'DELETE FROM t_named RETURNING id'), 'nothing', 'named: no admin takes it away');
SELECT throws_ok($$ CALL shape('t_owned', 'round') $$, '20000', NULL, 'there is no other shape');

-- A policy by hand says here what no shape does.
SELECT is(string_agg(c.relname, ', ' ORDER BY c.relname), NULL, 'every table that calls read has a shape, or a reason for having none')
FROM pg_class AS c
WHERE c.relnamespace = 'jiayi'::regnamespace AND c.relname NOT IN (SELECT v.name FROM (VALUES
    ('scope', 'everybody'), ('permission', 'everybody'), ('currency', 'everybody'), ('object_kind', 'everybody'),
    ('transition', 'everybody'), ('event_kind', 'everybody'),
    ('subscription', 'the member alone, to what they see'),
    ('job', 'the operator'),
    ('company', 'with whom the caller''s has to do; the operator'),
    ('company_domain', 'the company; the operator'),
    ('partnership', 'two companies'),
    ('tier_span', 'the same two companies'),
    ('kpi_evaluation', 'besides its shape: nothing of before the line was given to its vendor'),
    ('contract', 'each of both companies has its own responsible member'),
    ('contract_version', 'with the contract; a draft its author''s side alone'),
    ('clause', 'with the version: a key of two columns'),
    ('payment', 'with the contract, of both sides'),
    ('contract_review', 'one side''s, with the contract'),
    ('invitation', 'a company and a short name'),
    ('case_file', 'up to three sides, and who handles it'),
    ('registration', 'two companies, in each as far as who is responsible there is reached'),
    ('member', 'by the called noun: colleagues are named in everything else'),
    ('member_key', 'whose names are known'),
    ('role', 'the built-in ones too'),
    ('role_permission', 'a list, for the planner to go through once'),
    ('customer_merge', 'the customer''s company alone'),
    ('handover', 'two members, and those above either'),
    ('kpi', 'with the lines that are shared'),
    ('playbook', 'house; partners only what is shared with them'),
    ('deal_reason', 'always internal'),
    ('participant', 'the own row without the thing, for whose policy it is asked'),
    ('deal_pulse', 'with the deals of the company, a side''s own, never across the line'),
    ('audit_log', 'with the things that it is about')) AS v(name, reason))
    AND EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid AND p.polcmd IN ('r', '*')
        AND 'jiayi_app'::regrole = ANY (p.polroles)
        AND coalesce(obj_description(p.oid, 'pg_policy'), '') <> ALL ('{owned,shared,two-sided,child,house,named}'));

SELECT * FROM finish();
ROLLBACK;
