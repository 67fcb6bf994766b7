-- Working days: those of the week that the company works on, but for the days of its calendar.

CREATE OR REPLACE FUNCTION working_days_between(company_id bigint, from_day date, to_day date) RETURNS int
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    week smallint[] := '{1,2,3,4,5}';
    own  bigint;
BEGIN
    IF to_day < from_day THEN
        RETURN -working_days_between(company_id, to_day, from_day);
    END IF;
    SELECT p.company_id, p.working_days INTO own, week FROM company_profile AS p
    WHERE p.company_id = working_days_between.company_id AND knows_company(p.company_id);
    week := coalesce(week, '{1,2,3,4,5}');
    RETURN (to_day - from_day) / 7 * cardinality(week)
        + (SELECT count(*) FROM generate_series(0, (to_day - from_day) % 7 - 1) AS r(n)
           WHERE extract(isodow FROM from_day + r.n) = ANY (week))
        + (SELECT coalesce(sum(CASE WHEN c.working THEN 1 ELSE -1 END), 0) FROM calendar_day AS c
           WHERE c.company_id = own AND c.day >= from_day AND c.day < to_day
             AND c.working <> (extract(isodow FROM c.day) = ANY (week)));
END
$$;
COMMENT ON FUNCTION working_days_between(bigint, date, date) IS
    'How many working days of a company there are from the first day on to before the other; negative '
    'where that is earlier. Of a company that the caller does not know, Mondays to Fridays.';
GRANT EXECUTE ON FUNCTION working_days_between(bigint, date, date) TO jiayi_app, jiayi_auth;

-- So many days on there are at most so many working days: it steps over them and goes on with the rest.
CREATE OR REPLACE FUNCTION add_working_days(company_id bigint, day date, n int) RETURNS date
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    rest int := n;
BEGIN
    IF n IS NULL OR day IS NULL THEN
        RETURN NULL;
    END IF;
    WHILE rest <> 0 LOOP
        day := day + rest;
        rest := CASE
            WHEN n > 0 THEN rest - jiayi.working_days_between(company_id, day - rest + 1, day + 1)
            ELSE rest + jiayi.working_days_between(company_id, day, day - rest) END;
    END LOOP;
    RETURN day;
END
$$;
COMMENT ON FUNCTION add_working_days(bigint, date, int) IS
    'The working day of a company that comes n working days after that day; before it, where n is '
    'negative; the day itself for 0.';
GRANT EXECUTE ON FUNCTION add_working_days(bigint, date, int) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION calendar_import(days jsonb) RETURNS int LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    twice date := (SELECT d.day FROM jsonb_to_recordset(days) AS d(day date)
                   GROUP BY d.day HAVING count(*) > 1 ORDER BY d.day LIMIT 1);
    n     int;
BEGIN
    IF twice IS NOT NULL THEN
        PERFORM refuse('JY003', 'the day %s is there twice', ROW(twice), field => 'days');
    END IF;
    INSERT INTO calendar_day (company_id, day, working, note)
    SELECT me_company(), d.day, coalesce(d.working, false), d.note
    FROM jsonb_to_recordset(days) AS d(day date, working boolean, note text)
    ON CONFLICT ON CONSTRAINT calendar_day_pkey
        DO UPDATE SET working = excluded.working, note = excluded.note;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END
$$;
COMMENT ON FUNCTION calendar_import(jsonb) IS
    'Sets days of the caller''s company, all or none: objects with day, working and note. Says how many.';
GRANT EXECUTE ON FUNCTION calendar_import(jsonb) TO jiayi_app;

---- Tables

CALL protect('calendar_day', 'company_id,day');
CALL shape('calendar_day', 'house', noun => 'company', changes => true);
GRANT SELECT ON calendar_day TO jiayi_app;
GRANT INSERT (company_id, day, working, note), UPDATE (working, note) ON calendar_day TO jiayi_app;
CALL open_to_auth('calendar_day', 'SELECT');
