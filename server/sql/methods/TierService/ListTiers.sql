-- The tiers of the company with their rules, the lowest first.
-- rows: tiers
SELECT v.*, t.position::bigint AS "page.key"
FROM tier AS t, tier_show(t.id) AS v
WHERE t.company_id = :me.company_id
  AND t.position > :page.after::bigint                                          --? page_token
ORDER BY t.position
LIMIT :page.limit
