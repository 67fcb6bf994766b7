-- Registrations: who holds a customer, by the clock; what the other side and rivals are told, and in what time.
\ir fixture.psql
SELECT no_plan();

-- A rival of beta's.
INSERT INTO company (slug, name) VALUES ('delta', 'Delta');
SELECT pg_temp.join_company('dboss', 'delta', 'admin'), pg_temp.join_company('dvic', 'delta', 'vendor', 'dboss') \g /dev/null
SELECT pg_temp.partners('acme', 'delta') \g /dev/null

CREATE FUNCTION pg_temp.register(who text, customer text, number text DEFAULT NULL, phone text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'registration.create', format('SELECT concat_ws('' '', id, refusal) FROM registration_register(%s, ''T'', %L, %L, %L,
        NULL, NULL, NULL, NULL)', pg_temp.company('acme'), $2, $3, $4))
$$;
CREATE FUNCTION pg_temp.verdict(who text, customer text, number text DEFAULT NULL, phone text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'registration.create', format('SELECT concat_ws('' '', verdict, until - today(%1$s)) FROM registration_ask(%1$s, %L, %L, %L)',
        pg_temp.company('acme'), $2, $3, $4))
$$;
CREATE FUNCTION pg_temp.approve(who text, id bigint, days int DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'registration.decide', format('SELECT registration_approve(%s, NULL, %L, NULL)::text', $2, $3))
$$;
-- A moment of a registration, set by the server's owner.
CREATE FUNCTION pg_temp.ends(id bigint, at timestamptz) RETURNS void LANGUAGE sql AS
$$ UPDATE jiayi.registration SET protected_until = $2 WHERE id = $1 $$;

-- To the second: pending until its review is over.
SELECT pg_temp.register('vito', 'Clock Ltd', 'N 1', '+86 138 0000 0001')::bigint AS id \gset
SELECT is(pg_temp.verdict(who, 'CLOCK'), said, who || ' is told ' || said)
FROM (VALUES ('vito', 'yours'), ('bboss', 'yours'), ('dvic', 'taken 100')) AS v(who, said);
SELECT is(pg_temp.verdict('dvic', 'Other', n, p), said, 'by number or telephone: ' || said)
FROM (VALUES ('n-1', NULL, 'taken 100'), (NULL, '13800000001', 'taken 100'), ('n-2', NULL, 'free')) AS v(n, p, said);
SELECT pg_temp.ends(:id, now() + interval '1 microsecond') \g /dev/null
SELECT is(pg_temp.verdict('dvic', 'clock'), 'taken 90', 'a moment before its review is over');
SELECT pg_temp.ends(:id, now()) \g /dev/null
SELECT is(pg_temp.verdict('dvic', 'clock') || ', ' || pg_temp.verdict('vito', 'clock'), 'free, free', 'when it is');
SELECT pg_temp.refused('anna', 'registration.decide', format('SELECT registration_approve(%s, NULL, NULL, NULL)', :id), 'JY009',
    format('registration %s is over since %s', :id, company_day(pg_temp.company('acme'), now())));
SELECT is(state, 'pending', 'whatever its state says') FROM registration WHERE id = :id;
SELECT isnt(pg_temp.register('dvic', 'clock ltd', 'n1'), '', 'and the next one registers it');
SELECT is(state, 'expired', 'by which the first is expired') FROM registration WHERE id = :id;

-- Approved: as long as it was given, as the deal is open, and after its last touch.
SELECT pg_temp.register('vito', 'Held Ltd')::bigint AS id \gset
SELECT pg_temp.approve('anna', :id, 5) \g /dev/null
SELECT deal_id AS deal FROM registration WHERE id = :id \gset
SELECT is(concat_ws(' ', d.company_id = pg_temp.company('acme'), d.vendor_id = pg_temp.company('beta'), d.owner_id = pg_temp.member('anna'), d.title),
    't t t T', 'approving makes the deal, shared') FROM deal AS d WHERE d.id = :deal;
SELECT is(pg_temp.act('vito', 'deal.read', format('SELECT title FROM deal WHERE id = %s', :deal)), 'T', 'which the vendor sees');
SELECT is(pg_temp.verdict('dvic', 'held'), 'taken 90', 'open: as if it were closed today');
SELECT pg_temp.ends(:id, now() - interval '1 day') \g /dev/null
SELECT is(pg_temp.verdict('dvic', 'held'), 'taken 90', 'open: beyond what was given');
UPDATE deal_pulse SET open = false, stage_on = today(pg_temp.company('acme')) - 100, touched_on = NULL WHERE deal_id = :deal;
SELECT is(pg_temp.verdict('dvic', 'held'), 'free', 'closed, and nobody touched it for so long');
UPDATE deal_pulse SET touched_on = today(pg_temp.company('acme')) - 90 WHERE deal_id = :deal AND company_id = pg_temp.company('acme');
SELECT is(pg_temp.verdict('dvic', 'held'), 'taken 0', 'touched: the last day');
UPDATE deal_pulse SET touched_on = touched_on - 1 WHERE deal_id = :deal AND company_id = pg_temp.company('acme');
SELECT is(pg_temp.verdict('dvic', 'held'), 'free', 'the day after');
SELECT pg_temp.ends(:id, day_ends(pg_temp.company('acme'), today(pg_temp.company('acme')) + 7)) \g /dev/null
SELECT is(pg_temp.verdict('dvic', 'held'), 'taken 7', 'what was given counts by itself');

-- The principal's own customers look like others' registrations; merged ones are the one that stays.
SELECT pg_temp.deal('cleo', 'mine') AS deal \gset
SELECT is(pg_temp.verdict('dvic', 'customer OF mine'), 'taken 90', 'an own customer with an open deal');
SELECT is(pg_temp.register('dvic', 'customer OF mine') LIKE '%registered by another until%', true, 'is refused in the same words');
SELECT is(pg_temp.register('dvic', 'Held') LIKE '%registered by another until%', true, 'as another''s registration');
UPDATE deal_pulse SET open = false, stage_on = stage_on - 91 WHERE deal_id = :deal;
SELECT is(pg_temp.verdict('dvic', 'Customer of mine'), 'free', 'an old one is free');
SELECT pg_temp.deal('cleo', 'theirs', true) AS deal \gset
SELECT is(pg_temp.verdict('vito', 'Customer of theirs') || ', ' || pg_temp.verdict('dvic', 'Customer of theirs'), 'yours, taken 90',
    'of an open deal that is shared with a vendor: the vendor''s');

-- Both look all keys up, once: what a call reads does not tell whose a customer is.
CREATE FUNCTION pg_temp.reads(who text, customer text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before jsonb;
    after  jsonb;
    q text := 'SELECT jsonb_object_agg(s.relname, coalesce(s.seq_scan, 0) + coalesce(s.idx_scan, 0)) FROM pg_stat_xact_user_tables AS s
        WHERE s.relname = ANY (''{registration_key,customer,contact,company_profile}'')';
BEGIN
    EXECUTE q INTO before;
    PERFORM pg_temp.verdict(who, customer, 'N 77', '13800000077');
    EXECUTE q INTO after;
    RETURN (SELECT string_agg(a.key || ' ' || a.value::int - (before ->> a.key)::int, ', ' ORDER BY a.key) FROM jsonb_each_text(after) AS a
        WHERE a.key IN ('registration_key', 'contact'));
END
$$;
SELECT pg_temp.reads('dvic', 'warm') \g /dev/null
SELECT is(pg_temp.reads('dvic', 'nobody ever'), pg_temp.reads('dvic', 'held'), 'a hit asks the registrations as often as a miss');
SELECT is(pg_temp.reads('dvic', 'Customer of theirs'), pg_temp.reads('dvic', 'nobody else'), 'so does an own customer');

-- What is left of the difference, as more rows where there is something, the time does not tell.
CREATE FUNCTION pg_temp.paced(statement text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    began timestamptz := clock_timestamp();
BEGIN
    PERFORM pg_sleep(0.001);
    EXECUTE statement;
    -- Since the statement of the test began; whatever else runs here makes it longer.
    RETURN clock_timestamp() - began > interval '1 millisecond'
        AND floor(extract(epoch FROM clock_timestamp() - statement_timestamp()) / 0.02) > floor(extract(epoch FROM began - statement_timestamp()) / 0.02);
END
$$;
SELECT ok(pg_temp.paced(format('SELECT pg_temp.verdict(''dvic'', %L)', c)), c || ': the answer waits for its time')
FROM (VALUES ('nobody at all'), ('held'), ('Customer of theirs'), ('Customer of mine')) AS v(c);
SELECT ok(pg_temp.paced(format('SELECT pg_temp.register(''dvic'', %L)', c)), c || ': so does registering it') FROM (VALUES ('held'), ('Paced Ltd')) AS v(c);

-- What was registered is proven by its entry of the ledger, and nothing in it changes.
SELECT pg_temp.register('vito', 'Proof Ltd', NULL, NULL)::bigint AS id \gset
SELECT is(convert_from(e.entry, 'UTF8')::jsonb - '{at,nonce}'::text[], jsonb_build_object('kind', 'registration', 'author', pg_temp.member('vito'),
    'company', pg_temp.company('acme'), 'partner', pg_temp.company('beta'), 'ref', 'registration/' || :id,
    'sha256', encode(sha256(convert_to(registration_text(r), 'UTF8')), 'hex')), 'its entry says who, and the SHA-256 of what')
FROM ledger_entry AS e, registration AS r WHERE e.kind = 'registration' AND e.on_id = :id AND r.id = :id;
SELECT is(registration_text(r), format(E'registration/%s\n%s\n%s\n%s\n%s\nT\nProof Ltd\n', r.id, r.company_id, r.vendor_id, r.member_id,
    to_char(r.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')), 'that is these lines') FROM registration AS r WHERE r.id = :id;
SELECT ok(NOT has_column_privilege('jiayi_app', 'registration', c, 'UPDATE') AND NOT has_column_privilege('jiayi_auth', 'registration', c, 'UPDATE'),
    'nobody changes ' || c)
FROM unnest(ARRAY['customer_name', 'title', 'vendor_id', 'member_id', 'created_at', 'amount', 'text', 'registration_no']) AS c;
SELECT ok(NOT has_table_privilege('jiayi_app', 'registration', 'INSERT, DELETE'), 'registrations are made by registering alone');
SELECT throws_ok('UPDATE registration_check SET verdict = ''free''', 'JY009', NULL, 'what was asked stays');

-- A vendor whose contract is over asks nothing, and still sees what it brought.
UPDATE partnership SET state = 'suspended' WHERE vendor_id = pg_temp.company('beta');
SELECT pg_temp.refused('vito', 'registration.create', format('SELECT * FROM registration_ask(%s, ''X'', NULL, NULL)', pg_temp.company('acme')), 'JY005');
SELECT is(pg_temp.act('vito', 'registration.read', format('SELECT title FROM registration WHERE id = %s', :id)), 'T', 'what it brought it sees');
SELECT pg_temp.refused('anna', 'registration.decide', format('SELECT registration_approve(%s, NULL, NULL, NULL)', :id), 'JY009',
    'the partnership with beta is suspended, not active');
UPDATE partnership SET state = 'active' WHERE vendor_id = pg_temp.company('beta');

-- The job: what is over expires; a week before, both sides are told once.
SELECT pg_temp.register('vito', 'Soon Ltd')::bigint AS id \gset
SELECT pg_temp.approve('anna', :id) \g /dev/null
UPDATE deal_pulse AS p SET open = false, stage_on = p.stage_on - 100 FROM registration AS r WHERE r.id = :id AND p.deal_id = r.deal_id;
SELECT day_ends(pg_temp.company('acme'), today(pg_temp.company('acme')) + 7) AS over \gset
SELECT pg_temp.ends(:id, :'over') \g /dev/null
DELETE FROM event;
SELECT job_registrations(0, :'over'::timestamptz - interval '7 days 1 minute'), job_registrations(0, :'over'::timestamptz - interval '7 days'),
    job_registrations(0, :'over'::timestamptz - interval '7 days' + interval '1 minute') \g /dev/null
SELECT is(string_agg(e.kind || ' ' || e.member_ids::text, '; '), format('registration.expiring {%s,%s}', pg_temp.member('anna'), pg_temp.member('vito')),
    'a week before both are told, once') FROM event AS e WHERE e.on_kind = kind('registration') AND e.on_id = :id;
SELECT job_registrations(0, :'over') \g /dev/null
SELECT is(state || ' ' || version, 'expired 4', 'then it is over') FROM registration WHERE id = :id;
SELECT is(string_agg(live::text, ','), 'false', 'and its keys are free') FROM registration_key WHERE registration_id = :id;
SELECT is(member_sees(m, kind('registration'), :id), seen, m.name || CASE WHEN seen THEN ' is told of it' ELSE ' is not' END)
FROM (VALUES ('vito', true), ('bboss', true), ('vera', false), ('anna', true), ('boss', true), ('cleo', false), ('dvic', false), ('gboss', false)) AS v(name, seen)
JOIN member AS m ON m.name = v.name ORDER BY v.name;

SELECT * FROM finish();
ROLLBACK;
