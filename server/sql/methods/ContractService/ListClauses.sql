-- The clauses of a version of a contract, in their order.
-- rows: clauses
SELECT l.position, l.kind, l.side, l.text, l.penalty_percent::text AS penalty_percent, l.penalty_amount::text AS penalty_amount,
       l.penalty_currency, l.cap_percent::text AS cap_percent, l.cure_days, l.version, l.position::bigint AS "page.key"
FROM contract_clauses(:contract_id, :version::int,
    :page.after::int,                                                         --? page_token
    NULL,                                                                     --? !page_token
    :page.limit) AS l
ORDER BY l.position
LIMIT :page.limit
