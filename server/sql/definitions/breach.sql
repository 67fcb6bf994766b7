-- Breaches of contracts: cases about what one side owes and does not do. What that costs by the clause is worked out for whoever
-- looks, from what is due, what was done and when, and the days of the principal's calendar; it is booked nowhere.

CREATE OR REPLACE FUNCTION breach_span(c case_file, OUT due date, OUT made_good date, OUT days int) LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    over date; -- since when it is owed no more
BEGIN
    due := company_day(c.company_id, c.created_at);
    IF c.on_kind = kind('task') THEN
        SELECT t.due_on, CASE t.state WHEN 'accepted' THEN company_day(c.company_id, t.done_at) END,
               CASE t.state WHEN 'cancelled' THEN company_day(c.company_id, t.state_since) END
        INTO due, made_good, over FROM task AS t WHERE t.id = c.on_id;
    ELSIF c.on_kind = kind('payment') THEN
        -- What was paid in part is made good with the last of its rests.
        WITH RECURSIVE part AS (
            SELECT p.* FROM payment AS p WHERE p.id = c.on_id
            UNION ALL
            SELECT p.* FROM part JOIN payment AS p ON p.contract_id = c.contract_id AND p.rest_of = part.id
        )
        SELECT min(p.due_on), CASE WHEN bool_and(p.paid_on IS NOT NULL) THEN max(p.paid_on) END,
               CASE WHEN bool_and(p.state IN ('paid', 'confirmed', 'waived', 'cancelled')) THEN
                   max(coalesce(p.paid_on, company_day(c.company_id, p.state_since))) END
        INTO due, made_good, over FROM part AS p;
    END IF;
    over := least(made_good, over, today(c.company_id), (SELECT company_day(c.company_id, min(s.at)) FROM comment AS s
        WHERE s.on_kind = kind('case') AND s.on_id = c.id AND s.decision = 'resolved'),
        CASE c.state WHEN 'withdrawn' THEN company_day(c.company_id, c.state_since) END);
    days := greatest(working_days_between(c.company_id, due + 1, over + 1), 0);
END
$$;
COMMENT ON FUNCTION breach_span(case_file) IS
    'Of a breach: the day by which it was owed - of one of no duty or payment the day on which it was opened -, that on which it '
    'was made good, and how many working days after the first it was then, when it was resolved or owed no more, or is now.';
GRANT EXECUTE ON FUNCTION breach_span(case_file) TO jiayi_auth;

-- As jiayi_auth: who sees the case knows what it is about, also where the contract is not theirs to see.
CREATE OR REPLACE FUNCTION breach_figures(case_id bigint, OUT due date, OUT made_good date, OUT days int, OUT penalty text,
    OUT penalties jsonb, OUT comes_to text) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c case_file;
    k clause;
BEGIN
    SELECT x.* INTO c FROM case_file AS x WHERE x.id = case_id AND x.kind = 'breach'
        AND me_company() = ANY (ARRAY[x.company_id, x.vendor_id]);
    IF c.id IS NULL THEN
        RETURN;
    END IF;
    SELECT x.* INTO k FROM clause AS x
    WHERE x.contract_id = c.contract_id AND x.version = c.contract_version AND x.position = c.clause;
    SELECT s.due, s.made_good, s.days INTO due, made_good, days FROM breach_span(c) AS s;
    penalty := CASE WHEN day_ends(c.company_id, made_good) <= c.cure_by THEN 'none'
        WHEN made_good IS NULL AND c.cure_by > now() THEN 'not_yet' ELSE 'due' END;
    SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('percent', trim_scale(r.percent)::text,
            'of', CASE WHEN r.percent IS NOT NULL THEN breach_money(c.amount, c.currency) END,
            'per_day', breach_money(trim_scale(r.per_day), r.currency), 'days', breach_figures.days,
            'at_most', breach_money(w.at_most, r.currency), 'amount', breach_money(w.amount, r.currency)))),
        string_agg(w.amount || ' ' || r.currency, ', ')
    INTO penalties, comes_to
    FROM (
        -- One row, or of two currencies one for each.
        SELECT k.penalty_percent AS percent, c.currency, c.amount * k.penalty_percent / 100
            + CASE WHEN k.penalty_currency = c.currency THEN k.penalty_amount ELSE 0 END AS per_day
        WHERE k.penalty_percent IS NOT NULL
        UNION ALL
        SELECT NULL, k.penalty_currency, k.penalty_amount
        WHERE k.penalty_amount IS NOT NULL AND (k.penalty_percent IS NULL OR k.penalty_currency IS DISTINCT FROM c.currency)
    ) AS r
    CROSS JOIN LATERAL (SELECT coalesce((SELECT y.minor_units FROM currency AS y WHERE y.code = r.currency), 0) AS units) AS u
    CROSS JOIN LATERAL (SELECT CASE WHEN r.currency = c.currency
        THEN round(c.amount * k.cap_percent / 100, u.units) END AS at_most) AS m
    CROSS JOIN LATERAL (SELECT m.at_most, CASE penalty WHEN 'none' THEN round(0 * r.per_day, u.units)
        ELSE least(round(r.per_day * breach_figures.days, u.units), m.at_most) END AS amount) AS w;
END
$$;
COMMENT ON FUNCTION breach_figures(bigint) IS
    'What a breach costs by its clause, and the figures that decide it: when it was due and made good, the working days between, '
    'and for each currency the percentage, what it is of, what a day costs, the most, and what that comes to. penalty: none, made '
    'good within the days for that; not_yet, these are not over; due. NULLs: no breach of the caller''s company.';
GRANT EXECUTE ON FUNCTION breach_figures(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION breach_money(amount numeric, currency text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN amount IS NOT NULL THEN jsonb_build_object('amount', amount::text, 'currency', currency) END
$$;
COMMENT ON FUNCTION breach_money(numeric, text) IS 'An amount as calls answer it; NULL for NULL.';
GRANT EXECUTE ON FUNCTION breach_money(numeric, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION breach_open(contract bigint, clause int, ref text, words text, amount numeric, currency text, refs text[])
    RETURNS bigint LANGUAGE plpgsql SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    k     contract;
    about record;
    owes  record; -- what it is about
    side  text;   -- the other one
    rules int;
    made  bigint;
BEGIN
    SELECT x.* INTO k FROM contract AS x WHERE x.id = contract;
    rules := contract_ruling(k, now());
    side := CASE contract_side(k) WHEN 'principal' THEN 'vendor' ELSE 'principal' END;
    IF rules IS NULL THEN
        PERFORM refuse('JY009', 'contract %s is not signed by both sides yet', ROW(k.id));
    ELSIF NOT EXISTS (SELECT FROM clause AS x WHERE x.contract_id = k.id AND x.version = rules AND x.position = clause
            AND x.kind = 'breach' AND coalesce(x.side, side) = side) THEN
        PERFORM refuse('JY003', 'version %s of contract %s has no clause %s that says what a breach of the other side costs; '
            'its clauses: jiayi contract clauses %s', ROW(rules, k.id, clause, k.id), field => 'clause');
    END IF;
    SELECT o.on_kind, o.on_id INTO about FROM object_asked(ref) AS o;
    IF about.on_id IS NOT NULL THEN
        SELECT t.due_on, x.amount, x.currency INTO owes FROM task AS t
        LEFT JOIN LATERAL (SELECT sum(p.amount) AS amount, min(p.currency) AS currency FROM payment AS p
            WHERE p.contract_id = k.id AND p.duty_id = t.id AND p.state <> 'cancelled'
            HAVING count(DISTINCT p.currency) = 1) AS x ON true
        WHERE about.on_kind = kind('task') AND t.id = about.on_id AND t.kind = 'duty' AND t.on_kind = kind('contract')
          AND t.on_id = k.id AND t.side = CASE side WHEN 'vendor' THEN 'vendor' ELSE 'ours' END
        UNION ALL
        SELECT p.due_on, p.amount, p.currency FROM payment AS p
        WHERE about.on_kind = kind('payment') AND p.id = about.on_id AND p.contract_id = k.id AND p.payer = side;
        IF NOT FOUND THEN
            PERFORM refuse('JY003', '%s is no duty or payment that the other side of contract %s owes', ROW(ref, k.id), field => 'on');
        ELSIF owes.due_on IS NULL OR owes.due_on >= today(k.company_id) THEN
            PERFORM refuse('JY009', '%s is not late yet', ROW(ref), field => 'on');
        ELSIF amount IS NULL THEN
            amount := owes.amount;
            currency := owes.currency;
        END IF;
    END IF;
    made := case_open('breach', NULL, NULL, about.on_kind, about.on_id, words, contract => contract, amount => amount,
        currency => currency, clause => clause);
    PERFORM case_evidence(made, refs);
    RETURN made;
END
$$;
COMMENT ON FUNCTION breach_open(bigint, int, text, text, numeric, text, text[]) IS
    'Opens a breach of a contract that the caller sees, by a clause of the version that rules, about a duty or a payment of the '
    'other side that is late, or about none. What the percentage is of is the payment, or what is paid after the duty, unless it '
    'is given.';
GRANT EXECUTE ON FUNCTION breach_open(bigint, int, text, text, numeric, text, text[]) TO jiayi_app;

CREATE OR REPLACE FUNCTION breaches_of(contract_id bigint) RETURNS jsonb LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('case_id', s.id, 'clause', s.clause, 'on', s."on", 'state', s.state,
            'days_late', f.days, 'penalty', f.penalty, 'comes_to', f.comes_to)) ORDER BY s.id)
        FROM (SELECT x FROM case_file AS x WHERE x.contract_id = breaches_of.contract_id AND x.kind = 'breach'
                AND x.state <> 'withdrawn' ORDER BY x.id DESC LIMIT 20) AS o(c), case_shown(o.c) AS s, breach_figures(s.id) AS f);
END
$$;
COMMENT ON FUNCTION breaches_of(bigint) IS
    'The breaches of a contract that the caller sees and that were not withdrawn, the newest 20, as GetContract answers them.';
GRANT EXECUTE ON FUNCTION breaches_of(bigint) TO jiayi_app;
