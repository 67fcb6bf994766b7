-- A registration.
SELECT v.* FROM registration AS r, registration_shown(r) AS v WHERE r.id = :registration_id
