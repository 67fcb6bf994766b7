-- What the caller was told, the newest first.
-- rows: items
SELECT v.*, v.id AS "page.key"
FROM (SELECT i.* FROM inbox AS i
      WHERE i.member_id = :me.member_id
        AND i.read_at IS NULL                                                  --? unread
        AND i.id < :page.after::bigint                                         --? page_token
      ORDER BY i.id DESC LIMIT :page.limit) AS i, inbox_shown(i) AS v
ORDER BY v.id DESC
LIMIT :page.limit
