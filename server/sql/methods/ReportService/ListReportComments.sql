-- All that reviewers said of a report, the earliest first.
-- rows: comments
SELECT c.version, email_known(c.member_id) AS member, c.decision, c.text, c.at,
       nullif(company_of(c.member_id), me_slug()) AS member_company,
       c.id AS "page.key"
FROM report_comments(:report_id,
    :page.after::bigint,                                                      --? page_token
    NULL,                                                                     --? !page_token
    :page.limit) AS c
ORDER BY c.id
LIMIT :page.limit
