-- A stage with the points of its checklist.
SELECT v.*, stage_plays(s.company_id, s.name) AS scripts, stage_points(s.checklist_id) AS items
FROM stage_seen(:name, :company) AS s, stage_shown(s) AS v
