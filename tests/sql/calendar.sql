-- Working days: the week, the calendar, and who sees and sets it.
\ir fixture.psql
SELECT no_plan();

SELECT pg_temp.company('acme') AS acme \gset
-- As in China in October 2026: seven days off from Thursday on, two Saturdays and Sundays that are worked on.
SELECT is(pg_temp.act('boss', 'company.manage', pg_temp.method('CalendarService/ImportCalendar', 'days', $$[
    {"day": "2026-10-01", "note": "国庆节"}, {"day": "2026-10-02"}, {"day": "2026-10-03"}, {"day": "2026-10-04"},
    {"day": "2026-10-05", "working": false}, {"day": "2026-10-06"}, {"day": "2026-10-07"},
    {"day": "2026-09-20", "working": true}, {"day": "2026-10-10", "working": true, "note": "调休"}]$$)), '9', 'days are set');
SELECT is(working_days_between(:acme, a::date, b::date), n, a || ' to ' || b || ': ' || n) FROM (VALUES
    ('2026-11-02', '2026-11-09', 5), ('2026-11-02', '2026-11-02', 0), ('2026-11-06', '2026-11-09', 1),
    ('2026-11-07', '2026-11-09', 0), ('2026-11-01', '2026-12-01', 21), ('2026-10-01', '2026-10-08', 0),
    ('2026-10-01', '2026-11-01', 18), ('2026-10-10', '2026-10-11', 1), ('2026-10-11', '2026-10-12', 0),
    ('2026-09-20', '2026-09-21', 1), ('2026-10-08', '2026-10-01', 0), ('2026-11-09', '2026-11-02', -5),
    ('2026-01-01', '2027-01-01', 258), ('2024-01-01', '2025-01-01', 262)
) AS t(a, b, n);
SELECT is(working_days_between(pg_temp.company('beta'), '2026-10-01', '2026-11-01'), 22, 'another company works on');
SELECT is(add_working_days(:acme, a::date, n), b::date, format('%s and %s: %s', a, n, b)) FROM (VALUES
    ('2026-11-02', 0, '2026-11-02'), ('2026-11-07', 0, '2026-11-07'), ('2026-11-02', 1, '2026-11-03'),
    ('2026-11-06', 1, '2026-11-09'), ('2026-11-07', 1, '2026-11-09'), ('2026-11-02', 5, '2026-11-09'),
    ('2026-09-30', 1, '2026-10-08'), ('2026-09-30', 3, '2026-10-10'), ('2026-09-30', 4, '2026-10-12'),
    ('2026-10-08', -1, '2026-09-30'), ('2026-10-12', -1, '2026-10-10'), ('2026-09-21', -1, '2026-09-20'),
    ('2026-11-09', -5, '2026-11-02'), ('2026-01-01', 257, '2026-12-31'), ('2026-11-02', NULL, NULL)
) AS t(a, n, b);
-- What one counts the other steps over, whatever the week.
UPDATE company_profile SET working_days = '{1,3,6,7}' WHERE company_id = :acme;
SELECT is((SELECT string_agg(format('%s %s', d.day, n), ', ') FROM generate_series('2026-09-01', '2026-11-30', interval '1 day') AS t(at),
        LATERAL (SELECT t.at::date AS day) AS d, unnest(ARRAY[1, 2, 7, 30, 100]) AS n
    WHERE working_days_between(:acme, d.day + 1, add_working_days(:acme, d.day, n) + 1) <> n
       OR working_days_between(:acme, add_working_days(:acme, d.day, n), add_working_days(:acme, d.day, n) + 1) <> 1
       OR working_days_between(:acme, add_working_days(:acme, d.day, -n), d.day) <> n), NULL, 'there and back');
UPDATE company_profile SET working_days = '{1,2,3,4,5}' WHERE company_id = :acme;

SELECT is(pg_temp.act('cleo', 'session', format('SELECT working_days_between(%s, ''2026-10-01'', ''2026-10-08'')', :acme)), '0',
    'its people count by it');
SELECT is(pg_temp.act('vera', 'session', format('SELECT working_days_between(%s, ''2026-10-01'', ''2026-10-08'')', :acme)), '0',
    'a partner too');
SELECT is(pg_temp.act('gina', 'session', format('SELECT working_days_between(%s, ''2026-10-01'', ''2026-10-08'')', :acme)), '5',
    'a stranger learns nothing');
SELECT is(pg_temp.sees('cleo', 'company.read', 'day FROM calendar_day WHERE day > ''2026-10-06'''), '2026-10-07,2026-10-10',
    'its people see the days');
SELECT is(pg_temp.sees('vera', 'company.read', 'day FROM calendar_day'), '', 'a partner does not');
SELECT is(pg_temp.answer('boss', 'company.manage', pg_temp.method('CalendarService/SetCalendarDay', 'day', '2026-10-10',
    'holiday', 'true')), '{"day": "2026-10-10", "working": false, "note": null}'::jsonb, 'a day is set anew');
SELECT is((SELECT a.before || a.after FROM audit_log AS a WHERE a.object = 'calendar_day' AND a.action = 'update'),
    '{"note": null, "working": false}'::jsonb, 'and the log has it');
SELECT pg_temp.refused('boss', 'company.manage', pg_temp.method('CalendarService/ImportCalendar', 'days',
    '[{"day": "2026-12-25"}, {"day": "2026-12-26"}, {"day": "2026-12-25", "working": true}]'), 'JY003',
    'the day 2026-12-25 is there twice');
SELECT is(pg_temp.sees('cleo', 'company.read', 'day FROM calendar_day WHERE day > ''2026-12-01'''), '', 'all or none');

SELECT * FROM finish();
ROLLBACK;
