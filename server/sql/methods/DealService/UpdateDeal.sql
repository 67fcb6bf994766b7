-- Changes what is said about a deal. What is absent stays.
WITH changed AS (
    UPDATE deal AS d SET
        title = coalesce(:title, d.title),
        customer_id = coalesce(customer_by_name(:customer), d.customer_id),
        amount = coalesce(money(:amount.amount, :amount.currency), d.amount),
        currency = coalesce(upper(:amount.currency), d.currency),
        vendor_id = CASE WHEN :no_vendor::boolean THEN NULL ELSE coalesce(vendor_by_slug(:vendor),
            d.vendor_id) END
    WHERE d.id = :deal_id AND check_version('deal', d.id, d.version, :version)
    RETURNING d.*
)
SELECT d.id, d.title, coalesce(:customer::text, c.name) AS customer, d.stage,
       d.amount::text AS "amount.amount", d.currency AS "amount.currency",
       email_of(d.owner_id) AS owner, slug_of(d.vendor_id) AS vendor,
           slug_of(d.company_id) AS company, d.version,
       d.created_at, d.updated_at, d.closed_at, CASE d.outcome WHEN 'lost'
           THEN d.stage_reason END AS lost_reason
FROM changed AS d
LEFT JOIN customer AS c ON c.id = d.customer_id
