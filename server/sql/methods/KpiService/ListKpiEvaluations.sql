-- What was said on the lines of a KPI in a period, the newest first. A period has one line for each member or
-- vendor at most, so that they are few.
-- rows: evaluations
SELECT slug_of(l.company_id) AS company, l.period, email_of(l.member_id) AS member,
       slug_of(l.vendor_id) AS vendor, r.target::text AS target,
       r.actual::text AS actual, kpi_attainment(r.actual, r.target) AS attainment, r.text,
       email_of(r.member_id) AS by,
       nullif(company_of(r.member_id), me_slug()) AS by_company, r.at, r.id AS "page.key"
FROM kpi AS k
JOIN kpi_line AS l ON l.kpi_id = k.id
JOIN kpi_evaluation AS r ON r.line_id = l.id
WHERE (SELECT kpi_seen(:code)) IS NOT NULL AND k.code = :code AND l.period = :period
  AND l.member_id = (SELECT x.id FROM member AS x                             --? member
                     WHERE x.company_id = :me.company_id                      --? member
                       AND x.email = lower(:member))                          --? member
  AND l.vendor_id = (SELECT x.id FROM company AS x WHERE x.slug = :vendor)    --? vendor
  AND r.id < :page.after::bigint                                              --? page_token
ORDER BY r.id DESC
LIMIT :page.limit
