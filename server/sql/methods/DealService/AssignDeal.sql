-- Makes another member the owner of a deal.
WITH changed AS (
    UPDATE deal AS d SET owner_id = member_by_email(:owner)
    WHERE d.id = :deal_id AND check_version('deal', d.id, d.version, :version)
    RETURNING d.*
)
SELECT d.id, d.title, c.name AS customer, d.stage, d.amount::text AS "amount.amount", d.currency AS "amount.currency",
       coalesce(m.email, email_of(d.owner_id)) AS owner, v.slug AS vendor, o.slug AS company, d.version,
       d.created_at, d.updated_at, d.closed_at, CASE d.outcome WHEN 'lost' THEN d.stage_reason END AS lost_reason
FROM changed AS d
LEFT JOIN customer AS c ON c.id = d.customer_id
LEFT JOIN member AS m ON m.id = d.owner_id
LEFT JOIN company AS o ON o.id = d.company_id
LEFT JOIN company AS v ON v.id = d.vendor_id
