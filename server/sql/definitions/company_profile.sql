-- What holds for a company as a whole: who sees and sets it, and what follows from it.

CREATE OR REPLACE FUNCTION company_profile_make() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO company_profile (company_id) VALUES (NEW.id);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION company_profile_make() IS 'Trigger: a new company has a profile.';

CREATE OR REPLACE FUNCTION company_settings(company_id bigint) RETURNS TABLE (
    time_zone text, currency text, language text, working_days text, idle_days int,
    default_audience text, version int, backdate_days int, review_days int, protect_days int, checks_per_day int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT p.time_zone, p.currency, p.language,
           CASE WHEN own THEN array_to_string(p.working_days, ',') END,
           CASE WHEN own THEN p.idle_days::int END, CASE WHEN own THEN p.default_audience END,
           CASE WHEN own THEN p.version END, CASE WHEN own THEN p.backdate_days::int END,
           CASE WHEN own THEN p.review_days::int END, CASE WHEN own THEN p.protect_days::int END,
           CASE WHEN own THEN p.checks_per_day END
    FROM company_profile AS p, LATERAL (SELECT p.company_id = me_company()) AS me(own)
    WHERE p.company_id = company_settings.company_id
      AND (knows_company(p.company_id) OR me_operator());
END
$$;
COMMENT ON FUNCTION company_settings(bigint) IS
    'The profile of a company as calls answer it: of another company that the caller knows its time zone, currency and '
    'language.';
GRANT EXECUTE ON FUNCTION company_settings(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION company_currency(company_id bigint) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT p.currency FROM company_profile AS p
        WHERE p.company_id = company_currency.company_id AND knows_company(p.company_id));
END
$$;
COMMENT ON FUNCTION company_currency(bigint) IS
    'The currency of a company that the caller knows; NULL of any other.';
GRANT EXECUTE ON FUNCTION company_currency(bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION working_days_read(list text) RETURNS smallint[] LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF list !~ '^[1-7]( *, *[1-7])*$' THEN
        PERFORM refuse('JY003', '"%s" should be days of the week, 1 for Monday to 7 for Sunday, such as '
            '1,2,3,4,5', ROW(list), field => 'working_days');
    END IF;
    RETURN ARRAY(SELECT DISTINCT d.day::smallint FROM string_to_table(list, ',') AS d(day) ORDER BY 1);
END
$$;
COMMENT ON FUNCTION working_days_read(text) IS
    'Days of the week as people write them, 1,2,3,4,5; the call ends where they are none.';
GRANT EXECUTE ON FUNCTION working_days_read(text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION company_update(
    name text, time_zone text, currency text, language text, working_days text, idle_days int,
    default_audience text, version int, backdate_days int, review_days int, protect_days int, checks_per_day int)
    RETURNS SETOF company_profile_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    had company_profile;
    new company_profile;
BEGIN
    SELECT p.* INTO had FROM company_profile AS p WHERE p.company_id = me_company() FOR UPDATE;
    PERFORM check_version('company', had.company_id, had.version, company_update.version);
    new := had;
    new.time_zone := coalesce(zone_known(company_update.time_zone), had.time_zone);
    IF company_update.currency IS NOT NULL THEN
        new.currency := currency_known(company_update.currency, 'currency');
    END IF;
    IF company_update.working_days IS NOT NULL THEN
        new.working_days := working_days_read(company_update.working_days);
    END IF;
    UPDATE company AS c SET name = company_update.name
    WHERE c.id = had.company_id AND c.name <> company_update.name;
    UPDATE company_profile AS p SET time_zone = new.time_zone, currency = new.currency,
        language = coalesce(company_update.language, had.language), working_days = new.working_days,
        idle_days = coalesce(company_update.idle_days, had.idle_days),
        default_audience = coalesce(company_update.default_audience, had.default_audience),
        backdate_days = coalesce(company_update.backdate_days, had.backdate_days),
        review_days = coalesce(company_update.review_days, had.review_days),
        protect_days = coalesce(company_update.protect_days, had.protect_days),
        checks_per_day = coalesce(company_update.checks_per_day, had.checks_per_day),
        version = had.version + 1, updated_at = clock_timestamp()
    WHERE p.company_id = had.company_id;
    RETURN QUERY SELECT c.id, c.slug, c.name, c.created_at, p.time_zone, p.currency, p.language,
        array_to_string(p.working_days, ','), p.idle_days::int, p.default_audience, p.version, p.backdate_days::int, p.review_days::int, p.protect_days::int, p.checks_per_day
    FROM company AS c JOIN company_profile AS p ON p.company_id = c.id WHERE c.id = had.company_id;
END
$$;
COMMENT ON FUNCTION company_update(text, text, text, text, text, int, text, int, int, int, int, int) IS
    'Changes what holds for the caller''s company; NULL: stays. version is the one last seen, or NULL.';
GRANT EXECUTE ON FUNCTION company_update(text, text, text, text, text, int, text, int, int, int, int, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION entry_audience(internal boolean, shared boolean, usual text)
    RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN internal THEN 'internal' WHEN shared THEN 'shared'
        ELSE coalesce((SELECT nullif(p.default_audience, 'usual') FROM jiayi.company_profile AS p
                       WHERE p.company_id = jiayi.me_company()), usual) END;
END
$$;
COMMENT ON FUNCTION entry_audience(boolean, boolean, text) IS
    'Who is to see what the caller writes on a shared thing, shared or internal: as the request says, '
    'else as the company does, else as is usual for its kind.';
GRANT EXECUTE ON FUNCTION entry_audience(boolean, boolean, text) TO jiayi_app;

---- Sessions that nobody uses

-- Who signs in locks the profile: what is changed meanwhile reaches the new session as well.
CREATE OR REPLACE FUNCTION session_idle(company_id bigint, keep boolean) RETURNS interval
    LANGUAGE plpgsql SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    days int;
BEGIN
    SELECT p.idle_days INTO days FROM company_profile AS p WHERE p.company_id = session_idle.company_id
    FOR SHARE;
    RETURN CASE WHEN keep THEN make_interval(days => days) ELSE interval '12 hours' END;
END
$$;
COMMENT ON FUNCTION session_idle(bigint, boolean) IS
    'How long a session of a member of that company may be unused: 12 hours, or, kept on a device, as '
    'many days as the company says, 30 at most.';
GRANT EXECUTE ON FUNCTION session_idle(bigint, boolean) TO jiayi_auth;

CREATE OR REPLACE FUNCTION session_of_profile() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    -- What has ended stays so.
    UPDATE session AS s SET idle_timeout = make_interval(days => NEW.idle_days)
    FROM member AS m
    WHERE m.company_id = NEW.company_id AND s.member_id = m.id AND s.kind = 'login'
      AND s.idle_timeout >= interval '1 day' AND s.revoked_at IS NULL
      AND s.last_seen_at + s.idle_timeout > now();
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION session_of_profile() IS
    'Trigger: sessions that are kept on devices end as the company says now.';

---- Tables

CALL protect('company_profile', 'company_id', 'company_id', 'updated_at');
CALL shape('company_profile', 'house');
GRANT SELECT ON company_profile TO jiayi_app;
CALL open_to_auth('company_profile', 'SELECT, INSERT, UPDATE');
CREATE TRIGGER sessions AFTER UPDATE OF idle_days ON company_profile FOR EACH ROW
    WHEN (OLD.idle_days <> NEW.idle_days) EXECUTE FUNCTION session_of_profile();
CREATE TRIGGER profile AFTER INSERT ON company FOR EACH ROW EXECUTE FUNCTION company_profile_make();
