-- Notes what a deal takes, by whom the deal may be changed.
WITH made AS (
    INSERT INTO resource AS r (deal_id, company_id, member_id, what, side, quantity, unit, amount, currency, from_on, to_on,
        provider, audience)
    SELECT deal_changed(d), d.company_id, :me.member_id, :what, :side, :quantity::numeric, :unit,
           money(:amount.amount, :amount.currency), upper(:amount.currency), :from_on::date, :to_on::date, :provider,
           entry_audience(:internal, :shared, 'internal')
    FROM deal AS d WHERE d.id = deal_seen(:deal_id)
    RETURNING r
)
SELECT v.* FROM made AS m, resource_shown(m.r) AS v
