-- Who takes part in a thing that the caller sees.
-- rows: participants
SELECT v.*, p.member_id AS "page.key"
FROM object_seen(:on) AS o
JOIN participant AS p ON p.on_kind = o.on_kind AND p.on_id = o.on_id, participant_shown(p) AS v
WHERE true
  AND p.member_id > :page.after::bigint                                      --? page_token
ORDER BY p.member_id
LIMIT :page.limit
