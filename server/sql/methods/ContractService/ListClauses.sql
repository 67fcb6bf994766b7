-- The clauses of a version of a contract, in their order.
-- rows: clauses
SELECT l.position, l.kind, l.side, l.text, l.penalty_percent::text AS penalty_percent, l.penalty_amount::text AS penalty_amount,
       l.penalty_currency, l.cap_percent::text AS cap_percent, l.cure_days, l.version, l.position::bigint AS "page.key"
FROM clause AS l
WHERE l.contract_id = :contract_id
  AND l.version = coalesce(:version::int, (SELECT max(v.version) FROM contract_version AS v
      WHERE v.contract_id = :contract_id AND v.state = ANY (ARRAY['proposed', 'executed'])))
  AND l.position > :page.after::int                                          --? page_token
ORDER BY l.position
LIMIT :page.limit
