-- Ends one of the caller's tokens.
UPDATE session AS s SET revoked_at = coalesce(s.revoked_at, now())
WHERE s.id = :token_id AND s.member_id = :me.member_id AND s.kind = 'token'
RETURNING s.id, s.name, s.permits AS permissions, s.created_at,
    nullif(s.last_seen_at, s.created_at) AS last_seen_at,
    CASE WHEN s.last_seen_at > s.created_at THEN s.last_address END AS last_address, s.expires_at,
    s.revoked_at
