-- Moves a deal to another stage; the trigger on deal has the rules.
WITH moved AS (
    UPDATE deal AS d SET stage = :stage, stage_reason = :reason
    WHERE d.id = :deal_id
      AND check_version('deal', d.id, d.version, :version)                   --? version
    RETURNING d.*
)
SELECT d.id, d.title, c.name AS customer, d.stage, d.amount::text AS "amount.amount",
       d.currency AS "amount.currency",
       email_of(d.owner_id) AS owner, slug_of(d.vendor_id) AS vendor,
           slug_of(d.company_id) AS company, d.version,
       d.created_at, d.updated_at, d.closed_at, CASE d.outcome WHEN 'lost'
           THEN d.stage_reason END AS lost_reason
FROM moved AS d
LEFT JOIN customer AS c ON c.id = d.customer_id
