-- Completes an upload. One that does not have its SHA-256 is deleted, and nothing is answered.
SELECT v.* FROM file_complete(:file_id) AS f, file_shown(f, NULL) AS v
