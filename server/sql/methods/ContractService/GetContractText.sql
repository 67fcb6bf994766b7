-- A text of a contract, and who signed it.
SELECT c.id, contract_body(c, v) AS text, encode(v.sha256, 'hex') AS sha256, v.version,
       signatures_of(kind('contract'), c.id, v.version) AS signatures
FROM contract AS c CROSS JOIN LATERAL contract_version_asked(c, :version) AS v
WHERE c.id = :contract_id AND v.version IS NOT NULL
