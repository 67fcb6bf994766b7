-- Approves a registration, which makes its deal.
SELECT v.*
FROM registration_approve(:registration_id, :owner, :days::int, :version::int) AS a(id), registration_show(a.id) AS r,
     registration_shown(r) AS v
