-- The line of a member or a vendor in a period, of a KPI of the own company or of the one named.
SELECT v.*
FROM kpi AS k
JOIN company AS c ON c.id = k.company_id
JOIN kpi_line AS l ON l.kpi_id = k.id, kpi_line_show(l.id) AS v
WHERE k.company_id = ANY (kpi_companies()) AND k.code = :code AND c.slug = coalesce(:company, me_slug()) AND l.period = :period
  AND l.member_id = (SELECT x.id FROM member AS x                             --? member
                     WHERE x.company_id = k.company_id                        --? member
                       AND x.email = lower(:member))                          --? member
  AND l.vendor_id = (SELECT x.id FROM company AS x WHERE x.slug = :vendor)    --? vendor
