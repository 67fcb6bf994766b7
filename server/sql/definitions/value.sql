-- Values that calls take: money, and texts and periods as they are compared.

CREATE OR REPLACE FUNCTION folded(t text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT lower(normalize(t, NFC) COLLATE "und-x-icu") $$;
COMMENT ON FUNCTION folded(text) IS
    'A text as searches compare it: without case, in one normal form. What is stored stays as it '
    'was written.';
GRANT EXECUTE ON FUNCTION folded(text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION currency_known(code text, field text) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM currency AS c WHERE c.code = upper(currency_known.code)) THEN
        PERFORM refuse('JY003', 'unknown currency %s; give an ISO 4217 code such as CNY', ROW(code),
            field => currency_known.field);
    END IF;
    RETURN upper(code);
END
$$;
COMMENT ON FUNCTION currency_known(text, text) IS
    'A currency''s code; the call ends where there is none, and blames the field.';
GRANT EXECUTE ON FUNCTION currency_known(text, text) TO jiayi_app, jiayi_auth;

-- Names in full instead of a search_path: an import asks it of each of its rows.
CREATE OR REPLACE FUNCTION money_exact(amount text, currency text, units int) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    exact numeric := amount::numeric;
BEGIN
    IF exact IS NULL THEN
        RETURN NULL;
    ELSIF units IS NULL THEN
        PERFORM jiayi.refuse('JY003', 'unknown currency %s; give an ISO 4217 code such as CNY',
            ROW(currency), field => 'amount.currency');
    ELSIF exact <> round(exact, units) THEN
        PERFORM jiayi.refuse('JY003', '%s has %s decimals; the amount has more',
            ROW(upper(currency), units), field => 'amount.amount');
    ELSIF exact < 0 OR exact >= 1e15 THEN
        PERFORM jiayi.refuse('JY003', 'the amount must be between 0 and 999999999999999',
            field => 'amount.amount');
    END IF;
    RETURN round(exact, units);
END
$$;
COMMENT ON FUNCTION money_exact(text, text, int) IS
    'As money(), of a currency with so many decimals; NULL for one that is not known.';
GRANT EXECUTE ON FUNCTION money_exact(text, text, int) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION money(amount text, currency text) RETURNS numeric LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jiayi.money_exact(amount, currency, (SELECT c.minor_units::int FROM jiayi.currency AS c
        WHERE c.code = upper(money.currency)));
END
$$;
COMMENT ON FUNCTION money(text, text) IS
    'An amount with as many decimals as its currency has; NULL for NULL; the call ends where it '
    'has more.';
GRANT EXECUTE ON FUNCTION money(text, text) TO jiayi_app, jiayi_auth;

-- period_kind() itself is in the first migration: tables check periods by it.
GRANT EXECUTE ON FUNCTION period_kind(text) TO jiayi_app, jiayi_auth;

---- Tables

CALL protect('currency', 'code', '');
CREATE POLICY everybody ON currency FOR SELECT TO jiayi_app USING (true);
GRANT SELECT ON currency TO jiayi_app;
CALL open_to_auth('currency', 'SELECT');
