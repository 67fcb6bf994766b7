-- A checklist with its points.
SELECT v.* FROM checklist_named(:code) AS c, checklist_show(c.id) AS v
