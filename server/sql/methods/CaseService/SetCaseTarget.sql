-- Says within how many working days such cases are answered.
SELECT v.kind, v.severity, v.days, v.usual
FROM case_target_set(:kind, :severity, CASE WHEN NOT coalesce(:usual, false) THEN :days::int END) AS s(no), case_targets(s.no) AS v
