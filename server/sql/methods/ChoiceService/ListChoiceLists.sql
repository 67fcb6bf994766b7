-- The company's lists by name, without what is in them.
-- rows: lists
SELECT l.list, l.title, l.single, l.closed, l.list AS "page.key"
FROM choice_list AS l
WHERE l.company_id = :me.company_id
  AND l.list > :page.after::text                                             --? page_token
ORDER BY l.list
LIMIT :page.limit
