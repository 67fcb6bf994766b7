-- Makes a deal in the first stage of the pipeline.
WITH made AS (
    INSERT INTO deal (company_id, title, customer_id, amount, currency, owner_id, vendor_id)
    VALUES (:me.company_id, :title, customer_by_name(:customer),
        money(:amount.amount, :amount.currency), upper(:amount.currency),
            coalesce(member_by_email(:owner), :me.member_id), vendor_by_slug(:vendor))
    RETURNING *
)
SELECT d.id, d.title, :customer::text AS customer, d.stage, d.amount::text AS "amount.amount",
       d.currency AS "amount.currency",
       email_of(d.owner_id) AS owner, slug_of(d.vendor_id) AS vendor,
           slug_of(d.company_id) AS company, d.version,
       d.created_at, d.updated_at, d.closed_at, CASE d.outcome WHEN 'lost'
           THEN d.stage_reason END AS lost_reason
FROM made AS d
