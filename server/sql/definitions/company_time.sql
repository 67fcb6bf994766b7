-- Where a company is on the clock. What is counted by days goes by its days: each begins at its local
-- midnight, so that some have 23 or 25 hours.

CREATE OR REPLACE FUNCTION company_zone(company_id bigint) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN coalesce((SELECT p.time_zone FROM company_profile AS p
        WHERE p.company_id = company_zone.company_id AND knows_company(p.company_id)), 'UTC');
END
$$;
COMMENT ON FUNCTION company_zone(bigint) IS
    'The time zone of a company, as PostgreSQL calls it; UTC for one that the caller does not know, and '
    'for 0, which is no company''s.';
GRANT EXECUTE ON FUNCTION company_zone(bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION company_day(company_id bigint, at timestamptz) RETURNS date
    LANGUAGE sql STABLE AS $$ SELECT (at AT TIME ZONE jiayi.company_zone(company_id))::date $$;
COMMENT ON FUNCTION company_day(bigint, timestamptz) IS 'The day that it is then in the company.';
GRANT EXECUTE ON FUNCTION company_day(bigint, timestamptz) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION today(company_id bigint DEFAULT NULL) RETURNS date LANGUAGE sql STABLE AS
$$ SELECT jiayi.company_day(coalesce(company_id, jiayi.me_company()), now()) $$;
COMMENT ON FUNCTION today(bigint) IS
    'The day that it is in the company; without one in the caller''s. For calls: a job asks '
    'company_day() about its slot.';
GRANT EXECUTE ON FUNCTION today(bigint) TO jiayi_app, jiayi_auth;

-- Where clocks go back at midnight, as in Havana, there are two: PostgreSQL takes the second one.
CREATE OR REPLACE FUNCTION day_begins(company_id bigint, day date) RETURNS timestamptz
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    zone     text := jiayi.company_zone(company_id);
    midnight timestamptz := day::timestamp AT TIME ZONE zone;
BEGIN
    RETURN CASE WHEN ((midnight - interval '1 hour') AT TIME ZONE zone)::date = day
        THEN midnight - interval '1 hour' ELSE midnight END;
END
$$;
COMMENT ON FUNCTION day_begins(bigint, date) IS
    'The first moment of a day in the company, which is the end of the day before.';
GRANT EXECUTE ON FUNCTION day_begins(bigint, date) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION no_day(day text, field text) RETURNS date LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF day IS NOT NULL THEN
        PERFORM jiayi.refuse('JY003', 'give a day or none, not both', field => field);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION no_day(text, text) IS
    'NULL; the call ends where a day is given that the same request takes away. field: the request''s.';
GRANT EXECUTE ON FUNCTION no_day(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION moment_of(typed text, company_id bigint) RETURNS timestamptz
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF length(typed) = 10 THEN
        RETURN CASE typed::date WHEN jiayi.today(company_id) THEN now()
            ELSE jiayi.day_begins(company_id, typed::date) + interval '12 hours' END;
    ELSIF typed ~ '([+-]..:..|Z)$' THEN
        RETURN typed::timestamptz;
    END IF;
    RETURN typed::timestamp AT TIME ZONE jiayi.company_zone(company_id);
END
$$;
COMMENT ON FUNCTION moment_of(text, bigint) IS
    'The moment that a text of the format TIME says: without an offset of the clock where the company is; '
    'of a day alone its middle, and of today now.';
GRANT EXECUTE ON FUNCTION moment_of(text, bigint) TO jiayi_app;

-- The view reads the files of all zones, which takes milliseconds: only where one is set.
CREATE OR REPLACE FUNCTION zone_known(name text) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found text := (SELECT z.name FROM pg_timezone_names AS z
        WHERE lower(z.name) = lower(zone_known.name)
          AND z.name !~ '^(posix|right)/|^(posixrules|localtime|Factory)$' LIMIT 1);
BEGIN
    IF found IS NULL AND name IS NOT NULL THEN
        PERFORM refuse('JY003', 'there is no time zone %s; give one by continent and city, such as '
            'Asia/Shanghai or Europe/Tirane, or UTC', ROW(name), field => 'time_zone');
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION zone_known(text) IS
    'A time zone as it is written; the call ends where there is none of that name. NULL for NULL.';
GRANT EXECUTE ON FUNCTION zone_known(text) TO jiayi_auth;
