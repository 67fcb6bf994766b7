-- Rates of exchange: which one counts, and amounts turned by them.
\ir fixture.psql
\ir plan.psql
SELECT no_plan();

SELECT pg_temp.company('acme') AS acme \gset
SELECT is(round_half_even(v, d, p)::text, want, format('%s / %s with %s', v, d, p)) FROM (VALUES
    (1, 8, 2, '0.12'), (3, 8, 2, '0.38'), (5, 2, 0, '2'), (7, 2, 0, '4'), (-5, 2, 0, '-2'), (-7, 2, 0, '-4'), (1, 3, 2, '0.33'),
    (2, 3, 2, '0.67'), (0, 7, 2, '0.00'), (1.005, 1, 2, '1.00'), (1.015, 1, 2, '1.02'), (1.00500000000000000001, 1, 2, '1.01'),
    (123456789012345.675, 1, 2, '123456789012345.68'), (1, 3, 0, '0'), (2.5, 1, 0, '2'), (10, 4, 3, '2.500')
) AS t(v, d, p, want);

CREATE FUNCTION pg_temp.rate(pair text, on_day date, rate text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO jiayi.rate (company_id, from_currency, to_currency, day, rate, member_id)
    SELECT pg_temp.company('acme'), left(pair, 3), right(pair, 3), on_day, rate::numeric, pg_temp.member('boss')
$$;
CREATE FUNCTION pg_temp.turned(amount text, pair text, on_day text) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s of %s', c.converted, c.rate_day) FROM jiayi.convert(pg_temp.company('acme'), amount::numeric,
        left(pair, 3), right(pair, 3), on_day::date) AS c
$$;
SELECT pg_temp.rate('USDCNY', '2026-10-01', '7.1'), pg_temp.rate('USDCNY', '2026-11-02', '7.2'),
    pg_temp.rate('USDCNY', '2026-11-03', '9'), pg_temp.rate('USDCNY', '2026-11-03', '7.125'),
    pg_temp.rate('EURCNY', '2026-11-01', '8'), pg_temp.rate('CNYJPY', '2026-11-02', '20.5'),
    pg_temp.rate('EURALL', '2026-11-01', '100.1') \g /dev/null
SELECT is(pg_temp.turned(amount, pair, day), want, why) FROM (VALUES
    ('100', 'USDCNY', '2026-11-02', '720.00 of 2026-11-02', 'the rate of the day'),
    ('100', 'USDCNY', '2026-11-01', '710.00 of 2026-10-01', 'else the last one before'),
    ('100', 'USDCNY', '2026-11-03', '712.50 of 2026-11-03', 'of a day the one that was given last'),
    ('100', 'USDCNY', '2026-12-04', '712.50 of 2026-11-03', 'for 31 days'),
    ('100', 'CNYUSD', '2026-11-02', '13.89 of 2026-11-02', 'the other way round'),
    ('100', 'USDUSD', '2026-11-02', '100.00 of 2026-11-02', 'the same currency needs no rate'),
    ('100.125', 'CNYCNY', '2020-01-01', '100.12 of 2020-01-01', 'but its decimals'),
    ('100', 'USDEUR', '2026-11-02', '90.00 of 2026-11-01', 'by way of the company''s currency, with the older day'),
    ('1', 'USDJPY', '2026-11-03', '146 of 2026-11-02', 'rounded once, at the end: 7.125 × 20.5 is 146.06'),
    ('0.02', 'CNYJPY', '2026-11-02', '0 of 2026-11-02', '0.41 in a currency without decimals'),
    ('0.1', 'USDCNY', '2026-11-03', '0.71 of 2026-11-03', '0.7125'),
    ('0.2', 'USDCNY', '2026-11-03', '1.42 of 2026-11-03', 'half to even: 1.425'),
    ('0.6', 'USDCNY', '2026-11-03', '4.28 of 2026-11-03', 'half to even: 4.275')
) AS t(amount, pair, day, want, why);
SELECT pg_temp.refuses(format('SELECT pg_temp.turned(%L, %L, %L)', '1', pair, day), 'JY009', format(
    'no rate %s→%s for %s; give one: jiayi rate set %1$s %2$s RATE --date %3$s', left(pair, 3), right(pair, 3), day))
FROM (VALUES ('USDCNY', '2026-12-05'), ('USDCNY', '2026-09-30'), ('USDALL', '2026-11-02'), ('GBPUSD', '2026-11-02')) AS t(pair, day);
UPDATE company_profile SET currency = 'EUR' WHERE company_id = :acme;
SELECT is(pg_temp.turned('1', 'CNYALL', '2026-11-02'), '12.51 of 2026-11-01', 'the way leads over the company''s currency');
UPDATE company_profile SET currency = 'CNY' WHERE company_id = :acme;

CREATE FUNCTION pg_temp.give(who text, VARIADIC fields text[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT pg_temp.answer(who, 'rate.manage', pg_temp.method('RateService/SetRate', VARIADIC fields))
$$;
SELECT is(pg_temp.give('boss', 'from', 'usd', 'to', 'CNY', 'rate', '7.30', 'source', 'PBoC') - '{id,at}'::text[], jsonb_build_object(
    'from', 'USD', 'to', 'CNY', 'rate', '7.30', 'day', (now() AT TIME ZONE 'UTC')::date, 'source', 'PBoC',
    'member', 'boss@acme.example'), 'an admin gives one, for today');
SELECT pg_temp.refuses(format('SELECT pg_temp.give(%L, %L, %L, %L, %L, %L, %L, %L, %L)', 'boss', 'from', f, 'to', t, 'rate', r,
    'date', day), code, says) FROM (VALUES
    ('USD', 'USD', '1', NULL, 'JY003', 'a rate is between two currencies'),
    ('USD', 'XYZ', '1', NULL, 'JY003', 'unknown currency XYZ; give an ISO 4217 code such as CNY'),
    ('ABC', 'CNY', '1', NULL, 'JY003', 'unknown currency ABC; give an ISO 4217 code such as CNY'),
    ('USD', 'CNY', '0.000', NULL, 'JY003', 'a rate is more than 0'),
    ('USD', 'CNY', '1.123456789012', NULL, 'JY003', 'a rate has at most 12 digits')
) AS x(f, t, r, day, code, says);
SELECT is(pg_temp.give('boss', 'from', 'USD', 'to', 'CNY', 'rate', '7', 'date', (current_date + 1)::text) ->> 'rate', '7', 'tomorrow''s is known');
SELECT pg_temp.refuses(format('SELECT pg_temp.give(%L, %L, %L, %L, %L, %L, %L, %L, %L)', 'boss', 'from', 'USD', 'to', 'CNY', 'rate', '7',
    'date', ((now() AT TIME ZONE 'UTC')::date + 2)::text), 'JY009', format('it is not %s yet: rates are given for days until tomorrow',
    (now() AT TIME ZONE 'UTC')::date + 2));
SELECT throws_ok('UPDATE jiayi.rate SET rate = 1', 'JY009', NULL, 'rates are evidence');
SELECT throws_ok('DELETE FROM jiayi.rate', 'JY009', NULL, 'and stay');

SELECT is(pg_temp.sees('cleo', 'rate.read', 'DISTINCT company_id FROM rate'), :'acme', 'its people see them');
SELECT is(pg_temp.sees('vera', 'rate.read', 'id FROM rate'), '', 'a partner does not');
SELECT is(pg_temp.act('vera', 'session', format('SELECT times FROM rate_leg(%s, ''USD'', ''CNY'', ''2026-11-02'')', :acme)), NULL,
    'nor by a function');
SELECT is(pg_temp.act('op', 'company.read', 'SELECT count(*) FROM rate'), '0', 'nor who runs the server');

-- Lists and look-ups walk their index: 1,000 companies with as many rates.
SET LOCAL session_replication_role = replica;
INSERT INTO rate (company_id, from_currency, to_currency, day, rate, member_id)
SELECT CASE WHEN i % 10 = 0 THEN :acme ELSE 1000000 + i % 1000 END, (ARRAY['USD', 'EUR'])[1 + i / 10 % 2], 'CNY',
    date '2026-01-01' + i / 100, 7, pg_temp.member('boss') FROM generate_series(1, 20000) AS i;
SET LOCAL session_replication_role = origin;
ANALYZE rate;
SELECT is(pg_temp.reads('boss', 'rate.read', 'rate', 'RateService/ListRates'), 'rate_of_company 51/0', 'a page of the list');
SELECT is(pg_temp.reads('boss', 'rate.read', 'rate', 'RateService/ListRates', 'from', 'EUR', 'to', 'CNY'), 'rate_of 51/0',
    'of a pair');
SELECT is(pg_temp.reads('boss', 'rate.read', 'rate', 'RateService/ListRates', 'since', '2026-05-01'), 'rate_of_company 51/0', 'since a day');

SELECT * FROM finish();
ROLLBACK;
