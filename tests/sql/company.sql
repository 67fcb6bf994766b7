-- What holds for a company as a whole: its days, who sees the profile, sessions and entries that follow it.
\ir fixture.psql
SELECT no_plan();

SELECT is((SELECT string_agg(c.slug, ' ' ORDER BY c.slug) FROM company AS c
        WHERE EXISTS (SELECT FROM company_profile AS p WHERE p.company_id = c.id)),
    'acme beta gamma operators', 'every company has a profile');

---- Days

CREATE FUNCTION pg_temp.zone(zone text) RETURNS void LANGUAGE sql AS
$$ UPDATE jiayi.company_profile SET time_zone = zone WHERE company_id = pg_temp.company('acme') $$;
CREATE FUNCTION pg_temp.begins(zone text, day date) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.zone(zone);
    RETURN to_char(jiayi.day_begins(pg_temp.company('acme'), day) AT TIME ZONE 'UTC', 'MM-DD HH24:MI');
END
$$;
SELECT is(pg_temp.begins(zone, day::date), begins, zone || ' ' || day || ': ' || why) FROM (VALUES
    ('UTC', '2026-11-21', '11-21 00:00', 'as it is'),
    ('Asia/Shanghai', '2026-11-21', '11-20 16:00', 'eight hours before'),
    ('Europe/Tirane', '2026-03-29', '03-28 23:00', 'clocks go forward in the morning'),
    ('Europe/Tirane', '2026-03-30', '03-29 22:00', 'so that the day had 23 hours'),
    ('Europe/Tirane', '2026-10-25', '10-24 22:00', 'clocks go back in the morning'),
    ('Europe/Tirane', '2026-10-26', '10-25 23:00', 'so that the day had 25 hours'),
    ('America/Santiago', '2024-09-08', '09-08 04:00', 'there is no midnight'),
    ('America/Havana', '2024-11-03', '11-03 04:00', 'there are two midnights: the first'),
    ('America/Havana', '2024-11-04', '11-04 05:00', 'and the day has 25 hours'),
    ('America/Asuncion', '2024-03-24', '03-24 04:00', 'clocks went back to before midnight'),
    ('Pacific/Kiritimati', '2026-01-01', '12-31 10:00', 'the first on earth')
) AS t(zone, day, begins, why);
-- Each moment is in the day that began last, in every zone and around every change of the clock.
SELECT is((SELECT string_agg(format('%s %s', z.zone, t.at), ', ')
    FROM unnest(ARRAY['UTC', 'Asia/Shanghai', 'Europe/Tirane', 'America/Havana', 'America/Santiago', 'Africa/Cairo',
            'Asia/Beirut', 'Australia/Lord_Howe', 'America/St_Johns']) AS z(zone),
         LATERAL (SELECT pg_temp.zone(z.zone)) AS set(zone),
         generate_series('2024-01-01 00:10Z', '2024-12-31 23:50Z', interval '5 hours 20 minutes') AS t(at),
         LATERAL (SELECT company_day(pg_temp.company('acme'), t.at) AS day) AS d
    WHERE set.zone IS NOT NULL OR t.at < day_begins(pg_temp.company('acme'), d.day)
       OR t.at >= day_begins(pg_temp.company('acme'), d.day + 1)), NULL, 'days follow one another without a gap');
SELECT pg_temp.zone('Pacific/Kiritimati') \g /dev/null
SELECT is(pg_temp.act('cleo', 'session', 'SELECT today()'), ((now() AT TIME ZONE 'Pacific/Kiritimati')::date)::text,
    'today is the company''s');
SELECT is(pg_temp.act('cleo', 'session', format('SELECT today(%s)', pg_temp.company('beta'))),
    ((now() AT TIME ZONE 'UTC')::date)::text, 'and another company''s is its own');
SELECT is(pg_temp.act('vera', 'session', format('SELECT company_zone(%s)', pg_temp.company('acme'))),
    'Pacific/Kiritimati', 'a partner knows the zone');
SELECT is(pg_temp.act('gina', 'session', format('SELECT company_zone(%s)', pg_temp.company('acme'))),
    'UTC', 'a stranger does not');
SELECT is(company_zone(0), 'UTC', 'nobody''s is UTC');

---- Who sees and who sets it

CREATE FUNCTION pg_temp.set(VARIADIC fields text[]) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.method('CompanyService/UpdateCompany', VARIADIC fields)
$$;
CREATE FUNCTION pg_temp.shown(slug text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.method('CompanyService/GetCompany', 'slug', slug)
$$;
SELECT is(pg_temp.answer('boss', 'company.manage', pg_temp.set('time_zone', 'asia/shanghai', 'working_days', '6, 5,1,1',
        'currency', 'eur', 'language', 'sq', 'idle_days', '7', 'default_audience', 'internal', 'name', '甲方'))
        - '{id,created_at}'::text[],
    '{"slug": "acme", "name": "甲方", "time_zone": "Asia/Shanghai", "currency": "EUR", "language": "sq",
      "working_days": "1,5,6", "idle_days": 7, "default_audience": "internal", "backdate_days": 7, "review_days": 10, "protect_days": 90, "checks_per_day": 50, "version": 2}'::jsonb,
    'an admin sets it; zones and currencies are known in any case, days in any order');
SELECT is(pg_temp.answer('cleo', 'company.read', pg_temp.shown('acme')) - '{id,created_at}'::text[],
    '{"slug": "acme", "name": "甲方", "time_zone": "Asia/Shanghai", "currency": "EUR", "language": "sq",
      "working_days": "1,5,6", "idle_days": 7, "default_audience": "internal", "backdate_days": 7, "review_days": 10, "protect_days": 90, "checks_per_day": 50, "version": 2}'::jsonb,
    'its people see all of it');
SELECT is(pg_temp.answer('vera', 'company.read', pg_temp.shown('acme')) - '{id,created_at}'::text[],
    '{"slug": "acme", "name": "甲方", "time_zone": "Asia/Shanghai", "currency": "EUR", "language": "sq",
      "working_days": null, "idle_days": null, "default_audience": null, "backdate_days": null, "review_days": null, "protect_days": null, "checks_per_day": null, "version": null}'::jsonb,
    'a partner its zone, currency and language');
SELECT is(pg_temp.act('gina', 'company.read', pg_temp.shown('acme')), NULL, 'a stranger nothing');
SELECT is(pg_temp.sees('vera', 'company.read', 'company_id FROM company_profile'), pg_temp.company('beta')::text,
    'the row itself is seen by its company alone');
SELECT is(pg_temp.act('boss', 'company.manage', pg_temp.set('version', '2', 'idle_days', '8')) IS NOT NULL, true,
    'who saw the latest version changes it');
SELECT is((SELECT jsonb_agg(a.after ORDER BY a.id) FROM audit_log AS a WHERE a.object = 'company_profile' AND a.after ? 'idle_days'
    AND a.action = 'update'), '[{"version": 2, "idle_days": 7, "currency": "EUR", "language": "sq", "time_zone": "Asia/Shanghai",
        "working_days": [1, 5, 6], "default_audience": "internal"}, {"version": 3, "idle_days": 8}]'::jsonb, 'the log has each change');
SELECT pg_temp.refused('boss', 'company.manage', pg_temp.set('version', '2', 'idle_days', '9'), 'JY010',
    format('company %s is at version 3 by now, not 2; look at it again', pg_temp.company('acme')));
SELECT pg_temp.refused('boss', 'company.manage', pg_temp.set('time_zone', zone), 'JY003', format(
    'there is no time zone %s; give one by continent and city, such as Asia/Shanghai or Europe/Tirane, or UTC', zone))
FROM unnest(ARRAY['Asia/Atlantis', 'CST', 'posix/UTC', 'Factory', 'localtime', 'UTC+8', '../../etc/passwd']) AS zone;
SELECT pg_temp.refused('boss', 'company.manage', pg_temp.set('working_days', days), 'JY003',
    format('"%s" should be days of the week, 1 for Monday to 7 for Sunday, such as 1,2,3,4,5', days))
FROM unnest(ARRAY['0', '8', '1,8', 'monday', '1-5', '1,,2', '1 2', ',']) AS days;
SELECT pg_temp.refused('boss', 'company.manage', pg_temp.set('currency', 'XYZ'), 'JY003',
    'unknown currency XYZ; give an ISO 4217 code such as CNY');
SELECT throws_ok(format('UPDATE jiayi.company_profile SET %s WHERE company_id = %s', s, pg_temp.company('acme')), '23514')
FROM unnest(ARRAY['idle_days = 0', 'idle_days = 31', 'working_days = ''{}''', 'working_days = ''{8}''',
    'language = ''fr''', 'default_audience = ''all''']) AS s;

---- Case 38: sessions end as the company says, not later than the server does

CREATE FUNCTION pg_temp.idle(token text) RETURNS text LANGUAGE sql AS
$$ SELECT s.idle_timeout::text FROM jiayi.session AS s WHERE s.token_hash = sha256(convert_to(token, 'UTF8')) $$;
SELECT login_open(pg_temp.member('cleo'), sha256('kept'), NULL, NULL, true),
    login_open(pg_temp.member('cleo'), sha256('short'), NULL, NULL, false),
    login_open(pg_temp.member('vera'), sha256('theirs'), NULL, NULL, true),
    login_open(pg_temp.member('cleo'), sha256('over'), NULL, NULL, true),
    pg_temp.leave() \g /dev/null
SELECT is(pg_temp.idle('kept'), '8 days', 'a new session that is kept has the company''s limit');
SELECT is(pg_temp.idle('short'), '12:00:00', 'one that is not the server''s');
SELECT is(pg_temp.idle('theirs'), '30 days', 'another company has its own');
UPDATE session SET last_seen_at = now() - interval '9 days' WHERE token_hash = sha256('over');
SELECT pg_temp.act('boss', 'company.manage', pg_temp.set('idle_days', '1')) \g /dev/null
SELECT is(pg_temp.idle('kept'), '1 day', 'a lower limit reaches those that are open');
SELECT is(pg_temp.idle('short'), '12:00:00', 'but for those that end earlier');
SELECT is(pg_temp.idle('theirs'), '30 days', 'nor another company''s');
SELECT pg_temp.act('boss', 'company.manage', pg_temp.set('idle_days', '30')) \g /dev/null
SELECT is(pg_temp.idle('kept'), '30 days', 'a higher one as well');
SELECT throws_ok($$ SELECT authorize(sha256('over'), 1, NULL, NULL, NULL, '0', NULL) $$, 'JY016', NULL,
    'but what has ended stays so');
SELECT pg_temp.leave() \g /dev/null

---- Who sees what people write, where they do not say

SELECT pg_temp.deal('cleo', 'a deal', true) AS deal \gset
CREATE FUNCTION pg_temp.written(method text, VARIADIC fields text[]) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN coalesce(pg_temp.answer('cleo', CASE method WHEN 'CommentService/AddComment' THEN 'comment.add'
        ELSE 'deal.log' END, pg_temp.method(method, VARIADIC fields)) ->> 'internal', 'false');
END
$$;
CREATE FUNCTION pg_temp.log(VARIADIC fields text[]) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.written('DealService/LogActivity', VARIADIC fields || ARRAY['text', 'T', 'kind', 'call'])
$$;
CREATE FUNCTION pg_temp.say(VARIADIC fields text[]) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.written('CommentService/AddComment', VARIADIC fields || ARRAY['text', 'T'])
$$;
CREATE FUNCTION pg_temp.audience(word text) RETURNS void LANGUAGE sql AS
$$ UPDATE jiayi.company_profile SET default_audience = word WHERE company_id = pg_temp.company('acme') $$;
SELECT is(pg_temp.log('deal_id', :'deal'), 'true', 'internal: a follow-up');
SELECT is(pg_temp.log('deal_id', :'deal', 'shared', 'true'), 'false', 'internal: unless it says otherwise');
SELECT is(pg_temp.say('on', 'deal/' || :deal), 'true', 'internal: a comment');
SELECT pg_temp.audience('shared') \g /dev/null
SELECT is(pg_temp.log('deal_id', :'deal'), 'false', 'shared: a follow-up');
SELECT is(pg_temp.say('on', 'deal/' || :deal, 'topic', 'market'), 'false', 'shared: a note on the market');
SELECT is(pg_temp.say('on', 'deal/' || :deal, 'topic', 'market', 'internal', 'true'), 'true',
    'shared: unless it says otherwise');
SELECT pg_temp.audience('usual') \g /dev/null
SELECT is(pg_temp.log('deal_id', :'deal'), 'false', 'usual: a follow-up is shared');
SELECT is(pg_temp.say('on', 'deal/' || :deal), 'false', 'usual: a comment is shared');
SELECT is(pg_temp.say('on', 'deal/' || :deal, 'topic', 'market'), 'true', 'usual: a note on the market is internal');

---- A new company

SELECT pg_temp.act('op', 'company.create', $$ SELECT slug FROM company_create('delta', 'Delta', 'boss@delta.example',
    NULL, 'Boss', 'europe/tirane', 'sq') $$) \g /dev/null
SELECT is((SELECT p.time_zone || ' ' || p.language FROM company_profile AS p WHERE p.company_id = pg_temp.company('delta')),
    'Europe/Tirane sq', 'it begins with the zone and language that are given');
SELECT pg_temp.refused('op', 'company.create', $$ SELECT slug FROM company_create('epsilon', 'E', 'boss@epsilon.example',
    NULL, 'Boss', 'Europe/Atlantis', NULL) $$, 'JY003');
SELECT is(pg_temp.company('epsilon'), NULL, 'and is not made where there is no such zone');
SELECT is(pg_temp.answer('op', 'company.read', pg_temp.shown('delta')) ->> 'time_zone', 'Europe/Tirane',
    'whoever runs the server sees it');

SELECT * FROM finish();
ROLLBACK;
