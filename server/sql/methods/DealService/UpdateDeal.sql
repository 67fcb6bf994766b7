-- Changes what is said about a deal. What is absent stays.
WITH changed AS (
    UPDATE deal AS d SET
        title = coalesce(:title, d.title),
        customer_id = coalesce(customer_by_name(:customer), d.customer_id),
        amount = coalesce(money(:amount.amount, :amount.currency), d.amount),
        currency = coalesce(upper(:amount.currency), d.currency),
        vendor_id = CASE WHEN :no_vendor::boolean THEN NULL ELSE coalesce(vendor_by_slug(:vendor),
            d.vendor_id) END,
        change_reason = :reason
    WHERE d.id = :deal_id AND check_version('deal', d.id, d.version, :version)
    RETURNING d AS deal
)
SELECT v.* FROM changed, deal_shown(changed.deal) AS v
