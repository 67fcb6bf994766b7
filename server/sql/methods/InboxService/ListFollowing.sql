-- What the caller follows, the newest first.
-- rows: following
SELECT ref(s.on_kind, s.on_id) AS "on", object_title(s.on_kind, s.on_id) AS title, s.at AS since,
       s.id AS "page.key"
FROM subscription AS s
WHERE s.member_id = :me.member_id
  AND s.id < :page.after::bigint                                             --? page_token
ORDER BY s.id DESC
LIMIT :page.limit
