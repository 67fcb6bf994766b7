-- Which tier the rules give each vendor now, of those whose figures the caller sees: worked out for a page of them.
-- rows: partners
WITH page AS MATERIALIZED (
    SELECT p.* FROM partnership AS p
    WHERE p.principal_id = :me.company_id AND p.state <> 'ended' AND figures_seen(p)
      AND p.id = (SELECT (partner_between(:company, 'vendor')).id)           --? company
      AND p.id > :page.after::bigint                                         --? page_token
    ORDER BY p.id LIMIT :page.limit
)
SELECT slug_of(p.vendor_id) AS company, t.code AS tier, d.due, nullif(coalesce(d.due <> coalesce(t.code, ''), false), false) AS differs,
       d.figures, p.id AS "page.key"
FROM page AS p CROSS JOIN LATERAL tier_of(p) AS t CROSS JOIN LATERAL tier_asked(p) AS d
ORDER BY p.id
