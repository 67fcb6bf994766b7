-- The days of the company's calendar, in order.
-- rows: days
SELECT c.day, c.working, c.note, c.day::text AS "page.key"
FROM calendar_day AS c
WHERE c.company_id = :me.company_id
  AND c.day >= make_date(:year, 1, 1)                                        --? year
  AND c.day < make_date(:year + 1, 1, 1)                                     --? year
  AND c.day > :page.after::text::date                                        --? page_token
ORDER BY c.day
LIMIT :page.limit
