-- Payments: what the terms make, when they are due, and who is told.
\ir fixture.psql
SELECT no_plan();

-- Whatever way an amount is written, and wherever in the list: the same payment; two that are equal are two.
SELECT is(count(DISTINCT t.term)::int, n, what) FROM (VALUES
    ('[{"payer": "vendor", "amount": 5, "currency": "CNY", "due": "2030-01-31"}, {"payer": "vendor", "amount": 5, "currency": "CNY", "due": "2030-01-31"}]', 2, 'equal ones are two'),
    ('[{"payer": "vendor", "amount": 5, "currency": "CNY", "due": "2030-01-31"}, {"payer": "vendor", "amount": 5, "currency": "EUR", "due": "2030-01-31"}]', 2, 'the currency counts')
) AS v(payments, n, what), payment_terms(jsonb_build_object('payments', v.payments::jsonb)) AS t GROUP BY v.n, v.what;
SELECT is(a.term, b.term, 'an amount is what it is worth') FROM
    payment_terms('{"payments": [{"payer": "vendor", "amount": 5, "currency": "CNY", "due": "2030-01-31"}]}') AS a,
    payment_terms('{"payments": [{"payer": "vendor", "amount": "5.00", "currency": "CNY", "due": "2030-01-31"}]}') AS b;
SELECT is(a.term <> b.term, true, 'another day of the duty is another payment') FROM
    payment_terms('{"duties": [{"title": "x", "side": "vendor", "due": "2030-01-31"}], "payments": [{"payer": "vendor", "amount": 5, "currency": "CNY", "after_duty": 1}]}') AS a,
    payment_terms('{"duties": [{"title": "x", "side": "vendor", "due": "2030-02-28"}], "payments": [{"payer": "vendor", "amount": 5, "currency": "CNY", "after_duty": 1}]}') AS b;

-- A contract that both have signed, where it is another day than in UTC.
UPDATE company_profile SET time_zone = 'Asia/Shanghai' WHERE company_id = pg_temp.company('acme');
INSERT INTO company_profile (company_id, time_zone) VALUES (pg_temp.company('acme'), 'Asia/Shanghai') ON CONFLICT DO NOTHING;
INSERT INTO contract (company_id, vendor_id, kind, title, state, version, from_at, author_company_id, owner_id)
VALUES (pg_temp.company('acme'), pg_temp.company('beta'), 'sales', 'K', 'active', 1, now(), pg_temp.company('acme'), pg_temp.member('cleo'))
RETURNING id AS contract \gset
INSERT INTO contract_version (contract_id, version, company_id, vendor_id, author_company_id, state, title, prose, sha256, from_at, terms)
SELECT c.id, 1, c.company_id, c.vendor_id, c.company_id, 'executed', 'K', 'K', sha256('x'), now(), '{
    "duties": [{"title": "Plan", "side": "vendor", "due": "2030-01-31"}, {"title": "Late", "side": "vendor", "due": "2031-01-31"}],
    "payments": [{"payer": "principal", "amount": 10, "currency": "CNY", "due": "2030-03-31"},
        {"payer": "principal", "amount": 20, "currency": "CNY", "after_duty": 1, "days": 2},
        {"payer": "principal", "amount": 30, "currency": "CNY", "after_duty": 2}]}' FROM contract AS c WHERE c.id = :contract;
INSERT INTO task (company_id, kind, on_kind, on_id, title, vendor_id, side, acceptance, due_on, created_by, state)
SELECT c.company_id, 'duty', kind('contract'), c.id, 'Plan', c.vendor_id, 'vendor', true, '2030-01-31', c.owner_id, 'delivered'
FROM contract AS c WHERE c.id = :contract RETURNING id AS duty \gset
SELECT is(payments_make(c, v) || ' ' || payments_make(c, v), '2 0', 'made once; nothing for a duty that nobody owes')
FROM contract AS c JOIN contract_version AS v ON v.contract_id = c.id WHERE c.id = :contract;
CREATE FUNCTION pg_temp.paid(contract bigint) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', p.amount, coalesce(p.due_on::text, '-'), p.state, p.turn), ', ' ORDER BY p.id) FROM jiayi.payment AS p WHERE p.contract_id = $1
$$;
SELECT is(pg_temp.paid(:contract), '10 2030-03-31 planned, 20 - planned', 'one has a day, the other waits for a duty');
-- A duty that is accepted at five in the afternoon in UTC is accepted on the next day in Shanghai.
UPDATE task SET state = 'accepted' WHERE id = :duty;
SELECT is(p.due_on, (t.state_since AT TIME ZONE 'Asia/Shanghai')::date + 2, 'so many days after its acceptance, where the principal is')
FROM payment AS p JOIN task AS t ON t.id = p.duty_id;
SELECT is(due_at, timestamptz '2030-04-01 00:00+08', 'until the end of the day there') FROM payment WHERE amount = 10;

-- Due from a week before its day on, to the second; who is responsible is told, once.
DELETE FROM event;
SELECT is(job_payments(0, '2030-03-23 15:59:59Z'), 1::bigint, 'the other one alone, whose day was long ago');
SELECT is(job_payments(0, '2030-03-24 16:00:00Z'), 1::bigint, 'a week before its day begins');
SELECT is(job_payments(0, '2030-03-24 17:00:00Z'), 0::bigint, 'once');
SELECT is(pg_temp.paid(:contract) LIKE '10 2030-03-31 due principal, 20 % due principal', true, 'the payer has to do something');
SELECT is(string_agg(e.kind || ' ' || (pg_temp.member('cleo') = ANY (e.member_ids)) || ' ' || (pg_temp.member('bboss') = ANY (e.member_ids)), ', '),
    'payment.due true true, payment.due true true', 'both sides are told: who is responsible, and where nobody is, who signs') FROM event AS e;

-- What is shown with a contract says where there is more.
CREATE FUNCTION pg_temp.shown(contract bigint) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', jsonb_array_length(a -> 'payments'), a ->> 'more_payments')
    FROM pg_temp.answer('cleo', 'contract.read', pg_temp.method('ContractService/GetContract', 'contract_id', contract::text)) AS a
$$;
SAVEPOINT many;
INSERT INTO payment (contract_id, contract_version, position, company_id, vendor_id, payer, amount, currency, due_on, due_at, owner_id, term)
SELECT p.contract_id, p.contract_version, p.position, p.company_id, p.vendor_id, p.payer, p.amount, p.currency, p.due_on, p.due_at, p.owner_id, p.term || i
FROM payment AS p, generate_series(1, 98) AS i WHERE p.amount = 10;
SELECT is(pg_temp.shown(:contract), '100', 'a hundred payments are all');
INSERT INTO payment (contract_id, contract_version, position, company_id, vendor_id, payer, amount, currency, due_on, due_at, owner_id, term)
SELECT p.contract_id, p.contract_version, p.position, p.company_id, p.vendor_id, p.payer, p.amount, p.currency, p.due_on, p.due_at, p.owner_id, p.term || 'x'
FROM payment AS p WHERE p.amount = 20;
SELECT is(pg_temp.shown(:contract), '100 true', 'of a hundred and one it says that there are more');
ROLLBACK TO many;

-- Another one gets the contract: the payments go along, and have the same version.
UPDATE contract SET owner_id = pg_temp.member('dora') WHERE id = :contract;
SELECT is(string_agg(DISTINCT m.name || ' ' || p.version, ', '), 'dora 2, dora 3', 'who is responsible follows the contract')
FROM payment AS p JOIN member AS m ON m.id = p.owner_id;
SELECT is(pg_temp.sees('dora', 'contract.read', 'count(*) FROM payment') || pg_temp.sees('cleo', 'contract.read', 'count(*) FROM payment')
    || pg_temp.sees('vito', 'contract.read', 'count(*) FROM payment') || pg_temp.sees('bboss', 'contract.read', 'count(*) FROM payment')
    || pg_temp.sees('gboss', 'contract.read', 'count(*) FROM payment'), '20020', 'seen with the contract');
-- Nothing is written but by the functions.
SELECT is(string_agg(privilege_type, ','), NULL, 'calls write none themselves') FROM information_schema.role_table_grants
WHERE table_name = 'payment' AND grantee = 'jiayi_app' AND privilege_type <> 'SELECT';
-- A contract's end takes no money from anybody; who is owed it waives it.
UPDATE contract SET state = 'ended', to_at = now() + interval '1 microsecond' WHERE id = :contract;
SELECT is(count(*)::int, 2, 'what is owed stays owed') FROM payment WHERE contract_id = :contract AND state = 'due';
SELECT * FROM finish();
ROLLBACK;
