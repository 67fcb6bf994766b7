-- Functions on the hot path have no search_path of their own, for that costs: they name everything in full. So it is the
-- same what the session's has: here a schema with a table of each name of ours, and functions in the place of ours.
\ir fixture.psql
SELECT no_plan();

SELECT pg_temp.deal('cleo', 'c') AS c, pg_temp.deal('cleo', 'cs', true) AS cs \gset
CREATE SCHEMA hostile;
GRANT USAGE ON SCHEMA hostile TO jiayi_app, jiayi_auth;
SELECT format('CREATE TABLE hostile.%I (LIKE jiayi.%I)', c.relname, c.relname)
FROM pg_class AS c WHERE c.relnamespace = 'jiayi'::regnamespace AND c.relkind = 'r' \gexec
SELECT format('CREATE FUNCTION hostile.%s RETURNS %s LANGUAGE plpgsql AS ''BEGIN RAISE ''''hostile %s''''; END''',
              p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
              pg_get_function_result(p.oid), p.proname)
FROM pg_proc AS p WHERE p.pronamespace = 'jiayi'::regnamespace AND p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype
    AND pg_get_function_result(p.oid) !~ '^(TABLE|SETOF|record)' \gexec

-- Calls as the server makes them, in that order, all of them with that search_path.
CREATE FUNCTION pg_temp.call(name text, permission text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    number int := (SELECT p.no FROM jiayi.permission AS p WHERE p.name = permission);
    answer text;
BEGIN
    SET LOCAL ROLE jiayi_app;
    SET LOCAL search_path = hostile, pg_catalog;
    answer := jiayi.authorize(sha256(convert_to('token of ' || name, 'UTF8')), number, '\xaa', '\xbb',
        'DealService/MoveDeal', '0', '127.0.0.1');
    EXECUTE statement INTO answer;
    RESET ROLE;
    SET LOCAL search_path = jiayi, public, pg_catalog;
    PERFORM pg_temp.leave();
    RETURN answer;
END
$$;
SELECT is(pg_temp.call('cleo', 'deal.read', 'SELECT string_agg(d.title, '','' ORDER BY d.title) FROM jiayi.deal AS d'), 'c,cs',
    'a list');
SELECT is(pg_temp.call('vito', 'deal.read', format('SELECT concat_ws('' '', v.title, v.owner, v.company, v.customer)
    FROM jiayi.deal AS d, jiayi.deal_shown(d) AS v WHERE d.id = %s', :cs)), 'cs cleo@acme.example acme Customer of cs',
    'a deal with names of others');
SELECT is(pg_temp.call('cleo', 'deal.read', format('SELECT (jiayi.deal_pulse_of(%s)).beside', :c)), '0', 'how it is looked after');
SELECT is(pg_temp.call(n, 'deal.read', format('SELECT count(*)::text FROM jiayi.deal_stage AS s WHERE s.deal_id = jiayi.deal_known(%s)', :cs)), '1',
    'what was done on a deal: ' || n) FROM unnest('{cleo,vito}'::text[]) AS n;
SELECT is(pg_temp.call(n, 'deal.read', format('SELECT jiayi.customer_asked(d.customer_id)::text FROM jiayi.deal AS d WHERE d.id = %s', :cs)),
    (SELECT d.customer_id::text FROM deal AS d WHERE d.id = :cs), 'a customer: ' || n) FROM unnest('{cleo,vito}'::text[]) AS n;
SELECT is(pg_temp.call('dora', 'deal.read', 'SELECT count(*)::text FROM jiayi.deal'), '0', 'what one takes part in');
SELECT is(pg_temp.call('cleo', 'report.read', 'SELECT jiayi.report_shows(0)::text'), 'false', 'a report');
SELECT is(pg_temp.call('ben', 'customer.read', 'SELECT string_agg(o.id::text, '','') FROM jiayi.overlaps_ahead(NULL, 51) AS o'),
    concat_ws(',', pg_temp.member('ben'), pg_temp.member('cleo')), 'on whose deals several may work');
SELECT is(pg_temp.call('cleo', 'deal.move', format('UPDATE jiayi.deal AS d SET stage = ''contacted'' WHERE d.id = %s
    RETURNING d.stage', :c)), 'contacted', 'a move');
SELECT is(pg_temp.call('vito', 'deal.move', format('UPDATE jiayi.deal AS d SET stage = ''quoted'', stage_reason = ''r'',
    stage_audience = ''internal'' WHERE d.id = %s RETURNING d.stage', :cs)), 'quoted', 'with an internal reason');
SELECT is(pg_temp.call('cleo', 'deal.log', format('INSERT INTO jiayi.activity (deal_id, company_id, member_id, kind, text)
    VALUES (%s, jiayi.me_company(), jiayi.me_member(), ''call'', ''t'') RETURNING kind', :c)), 'call', 'a follow-up');
SELECT is(count(*)::int, 4, 'all of it is where it belongs') FROM jiayi.deal_stage AS s WHERE s.deal_id IN (:c, :cs);

SELECT * FROM finish();
ROLLBACK;
