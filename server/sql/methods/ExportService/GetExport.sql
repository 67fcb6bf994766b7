-- An export.
SELECT v.* FROM export AS e, export_shown(e) AS v WHERE e.id = :export_id
