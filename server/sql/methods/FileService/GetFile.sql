-- A file.
SELECT v.* FROM file AS f, file_shown(f, NULL) AS v WHERE f.id = :file_id
