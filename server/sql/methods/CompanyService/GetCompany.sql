-- A company with its profile: of the caller's own all of it, of others what is told to partners.
SELECT c.id, c.slug, c.name, c.created_at, p.*
FROM company AS c, company_settings(c.id) AS p
WHERE c.slug = coalesce(:slug, me_slug())
