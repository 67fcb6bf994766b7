-- What has to hold of contracts at any moment, whoever is killed in the middle of a signature: faults.signing has a row for each
-- that does not.

SET client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS faults;
CREATE OR REPLACE VIEW faults.signing AS
WITH version AS (
    SELECT v.contract_id AS id, v.version, v.state, v.sha256, v.terms, c.kind, c.version AS signed, c.state AS contract_state, r.body,
           s.n AS signatures, s.sides
    FROM jiayi.contract_version AS v JOIN jiayi.contract AS c ON c.id = v.contract_id
    LEFT JOIN jiayi.revision AS r ON r.on_kind = jiayi.kind('contract') AND r.on_id = v.contract_id AND r.version = v.version
    CROSS JOIN LATERAL (SELECT count(*) AS n, count(DISTINCT s.company_id) FILTER (WHERE s.company_id IN (v.company_id, v.vendor_id)) AS sides
        FROM jiayi.signature AS s WHERE s.on_kind = jiayi.kind('contract') AND s.on_id = v.contract_id AND s.version = v.version) AS s
)
SELECT format('contract %s: version %s is executed with %s signatures of %s sides', id, version, signatures, sides) AS what
FROM version WHERE state = 'executed' AND (signatures <> 2 OR sides <> 2)
UNION ALL
SELECT format('contract %s: version %s is %s, and both have signed it', id, version, state)
FROM version WHERE state <> 'executed' AND sides = 2
UNION ALL
SELECT format('contract %s is %s at version %s, of version %s it is %s', id, contract_state, signed, version, state)
FROM version WHERE (state = 'executed') <> (signed >= version) OR (state = 'proposed' AND version = 1 AND contract_state <> 'proposed')
UNION ALL
SELECT format('contract %s: the text of version %s has another SHA-256 than it was proposed with', id, version)
FROM version WHERE state <> 'draft' AND sha256(convert_to(body, 'UTF8')) IS DISTINCT FROM sha256
UNION ALL
SELECT format('contract %s: the %s signed another text of version %s', s.on_id, s.capacity, s.version)
FROM jiayi.signature AS s LEFT JOIN version AS v ON v.id = s.on_id AND v.version = s.version
WHERE s.on_kind = jiayi.kind('contract') AND s.sha256 IS DISTINCT FROM v.sha256
UNION ALL
SELECT format('contract %s: the signature of the %s has %s entries of the ledger', s.on_id, s.capacity, e.n)
FROM jiayi.signature AS s CROSS JOIN LATERAL (SELECT count(*) AS n FROM jiayi.ledger_entry AS e
    WHERE e.kind = 'signature' AND e.on_kind = s.on_kind AND e.on_id = s.on_id AND e.version = s.version
      AND convert_from(e.entry, 'UTF8')::jsonb ->> 'capacity' = s.capacity) AS e
WHERE e.n <> 1
UNION ALL
SELECT format('contract %s: version %s is %s and has %s payments and %s duties', v.id, v.version, v.state, p.n, t.n)
FROM version AS v CROSS JOIN LATERAL (SELECT count(*) AS n FROM jiayi.payment AS p WHERE p.contract_id = v.id) AS p
CROSS JOIN LATERAL (SELECT count(*) AS n FROM jiayi.task AS t
    WHERE t.kind = 'duty' AND t.on_kind = jiayi.kind('contract') AND t.on_id = v.id) AS t
WHERE v.kind <> 'framework' AND (p.n, t.n) IS DISTINCT FROM (
    CASE v.state WHEN 'executed' THEN jsonb_array_length(v.terms -> 'payments') ELSE 0 END,
    CASE v.state WHEN 'executed' THEN jsonb_array_length(v.terms -> 'duties') ELSE 0 END);
