-- Rates of exchange: the day's, and amounts turned by them from one currency into another.

CREATE OR REPLACE FUNCTION round_half_even(value numeric, divisor numeric, places int) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    scaled numeric := abs(value) * ('1e' || places)::numeric;
    whole  numeric := div(scaled, abs(divisor));
    twice  numeric := 2 * (scaled - whole * abs(divisor));
BEGIN
    IF twice > abs(divisor) OR (twice = abs(divisor) AND whole % 2 = 1) THEN
        whole := whole + 1;
    END IF;
    RETURN round(sign(value) * sign(divisor) * whole * ('1e-' || places)::numeric, places);
END
$$;
COMMENT ON FUNCTION round_half_even(numeric, numeric, int) IS
    'A quotient with so many decimals, exact until then: half goes to the even neighbour.';
GRANT EXECUTE ON FUNCTION round_half_even(numeric, numeric, int) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION rate_leg(company_id bigint, from_currency text, to_currency text, day date,
    OUT times numeric, OUT over numeric, OUT rate_day date)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_variable
BEGIN
    IF caller() IS NOT NULL AND company_id <> me_company() THEN
        RETURN;
    END IF;
    IF from_currency = to_currency THEN
        times := 1;
        over := 1;
        rate_day := day;
        RETURN;
    END IF;
    SELECT r.rate, 1, r.day INTO times, over, rate_day FROM rate AS r
    WHERE r.company_id = company_id AND r.from_currency = from_currency AND r.to_currency = to_currency
      AND r.day <= day AND r.day >= day - 31
    ORDER BY r.day DESC, r.id DESC LIMIT 1;
    IF NOT FOUND THEN
        SELECT 1, r.rate, r.day INTO times, over, rate_day FROM rate AS r
        WHERE r.company_id = company_id AND r.from_currency = to_currency AND r.to_currency = from_currency
          AND r.day <= day AND r.day >= day - 31
        ORDER BY r.day DESC, r.id DESC LIMIT 1;
    END IF;
END
$$;
COMMENT ON FUNCTION rate_leg(bigint, text, text, date) IS
    'The rate of a day, as a fraction: the last one given for it or for one of the 31 days before; the '
    'other way round where only that is there. NULLs where neither, or of another company.';
GRANT EXECUTE ON FUNCTION rate_leg(bigint, text, text, date) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION convert(company_id bigint, amount numeric, from_currency text,
    to_currency text, day date, OUT converted numeric, OUT rate_day date)
LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    own    text;
    one    record;
    two    record;
    places int;
BEGIN
    one := rate_leg(company_id, from_currency, to_currency, day);
    IF one.times IS NULL THEN
        -- By way of the company's own currency.
        own := company_currency(company_id);
        one := rate_leg(company_id, from_currency, own, day);
        two := rate_leg(company_id, own, to_currency, day);
        IF one.times IS NULL OR two.times IS NULL THEN
            PERFORM refuse('JY009', 'no rate %s→%s for %s; give one: jiayi rate set %s %s RATE --date %s',
                ROW(from_currency, to_currency, day, from_currency, to_currency, day));
        END IF;
        one.times := one.times * two.times;
        one.over := one.over * two.over;
        one.rate_day := least(one.rate_day, two.rate_day);
    END IF;
    SELECT c.minor_units INTO places FROM currency AS c WHERE c.code = to_currency;
    converted := round_half_even(amount * one.times, one.over, places);
    rate_day := one.rate_day;
END
$$;
COMMENT ON FUNCTION convert(bigint, numeric, text, text, date) IS
    'An amount in another currency, by the company''s rates of that day, with as many decimals as the '
    'currency has, rounded once; and the day of the oldest rate that it took. The call ends where there '
    'is no rate.';
GRANT EXECUTE ON FUNCTION convert(bigint, numeric, text, text, date) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION rate_read(rate text) RETURNS numeric LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    digits int := length(ltrim(replace(rate, '.', ''), '0'));
BEGIN
    IF digits = 0 OR digits > 12 THEN
        PERFORM refuse('JY003', CASE digits WHEN 0 THEN 'a rate is more than 0'
            ELSE 'a rate has at most 12 digits' END, field => 'rate');
    END IF;
    RETURN rate::numeric;
END
$$;
COMMENT ON FUNCTION rate_read(text) IS
    'A rate as it is given; the call ends where it is 0 or has more than 12 digits.';
GRANT EXECUTE ON FUNCTION rate_read(text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION rate_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.from_currency = NEW.to_currency THEN
        PERFORM refuse('JY003', 'a rate is between two currencies', field => 'to');
    ELSIF NEW.day > today(NEW.company_id) + 1 THEN
        PERFORM refuse('JY009', 'it is not %s yet: rates are given for days until tomorrow',
            ROW(NEW.day));
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION rate_guard() IS 'Trigger: what a rate is of, and of which days.';

---- Tables

CALL protect('rate', NULL);
CALL logged('rate', 'id');
CALL shape('rate', 'house', noun => 'rate', author => 'member_id');
GRANT SELECT ON rate TO jiayi_app;
GRANT INSERT (company_id, from_currency, to_currency, day, rate, source, member_id) ON rate TO jiayi_app;
CALL open_to_auth('rate', 'SELECT, INSERT');
CALL only_added('rate');
CREATE TRIGGER guard BEFORE INSERT ON rate FOR EACH ROW EXECUTE FUNCTION rate_guard();
