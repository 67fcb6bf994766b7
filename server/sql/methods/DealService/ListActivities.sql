-- What was logged on a deal, the newest first.
-- rows: activities
SELECT v.*, a.id AS "page.key"
FROM activity AS a, activity_shown(a) AS v
WHERE a.deal_id = (SELECT deal_known(:deal_id))
  AND a.id < :page.after::bigint                                             --? page_token
ORDER BY a.id DESC
LIMIT :page.limit
