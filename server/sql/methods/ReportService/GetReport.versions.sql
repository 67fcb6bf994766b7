-- The versions, the earliest first; of very many the latest 100, and no texts beyond the latest
-- 200,000 bytes: an answer has its limit.
-- rows: versions
SELECT v.version, v.title, CASE WHEN v.bytes <= 200000 THEN v.body END AS body,
       encode(v.sha256, 'hex') AS sha256, encode(v.digest, 'hex') AS digest,
       v.submitted_at,
       CASE WHEN v.version = v.latest THEN v.state ELSE 'returned' END AS state,
       coalesce(m.email, email_of(c.member_id)) AS decided_by, c.at AS decided_at,
       nullif(company_of(c.member_id), me_slug()) AS decided_by_company
FROM (SELECT x.*, r.version AS latest, r.state,
             sum(octet_length(x.body)) OVER (ORDER BY x.version DESC) AS bytes
      FROM report AS r JOIN report_version AS x ON x.report_id = r.id
      WHERE r.id = :report_id ORDER BY x.version DESC LIMIT 100) AS v
LEFT JOIN report_comment AS c ON c.report_id = v.report_id AND c.version = v.version
LEFT JOIN member AS m ON m.id = c.member_id
ORDER BY v.version
