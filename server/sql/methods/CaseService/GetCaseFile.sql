-- All of a case that the caller may read.
SELECT c.id, v.text, v.resolution, case_statements(c, 100000, true) AS statements, case_evidence_of(c, true) AS evidence,
       (SELECT jsonb_agg(jsonb_build_object('id', f.id::text, 'name', f.name, 'sha256', encode(f.sha256, 'hex')) ORDER BY f.id)
        FROM file AS f WHERE f.on_kind = kind('case') AND f.on_id = c.id AND f.state = 'complete') AS files,
       k.text AS contract_text, k.signatures, case_readme(c) AS readme
FROM case_file AS c CROSS JOIN case_shown(c) AS v
LEFT JOIN contract_show(c.contract_id, c.contract_version) AS k ON true
WHERE c.id = :case_id
