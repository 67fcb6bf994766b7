-- An import.
SELECT v.* FROM import AS i, import_shown(i) AS v WHERE i.id = :import_id
