-- The plays of a company that the caller sees, by their codes.
-- rows: plays
SELECT v.*, p.code AS "page.key"
FROM playbook AS p, play_shown(p) AS v
WHERE p.company_id = (SELECT addressee_by_slug(coalesce(:company, me_slug())))
  AND (p.active OR :retired::boolean) AND (:kind::text IS NULL OR p.kind = :kind)
  AND (:customer_type::text IS NULL OR p.customer_type = :customer_type)
  AND p.stage = (SELECT stage_meant(addressee_by_slug(coalesce(:company, me_slug())), :stage)) --? stage
  AND p.code > :page.after::text                                             --? page_token
ORDER BY p.code
LIMIT :page.limit
