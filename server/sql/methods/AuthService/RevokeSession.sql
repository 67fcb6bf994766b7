-- Ends one of the caller's sessions.
UPDATE session AS s SET revoked_at = now()
WHERE s.id = :session_id AND s.member_id = :me.member_id AND s.revoked_at IS NULL
RETURNING s.id, company_of(s.member_id) AS company, s.client, s.address, s.created_at,
    s.last_seen_at, s.expires_at,
    least(s.expires_at, s.last_seen_at + s.idle_timeout) AS ends_at,
          s.id = :me.session_id AS current, s.revoked_at
