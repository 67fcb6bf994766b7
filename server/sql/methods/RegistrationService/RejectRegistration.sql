-- Rejects a registration. Who may and when, the trigger says.
WITH changed AS (
    UPDATE registration AS r SET state = 'rejected', reason = :reason
    WHERE r.id = :registration_id AND check_version('registration', r.id, r.version, :version)
    RETURNING r
)
SELECT v.* FROM changed AS c, registration_shown(c.r) AS v
