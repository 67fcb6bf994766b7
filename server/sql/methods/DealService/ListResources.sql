-- What a deal takes, the newest first.
-- rows: resources
SELECT v.*, r.id AS "page.key"
FROM resource AS r, resource_shown(r) AS v
WHERE r.deal_id = (SELECT deal_seen(:deal_id))
  AND r.state = :state                                                       --? state
  AND r.id < :page.after::bigint                                             --? page_token
ORDER BY r.id DESC
LIMIT :page.limit
