-- Logs a follow-up on a deal that the caller sees.
WITH made AS (
    INSERT INTO activity (deal_id, company_id, member_id, kind, text, next_step, due_on, audience)
    SELECT d.id, d.company_id, :me.member_id, :kind, :text, :next, :due::date,
           CASE WHEN :internal::boolean THEN 'internal' ELSE 'shared' END
    FROM deal AS d WHERE d.id = :deal_id
    RETURNING *
)
SELECT a.id, a.deal_id, a.kind, a.text, m.email AS member, a.at, a.next_step AS next,
       a.due_on AS due, nullif(a.audience = 'internal', false) AS internal
FROM made AS a
JOIN member AS m ON m.id = a.member_id
