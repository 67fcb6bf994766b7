-- Extends the protection of a registration, from where it ends or from today on.
WITH changed AS (
    UPDATE registration AS r SET protected_until = registration_extension(r, :days),
        extended = r.extended + 1, reason = :reason
    WHERE r.id = :registration_id AND check_version('registration', r.id, r.version, :version)
    RETURNING r
)
SELECT v.* FROM changed AS c, registration_shown(c.r) AS v
