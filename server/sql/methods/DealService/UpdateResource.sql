-- Changes what is said of a resource. What is absent stays.
WITH changed AS (
    UPDATE resource AS r SET
        what = coalesce(:what, r.what),
        side = coalesce(:side, r.side),
        quantity = coalesce(:quantity::numeric, r.quantity),
        unit = coalesce(:unit, r.unit),
        amount = coalesce(money(:amount.amount, :amount.currency), r.amount),
        currency = coalesce(upper(:amount.currency), r.currency),
        from_on = coalesce(:from_on::date, r.from_on),
        to_on = coalesce(:to_on::date, r.to_on),
        provider = coalesce(:provider, r.provider),
        state = coalesce(:state, r.state),
        audience = CASE WHEN :internal::boolean OR :shared::boolean THEN entry_audience(:internal, :shared, 'internal')
            ELSE r.audience END
    WHERE r.id = :resource_id AND resource_changed(r) AND check_version('resource', r.id, r.version, :version)
    RETURNING r
)
SELECT v.* FROM changed AS c, resource_shown(c.r) AS v
