-- The caller's sessions that are still good, the newest first.
-- rows: sessions
SELECT s.id, company_of(s.member_id) AS company, s.client, s.address, s.created_at, s.last_seen_at,
       s.expires_at, least(s.expires_at, s.last_seen_at + s.idle_timeout) AS ends_at,
       s.id = :me.session_id AS current, s.id AS "page.key"
FROM session AS s
WHERE s.member_id = :me.member_id AND s.kind = 'login'
  AND s.revoked_at IS NULL AND s.expires_at > now() AND s.last_seen_at + s.idle_timeout > now()
  AND s.id < :page.after::bigint                                             --? page_token
ORDER BY s.id DESC
LIMIT :page.limit
