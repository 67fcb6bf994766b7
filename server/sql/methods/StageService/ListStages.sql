-- The stages of a company in their order; or those with some codes, of all companies of which the caller sees any.
-- rows: stages
SELECT v.*, CASE WHEN NOT stage_is_begun(s.name, s.title) THEN s.title END AS own_title,
       concat_ws('/', s.company_id, s.position) AS "page.key"
FROM stage AS s, stage_shown(s) AS v
WHERE (s.company_id, s.position) > (split_part(coalesce(:page.after::text, '0/0'), '/', 1)::bigint,
       split_part(coalesce(:page.after::text, '0/0'), '/', 2)::int)
  AND s.company_id = (SELECT addressee_by_slug(coalesce(:company, me_slug()))) --? !names
  AND (:retired::boolean OR NOT s.retired)                                   --? !names
  AND s.name = ANY (:names::text[])                                          --? names
ORDER BY s.company_id, s.position
LIMIT :page.limit
