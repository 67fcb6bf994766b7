-- Ends one of the caller's sessions, or all others.
-- rows: sessions
SELECT s.id, company_of(s.member_id) AS company, s.client, s.address, s.created_at, s.last_seen_at, s.expires_at,
       least(s.expires_at, s.last_seen_at + s.idle_timeout) AS ends_at, s.id = :me.session_id AS current, s.name AS token,
       now() AS revoked_at
FROM session_revoke(CASE WHEN :all::boolean THEN NULL ELSE :session_id::bigint END) AS e(id)
JOIN session AS s ON s.id = e.id
