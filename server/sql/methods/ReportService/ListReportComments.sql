-- All that reviewers said of a report, the earliest first.
-- rows: comments
SELECT c.version, coalesce(m.email, email_of(c.member_id)) AS member, c.decision, c.text, c.at,
       nullif(company_of(c.member_id), me_slug()) AS member_company,
       c.id AS "page.key"
FROM comment AS c
LEFT JOIN member AS m ON m.id = c.member_id
WHERE c.on_kind = kind('report') AND c.on_id = (SELECT report_seen(:report_id))
  AND c.id > :page.after::bigint                                              --? page_token
ORDER BY c.id
LIMIT :page.limit
