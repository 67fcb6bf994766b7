-- A case with what was said in it, and what was handed over.
SELECT v.*, case_statements(c, 100) AS statements, case_evidence_of(c, false) AS evidence
FROM case_file AS c, case_shown(c) AS v WHERE c.id = :case_id
