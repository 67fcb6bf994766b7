-- The caller's tokens that are still good, the newest first.
-- rows: tokens
SELECT s.id, s.name, s.permits AS permissions, s.created_at,
    nullif(s.last_seen_at, s.created_at) AS last_seen_at,
    CASE WHEN s.last_seen_at > s.created_at THEN s.last_address END AS last_address, s.expires_at,
       s.id AS "page.key"
FROM session AS s
WHERE s.member_id = :me.member_id AND s.kind = 'token' AND s.revoked_at IS NULL AND s.expires_at > now()
  AND s.id < :page.after::bigint                                             --? page_token
ORDER BY s.id DESC
LIMIT :page.limit
