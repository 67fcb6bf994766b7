-- A text of a contract.
SELECT contract_body(c, v) AS text, encode(v.sha256, 'hex') AS sha256, v.version
FROM contract AS c CROSS JOIN LATERAL contract_version_asked(c, :version) AS v
WHERE c.id = :contract_id AND v.version IS NOT NULL
