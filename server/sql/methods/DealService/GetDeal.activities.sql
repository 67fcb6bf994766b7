-- What was logged on the deal of late, the newest first.
-- rows: activities
SELECT a.id, a.deal_id, a.kind, a.text,
       CASE a.member_id WHEN :me.member_id THEN me_email() ELSE email_of(a.member_id) END AS member,
       CASE WHEN a.author_company_id <> :me.company_id THEN slug_of(a.author_company_id)
            END AS member_company,
       a.at, a.next_step AS next, a.due_on AS due, nullif(a.audience = 'internal', false) AS internal,
       a.id AS "page.key"
FROM activity AS a
WHERE a.deal_id = :deal_id
ORDER BY a.id DESC
LIMIT :page.limit
