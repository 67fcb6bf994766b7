-- All of a case that the caller may read.
SELECT c.id, v.text, v.resolution, case_statements(c, 100000) AS statements, case_evidence_of(c, true) AS evidence,
       (SELECT jsonb_agg(jsonb_build_object('id', f.id::text, 'name', f.name, 'sha256', encode(f.sha256, 'hex')) ORDER BY f.id)
        FROM file AS f WHERE f.on_kind = kind('case') AND f.on_id = c.id AND f.state = 'complete') AS files
FROM case_file AS c, case_shown(c) AS v WHERE c.id = :case_id
