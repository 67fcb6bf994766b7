-- Figures: what a vendor has come to with a principal, between two days.

CREATE OR REPLACE FUNCTION measure(measure text, p partnership, from_day date, until date) RETURNS TABLE (currency text,
    value numeric, n bigint, base bigint)
LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF measure = 'duty_on_time' THEN
        RETURN QUERY
        SELECT NULL::text, round(d.n::numeric / nullif(d.base, 0), 4), d.n, d.base
        FROM (SELECT count(*) FILTER (WHERE t.state = ANY (ARRAY['delivered', 'accepted']) AND t.done_at < t.due_at) AS n,
                     count(*) AS base
              FROM task AS t
              WHERE t.vendor_id = p.vendor_id AND t.company_id = p.principal_id AND t.kind = 'duty' AND t.side = 'vendor'
                AND t.state = ANY (ARRAY['open', 'delivered', 'accepted', 'rejected'])
                AND t.due_at > day_begins(p.principal_id, from_day) AND t.due_at <= day_begins(p.principal_id, until)) AS d;
        RETURN;
    END IF;
    RETURN QUERY
    WITH deal_won AS MATERIALIZED (
        -- What had become of a deal when the time was over counts: not what was reopened, nor what was another's by then.
        SELECT l.amount, l.currency
        FROM (SELECT DISTINCT s.deal_id FROM deal_stage AS s
              WHERE s.company_id = p.principal_id AND s.vendor_id = p.vendor_id AND s.outcome = 'won'
                AND s.counted_on >= from_day AND s.counted_on < until) AS d
        CROSS JOIN LATERAL (SELECT s.* FROM deal_stage AS s WHERE s.deal_id = d.deal_id AND s.counted_on < until
                            ORDER BY s.seq DESC LIMIT 1) AS l
        WHERE l.outcome = 'won' AND l.vendor_id = p.vendor_id
          AND company_day(p.principal_id, l.closed_at) >= from_day
    )
    SELECT NULL::text, count(*)::numeric, count(*), count(*) FROM deal_won HAVING measure = 'won'
    UNION ALL
    SELECT w.currency, sum(w.amount), count(*), count(*) FROM deal_won AS w
    WHERE measure = 'won_amount' AND w.amount IS NOT NULL GROUP BY w.currency;
END
$$;
COMMENT ON FUNCTION measure(text, partnership, date, date) IS
    'What a vendor has come to with its principal from the first day on until before the other, both days of the principal. '
    'won: how many deals that are shared with it are won in that time, and still are when it is over; won_amount: what these are '
    'worth, a row for each currency, exact, none where there is none; duty_on_time: of its duties that are due in that time '
    'and were not cancelled, the share delivered by the end of their day and not rejected, from 0 to 1, to four '
    'decimals, half up; NULL where none is due. n of base is what the value was made of.';
GRANT EXECUTE ON FUNCTION measure(text, partnership, date, date) TO jiayi_auth;

CREATE OR REPLACE FUNCTION figures_seen(p partnership) RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE me_company()
        WHEN p.principal_id THEN sight(noun('deal')) & 4 <> 0 OR coalesce(reaches(p.responsible_id, 3), false)
        WHEN p.vendor_id THEN coalesce(partner_shares(p), false)
            AND (sight(noun('deal')) & 4 <> 0 OR coalesce(reaches(p.vendor_responsible_id, 3), false))
        ELSE false END;
END
$$;
COMMENT ON FUNCTION figures_seen(partnership) IS
    'Whether the caller sees what a partnership has come to: who sees all deals of their company, who looks after the '
    'partnership, and who is above; on the vendor''s side while a contract is in force.';
GRANT EXECUTE ON FUNCTION figures_seen(partnership) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION partner_figures(p partnership) RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    first date := date_trunc('quarter', today(p.principal_id))::date;
BEGIN
    IF NOT figures_seen(p) THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('measure', m.measure, 'period', to_char(first, 'YYYY-"Q"Q'),
            'value', f.value::text, 'currency', f.currency, 'of', CASE m.measure WHEN 'duty_on_time' THEN f.base END))
            ORDER BY m.place, f.currency)
        FROM unnest(ARRAY['won', 'won_amount', 'duty_on_time']) WITH ORDINALITY AS m(measure, place),
             measure(m.measure, p, first, (first + interval '3 months')::date) AS f
        WHERE f.value IS NOT NULL);
END
$$;
COMMENT ON FUNCTION partner_figures(partnership) IS
    'What a partnership has come to in the quarter that runs where the principal is; NULL for who does not see that.';
GRANT EXECUTE ON FUNCTION partner_figures(partnership) TO jiayi_app;
