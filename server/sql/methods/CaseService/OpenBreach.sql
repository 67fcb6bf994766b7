-- Opens a breach of a contract that the caller sees.
SELECT v.*, s.*
FROM contract AS k CROSS JOIN LATERAL breach_open(k.id, :clause, :on, :text, money(:amount.amount, :amount.currency),
         upper(:amount.currency), :evidence::text[]) AS a(id), case_show(a.id) AS c, case_shown(c) AS v, case_heard(c) AS s
WHERE k.id = :contract_id
