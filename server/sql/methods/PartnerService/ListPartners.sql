-- The partnerships of the caller's company, the newest first.
-- rows: partners
SELECT p.id, o.slug AS company, o.name, CASE p.principal_id WHEN :me.company_id THEN 'vendor'
       ELSE 'principal' END AS side,
       p.state, p.updated_at, p.created_at, a.slug AS principal, b.slug AS vendor,
           p.id AS "page.key"
FROM partnership AS p
JOIN company AS a ON a.id = p.principal_id
JOIN company AS b ON b.id = p.vendor_id
JOIN company AS o ON o.id = CASE p.principal_id WHEN :me.company_id THEN p.vendor_id
    ELSE p.principal_id END
WHERE p.id < coalesce(:page.after::bigint, 9223372036854775807)
ORDER BY p.id DESC
LIMIT :page.limit
