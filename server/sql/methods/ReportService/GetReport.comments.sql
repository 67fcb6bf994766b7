-- What reviewers decided and said, the earliest first; of very many the latest 100. A version has one
-- decision.
-- rows: comments
SELECT c.version, coalesce(m.email, email_of(c.member_id)) AS member, c.decision, c.text, c.at
FROM (SELECT x.* FROM report_comment AS x WHERE x.report_id = :report_id ORDER BY x.version DESC
    LIMIT 100) AS c
LEFT JOIN member AS m ON m.id = c.member_id
ORDER BY c.version
