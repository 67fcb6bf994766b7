-- What of contracts goes by the clock and by jobs: which version rules, to the second; what recurs; what is over. Run as the server
-- runs it, after a stop as well.
\ir fixture.psql
SELECT no_plan();

UPDATE job SET next_slot = 'infinity', due_at = 'infinity';
DELETE FROM job_run;
CREATE FUNCTION pg_temp.work() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    SET LOCAL ROLE jiayi_job;
    SELECT * INTO r FROM jiayi.job_work();
    RESET ROLE;
    RETURN CASE WHEN r.name IS NULL THEN 'nothing'
        ELSE format('%s %s %s', r.name, to_char(r.slot AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), coalesce(r.error, r.changed::text)) END;
END
$$;
-- A contract of 2020, the second version of which rules from March on.
INSERT INTO contract (company_id, vendor_id, kind, title, state, version, latest, from_at, to_at, author_company_id)
VALUES (pg_temp.company('acme'), pg_temp.company('beta'), 'sales', 'K', 'active', 2, 2, '2020-01-01Z', '2020-06-01Z', pg_temp.company('acme'))
RETURNING id AS contract \gset
INSERT INTO contract_version (contract_id, version, company_id, vendor_id, author_company_id, state, title, prose, sha256, from_at, terms)
SELECT c.id, v.n, c.company_id, c.vendor_id, c.company_id, 'executed', 'K', 'K', sha256('x'), v.at,
       jsonb_build_object('duties', jsonb_build_array(jsonb_build_object('title', v.title, 'side', 'vendor', 'every', 'month')))
FROM contract AS c, (VALUES (1, timestamptz '2020-01-01Z', 'old'), (2, '2020-03-01Z', 'new')) AS v(n, at, title) WHERE c.id = :contract;
INSERT INTO revision (on_kind, on_id, version, company_id, member_id, title, body)
SELECT kind('contract'), :contract, n, pg_temp.company('acme'), pg_temp.member('boss'), 'K', 'K' FROM generate_series(1, 2) AS n;
INSERT INTO signature (on_kind, on_id, version, company_id, member_id, capacity, sha256)
SELECT kind('contract'), :contract, n, pg_temp.company('acme'), pg_temp.member('boss'), 'principal', sha256('x') FROM generate_series(1, 2) AS n;

SELECT is(contract_ruling(c, at), v, what) FROM contract AS c, (VALUES
    (timestamptz '2020-02-29 23:59:59Z', 1, 'a second before an amendment''s first day the old version rules'),
    ('2020-02-29 23:59:59.999999Z', 1, 'a microsecond before as well'), ('2020-03-01 00:00:00Z', 2, 'when it begins, the new one'),
    ('2020-03-01 00:00:01Z', 2, 'and a second after')) AS x(at, v, what) WHERE c.id = :contract;
CREATE FUNCTION pg_temp.owed() RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(t.title || ' ' || t.due_on, ', ' ORDER BY t.due_on, t.title), '') FROM jiayi.task AS t WHERE t.kind = 'duty'
$$;
SELECT is(job_duties(0, '2019-12-31 23:59:59Z'), 0::bigint, 'a second before it begins nothing is owed by it');
SELECT is(job_duties(0, '2020-06-01 00:00:00Z'), 0::bigint, 'nor when it is over');
UPDATE contract SET state = 'suspended' WHERE id = :contract;
SELECT is(job_duties(0, '2020-02-10 00:00:00Z'), 0::bigint, 'nor while it is suspended');
UPDATE contract SET state = 'active' WHERE id = :contract;
-- The job, after a stop of some hours over the end of February.
UPDATE job SET next_slot = '2020-02-29 23:00Z', due_at = '2020-02-29 23:00Z' WHERE name = 'duties';
SELECT is(pg_temp.work() || ', ' || pg_temp.work() || ', ' || pg_temp.work(),
    'duties 2020-02-29 23:00 1, duties 2020-03-01 00:00 1, duties 2020-03-01 01:00 0', 'what was missed is run in order, as of its time');
SELECT is(pg_temp.owed(), 'old 2020-02-29, new 2020-03-31', 'each month''s is of the version that ruled then');
UPDATE job SET next_slot = '2020-05-31 23:00Z', due_at = '2020-05-31 23:00Z' WHERE name = 'duties';
SELECT is(pg_temp.work() || ', ' || pg_temp.work(), 'duties 2020-05-31 23:00 1, duties 2020-06-01 00:00 0', 'an hour before its end, and then no more');
UPDATE job SET next_slot = 'infinity', due_at = 'infinity' WHERE name = 'duties';

-- What is over is written down by the next run, however long nobody ran one; and told once.
UPDATE job SET next_slot = '2020-01-01Z', due_at = '2020-01-01Z' WHERE name = 'expiry';
DELETE FROM event;
SELECT alike(pg_temp.work(), 'expiry % 1', 'one run for all that were missed');
SELECT is(c.state || ' ' || coalesce((SELECT string_agg(e.kind, ',') FROM event AS e WHERE e.on_kind = kind('contract') AND e.on_id = c.id), ''),
    'expired contract.expired', 'what had come to its end is over, and told') FROM contract AS c WHERE c.id = :contract;
UPDATE job SET next_slot = 'infinity', due_at = 'infinity' WHERE name = 'expiry';
INSERT INTO registration (company_id, vendor_id, member_id, title, customer_name, protected_until, due_at)
VALUES (pg_temp.company('acme'), pg_temp.company('beta'), pg_temp.member('vito'), 'a lead', 'Somebody', now() - interval '1 hour', now() - interval '1 hour')
RETURNING id AS lead \gset
UPDATE job SET next_slot = '2020-01-01Z', due_at = '2020-01-01Z' WHERE name = 'registrations';
SELECT alike(pg_temp.work(), 'registrations % 1', 'registrations: likewise');
SELECT is(state, 'expired', 'nobody decided in time') FROM registration WHERE id = :lead;
UPDATE job SET next_slot = 'infinity', due_at = 'infinity' WHERE name = 'registrations';
INSERT INTO payment (company_id, vendor_id, contract_id, contract_version, position, term, payer, amount, currency, due_on)
SELECT c.company_id, c.vendor_id, c.id, 1, n, n, 'principal', 1, 'CNY', '2020-03-31'::date + 36500 * (n - 1) FROM contract AS c, generate_series(1, 2) AS n
WHERE c.id = :contract;
UPDATE job SET next_slot = '2020-01-01Z', due_at = '2020-01-01Z' WHERE name = 'payments';
SELECT alike(pg_temp.work(), 'payments % 1', 'payments: one is due');
SELECT is(string_agg(state, ', ' ORDER BY id), 'due, planned', 'the other in a hundred years') FROM payment WHERE contract_id = :contract;
SELECT * FROM finish();
ROLLBACK;
