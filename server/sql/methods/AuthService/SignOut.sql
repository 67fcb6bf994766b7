-- Ends the session of the call.
UPDATE session AS s SET revoked_at = now()
WHERE s.id = :me.session_id
  AND (s.kind = 'login' OR refuse('JY009', 'a token ends by itself, or by its member: jiayi token revoke ID'))
RETURNING s.id AS session_id
