-- Changes a checklist. What is absent stays.
SELECT v.id, v.code, v.name, v.purpose, v.active, v.points, v.version, v.updated_at, v.items
FROM checklist_update(:code, :name, :purpose, :active, :items::jsonb, :version) AS c(id),
     checklist_show(c.id) AS v
