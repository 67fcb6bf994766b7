-- The e-mail domains that the caller sees, in their order.
-- rows: domains
SELECT d.domain, c.slug AS company, d.added_at, d.domain AS "page.key"
FROM company_domain AS d JOIN company AS c ON c.id = d.company_id
WHERE d.domain > coalesce(:page.after::text, '')
ORDER BY d.domain
LIMIT :page.limit
