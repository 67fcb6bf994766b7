-- What reviewers decided and said, the earliest first; of very much the latest.
-- rows: comments
SELECT c.version, coalesce(m.email, email_of(c.member_id)) AS member, c.decision, c.text, c.at,
       nullif(company_of(c.member_id), me_slug()) AS member_company
FROM report_said(:report_id) AS c
LEFT JOIN member AS m ON m.id = c.member_id
ORDER BY c.id
