-- Ends the session of the call.
UPDATE session AS s SET revoked_at = now()
WHERE s.id = :me.session_id
RETURNING s.id AS session_id
