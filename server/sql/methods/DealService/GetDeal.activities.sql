-- What was logged on the deal of late, the newest first.
-- rows: activities
SELECT v.*, a.id AS "page.key"
FROM activity AS a, activity_shown(a) AS v
WHERE a.deal_id = :deal_id
ORDER BY a.id DESC
LIMIT :page.limit
