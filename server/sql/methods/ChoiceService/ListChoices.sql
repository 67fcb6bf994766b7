-- The company's lists, each in its order.
-- rows: choices
SELECT c.list, c.code, c.label, c.position, c.active, c.list || '=' || c.code AS tag,
       concat_ws('/', c.list, c.position, c.code) AS "page.key"
FROM choice AS c
WHERE c.company_id = :me.company_id
  AND c.list = (SELECT l.list FROM choice_list_own(:list, 'list') AS l)      --? list
  AND (c.list, c.position, c.code) > (split_part(:page.after::text, '/', 1), --? page_token
       split_part(:page.after::text, '/', 2)::int, split_part(:page.after::text, '/', 3)) --? page_token
ORDER BY c.list, c.position, c.code
LIMIT :page.limit
