-- Customers that may be one, of those that the caller sees, each with the oldest of them. Which there are is found by indexes
-- alone.
-- rows: duplicates
SELECT c.id, c.name, o.id AS other_id, o.name AS other_name, string_to_array(t.why, ',') AS why,
       concat_ws('/', c.id, o.id) AS "page.key"
FROM customer_twins() AS t JOIN customer AS c ON c.id = t.id JOIN customer AS o ON o.id = t.other_id
WHERE true
  AND (c.id, o.id) < (split_part(:page.after::text, '/', 1)::bigint,          --? page_token
                      split_part(:page.after::text, '/', 2)::bigint)          --? page_token
ORDER BY c.id DESC, o.id DESC
LIMIT :page.limit
