-- The companies that the caller sees, by short name; without the one of those who run the server.
-- rows: companies
SELECT c.id, c.slug, c.name, c.created_at, c.slug AS "page.key"
FROM company AS c
WHERE NOT c.is_system
  AND c.slug > :page.after::text                                             --? page_token
ORDER BY c.slug
LIMIT :page.limit
