-- What is in an export: of every table, all that is a company's and nothing else; and nothing that is secret.
\ir fixture.psql
SELECT no_plan();

-- acme works with beta and with delta, which are in conflict; each has words of its own.
INSERT INTO company (slug, name) VALUES ('delta', 'Delta');
SELECT pg_temp.join_company('dboss', 'delta', 'admin'), pg_temp.join_company('dvic', 'delta', 'vendor', 'dboss') \g /dev/null
SELECT pg_temp.partners('acme', 'delta') \g /dev/null
SELECT pg_temp.deal('cleo', 'shared', true) AS deal \gset
SELECT pg_temp.deal('gina', 'of gamma') \g /dev/null
INSERT INTO registration (company_id, vendor_id, member_id, title, customer_name, protected_until, due_at)
SELECT pg_temp.company('acme'), m.company_id, m.id, m.name, m.name, 'infinity', 'infinity' FROM member AS m WHERE m.name IN ('vito', 'dvic');
INSERT INTO case_file (kind, company_id, vendor_id, other_vendor_id, opened_by, opened_company_id, title, text) VALUES
    ('conflict', pg_temp.company('acme'), pg_temp.company('beta'), pg_temp.company('delta'), pg_temp.member('vito'), pg_temp.company('beta'), 'conflict', 'of vito'),
    ('complaint', pg_temp.company('acme'), pg_temp.company('beta'), NULL, pg_temp.member('boss'), pg_temp.company('acme'), 'complaint', 'of boss');
INSERT INTO activity (deal_id, company_id, member_id, kind, text, audience) VALUES
    (:deal, pg_temp.company('acme'), pg_temp.member('vito'), 'note', 'vito, shared', 'shared'),
    (:deal, pg_temp.company('acme'), pg_temp.member('vito'), 'note', 'vito, to himself', 'internal'),
    (:deal, pg_temp.company('acme'), pg_temp.member('cleo'), 'note', 'cleo, shared', 'shared'),
    (:deal, pg_temp.company('acme'), pg_temp.member('cleo'), 'note', 'cleo, to herself', 'internal');
INSERT INTO comment (on_kind, on_id, member_id, text, audience) VALUES
    (kind('deal'), :deal, pg_temp.member('vito'), 'vito', 'internal'), (kind('deal'), :deal, pg_temp.member('cleo'), 'cleo', 'internal');
INSERT INTO deal_reason (deal_id, seq, company_id, author_company_id, text)
SELECT :deal, s.seq, s.company_id, pg_temp.company('beta'), 'of beta' FROM deal_stage AS s WHERE s.deal_id = :deal;
INSERT INTO contract (company_id, vendor_id, kind, title, state, author_company_id, audience)
VALUES (pg_temp.company('acme'), pg_temp.company('beta'), 'sales', 'draft of beta', 'draft', pg_temp.company('beta'), 'internal');
INSERT INTO report (company_id, author_id, to_company_id, kind, period)
VALUES (pg_temp.company('beta'), pg_temp.member('vito'), pg_temp.company('acme'), 'daily', '2026-10-10') RETURNING id AS report \gset
INSERT INTO revision (on_kind, on_id, version, title, body, company_id, member_id)
VALUES (kind('report'), :report, 1, 'title', 'body', pg_temp.company('beta'), pg_temp.member('vito'));

-- Every table is in it, or is left out for a reason.
SELECT is(string_agg(c.relname, ', ' ORDER BY c.relname), NULL,
    'every table is in an export, or export_left_out() says why not; one without company_id has its arm in export_rule()')
FROM pg_class AS c WHERE c.relnamespace = 'jiayi'::regnamespace AND c.relkind = 'r'
  AND export_rule(c.relname::text) IS NULL AND c.relname NOT IN (SELECT l.name FROM export_left_out() AS l);
SELECT is(string_agg(l.name, ', '), NULL, 'what is left out is there') FROM export_left_out() AS l
WHERE to_regclass('jiayi.' || quote_ident(l.name)) IS NULL;
SELECT cmp_ok(count(*), '>=', 50::bigint, 'many tables are in it') FROM export_files() AS f WHERE f.kind IS NULL;

-- Nothing that is secret, whatever a table calls it.
SELECT is(string_agg(f.name || '.' || c.name, ', ' ORDER BY f.name, c.name), 'external_ref.key, member_key.public_key, signature.key_id',
    'no column is secret, or looks so; a secret one has its name in export_hidden(), or its table is left out')
FROM export_files() AS f, unnest(f.columns) AS c(name)
WHERE f.kind IS NULL AND c.name ~ '(hash|secret|seal|phc|token|password|salt|code_|(^|_)key($|_))';

-- What is in it, is what who sees all of the company sees: never more.
CREATE TEMP TABLE gone (company text, "table" text, line text);
CREATE TEMP TABLE shown (company text, "table" text, n bigint);
CREATE FUNCTION pg_temp.export(company text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    f record;
BEGIN
    FOR f IN SELECT x.name FROM jiayi.export_files() AS x WHERE x.kind IS NULL AND x.name <> 'left_out' LOOP
        EXECUTE 'INSERT INTO gone SELECT $2, $3, l FROM (' || jiayi.export_query(f.name) || ') AS y(l)'
            USING pg_temp.company(company), company, f.name;
    END LOOP;
END
$$;
-- The rows of a table that an export has and who calls does not see, by their place.
CREATE FUNCTION pg_temp.beyond(who text, needs text, company text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    f     record;
    found bigint;
    bad   text := '';
    mine  tid[];
BEGIN
    FOR f IN SELECT x.name FROM jiayi.export_files() AS x WHERE x.kind IS NULL AND x.name <> 'left_out'
        AND has_any_column_privilege('jiayi_app', 'jiayi.' || x.name, 'SELECT') LOOP
        EXECUTE format('SELECT array_agg(x.ctid) FROM jiayi.%I AS x WHERE %s', f.name, jiayi.export_rule(f.name))
            INTO mine USING pg_temp.company(company);
        PERFORM pg_temp.sign(who, needs);
        EXECUTE format('SELECT count(*) FROM unnest($1) AS m(at) WHERE NOT EXISTS (SELECT FROM jiayi.%I AS x WHERE x.ctid = m.at)', f.name)
            INTO found USING mine;
        RESET ROLE;
        PERFORM pg_temp.leave();
        IF found > 0 THEN
            bad := bad || f.name || ' ' || found || '; ';
        END IF;
    END LOOP;
    RETURN bad;
END
$$;
SELECT is(pg_temp.beyond(who, 'audit.read', company), '', company || '''s export has nothing that its administrator does not see')
FROM (VALUES ('boss', 'acme'), ('bboss', 'beta'), ('dboss', 'delta'), ('gboss', 'gamma')) AS v(who, company);

SELECT isnt(pg_temp.beyond('cleo', 'session', 'acme'), '', 'while who sees less does not see all of it');
SELECT pg_temp.export(c) FROM unnest(ARRAY['acme', 'beta', 'delta']) AS c \g /dev/null
CREATE FUNCTION pg_temp.has(company text, "table" text, what text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(g.line::json ->> what, ', ' ORDER BY g.line::json ->> what), '') FROM gone AS g
    WHERE g.company = $1 AND g."table" = $2 $$;
SELECT is(pg_temp.has('acme', 'activity', 'text'), 'cleo, shared, cleo, to herself, vito, shared', 'the principal has what was shared, and its own');
SELECT is(pg_temp.has('beta', 'activity', 'text'), 'vito, shared, vito, to himself', 'the vendor has what its people wrote');
SELECT is(pg_temp.has('acme', 'comment', 'text') || '; ' || pg_temp.has('beta', 'comment', 'text'), 'cleo; vito', 'internal words are their side''s');
SELECT is(pg_temp.has('acme', 'deal_reason', 'text') || '; ' || pg_temp.has('beta', 'deal_reason', 'text'), '; of beta', 'so are reasons');
SELECT is(pg_temp.has('acme', 'deal', 'title') || '; ' || pg_temp.has('beta', 'deal', 'title'), 'shared; ', 'a deal is the principal''s');
SELECT is(pg_temp.has('acme', 'registration', 'title') || '; ' || pg_temp.has('beta', 'registration', 'title') || '; '
    || pg_temp.has('delta', 'registration', 'title'), 'dvic, vito; vito; dvic', 'registrations are both sides''');
SELECT is(pg_temp.has('acme', 'contract', 'title') || '; ' || pg_temp.has('beta', 'contract', 'title'),
    'acme - beta, acme - delta; acme - beta, draft of beta', 'contracts are both sides'', drafts their own side''s');
SELECT is(pg_temp.has('acme', 'case_file', 'text') || '; ' || pg_temp.has('beta', 'case_file', 'text') || '; '
    || pg_temp.has('delta', 'case_file', 'text'), 'of boss, of vito; of boss, of vito; ', 'of a conflict the other vendor has nothing');
SELECT is(pg_temp.has('acme', 'case_file', 'other_vendor') || '; ' || pg_temp.has('beta', 'case_file', 'other_vendor'), 'delta; ',
    'and who opened it does not learn with whom it is');
SELECT is(pg_temp.has('acme', 'revision', 'body') || '; ' || pg_temp.has('beta', 'revision', 'body'), 'body; body', 'reports are both sides''');
SELECT is(pg_temp.has('acme', 'member', 'email') ~ 'beta', false, 'people are their company''s');
SELECT is(pg_temp.has('acme', 'deal', 'owner'), 'cleo@acme.example', 'people are named by their addresses');
SELECT is((SELECT count(*)::int FROM gone AS g WHERE g.line ~ 'argon2id'), 0, 'no password is anywhere');

-- Who may ask for one.
SELECT is(pg_temp.act('boss', 'data.export', 'SELECT state FROM export_start()'), 'running', 'an admin asks for one');
SELECT is(pg_temp.act('boss', 'data.export', 'SELECT count(*) FROM export_start()'), '1', 'again: it is that one');
SELECT is((SELECT count(*)::int FROM export), 1, 'of which there is one');
DELETE FROM role_permission AS p WHERE p.role_id = (SELECT m.role_id FROM member AS m WHERE m.name = 'boss') AND p.permission = 'deal.read';
SELECT throws_like($$ SELECT pg_temp.act('boss', 'data.export', 'SELECT state FROM export_start()') $$, '%for the whole company%',
    'whose role does not see all of the company asks for none');
RESET ROLE;
SELECT throws_ok($$ UPDATE export SET state = 'done', ended_at = now(), expires_at = now();
    UPDATE export SET state = 'running', ended_at = NULL, expires_at = NULL $$, 'JY009', NULL, 'one that is done stays so');

SELECT * FROM finish();
ROLLBACK;
