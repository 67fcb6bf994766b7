-- The companies that the caller sees, by short name; without the one of those who run the server. Who runs it walks all by
-- name; others have to do with few, whose numbers are known, and none but these is read.
-- rows: companies
-- part: filter
       AND NOT c.is_system
       AND c.slug > :page.after::text                                         --? page_token
     ORDER BY c.slug LIMIT :page.limit
-- end
SELECT c.id, c.slug, c.name, c.created_at, c.slug AS "page.key"
FROM (
    (SELECT c.* FROM company AS c
     WHERE (SELECT me_operator())
       :part.filter
    )
    UNION ALL
    (SELECT c.* FROM (SELECT DISTINCT o.id FROM unnest(:me.company_id || me_partners()) AS o(id)) AS o CROSS JOIN LATERAL (
     SELECT c.* FROM company AS c
     WHERE c.id = o.id
       :part.filter
    ) AS c
     WHERE NOT (SELECT me_operator()))
) AS c
ORDER BY c.slug
LIMIT :page.limit
