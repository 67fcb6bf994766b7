-- The people at a customer, or at the one that it became a part of, the newest first.
-- rows: contacts
SELECT v.*, k.id AS "page.key"
FROM contact AS k, contact_shown(k) AS v
WHERE k.customer_id = customer_asked(:customer_id)
  AND k.state = coalesce(:state, 'active')
  AND k.id < :page.after::bigint                                              --? page_token
ORDER BY k.id DESC
LIMIT :page.limit
