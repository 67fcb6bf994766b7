-- The checklists of the company, by their codes.
-- rows: checklists
SELECT c.id, c.code, c.name, c.purpose, nullif(c.active, true) AS active,
       (SELECT count(*)::int FROM checklist_item AS i
        WHERE i.checklist_id = c.id AND i.version = c.items_version) AS points,
       c.version, c.updated_at, c.code AS "page.key"
FROM checklist AS c
WHERE c.company_id = :me.company_id AND (c.active OR :retired::boolean)
  AND c.code > :page.after::text                                             --? page_token
ORDER BY c.code
LIMIT :page.limit
