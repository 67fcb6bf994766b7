-- What was said on the lines of a KPI in a period, the newest first. A period has one line for each member or
-- vendor at most: kpi_page() merges them. OFFSET 0: as in ListKpis.sql.
-- rows: evaluations
SELECT CASE l.company_id WHEN :me.company_id THEN (SELECT me_slug()) ELSE slug_known(l.company_id) END AS company, l.line_period AS period,
       m.email AS member, CASE l.vendor_id WHEN :me.company_id THEN (SELECT me_slug()) ELSE slug_known(l.vendor_id) END AS vendor,
       r.target::text AS target, r.actual::text AS actual, kpi_attainment(r.actual, r.target) AS attainment, r.text,
       CASE WHEN b.id IS NOT NULL THEN b.email ELSE email_known(r.member_id) END AS by,
       CASE WHEN b.id IS NULL THEN slug_known(CASE l.company_id WHEN :me.company_id THEN l.vendor_id ELSE l.company_id END)
            END AS by_company, r.at, r.id AS "page.key"
FROM kpi_page('kpi_evaluation', kpi_seen(:code), :period,
         :member::text,                                                       --? member
         NULL,                                                                --? !member
         :vendor::text,                                                       --? vendor
         NULL,                                                                --? !vendor
         :page.after::bigint,                                                 --? page_token
         NULL,                                                                --? !page_token
         :page.limit) AS l
JOIN kpi_evaluation AS r ON r.id = l.id
LEFT JOIN member AS m ON m.id = l.member_id
LEFT JOIN LATERAL (SELECT x.id, x.email FROM member AS x WHERE x.id = r.member_id AND x.company_id = :me.company_id OFFSET 0) AS b ON true
ORDER BY r.id DESC
