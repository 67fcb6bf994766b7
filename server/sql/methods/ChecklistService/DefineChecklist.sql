-- Defines a checklist with its points.
SELECT v.id, v.code, v.name, v.purpose, v.active, v.points, v.version, v.updated_at, v.items
FROM checklist_define(:code, :name, :purpose, :items::jsonb) AS c(id), checklist_show(c.id) AS v
