-- What was logged on the deal of late, the newest first.
-- rows: activities
SELECT a.id, a.deal_id, a.kind, a.text, coalesce(m.email, email_of(a.member_id)) AS member, a.at, a.next_step AS next, a.due_on AS due
FROM activity AS a
LEFT JOIN member AS m ON m.id = a.member_id
WHERE a.deal_id = :deal_id
ORDER BY a.id DESC
LIMIT 100
