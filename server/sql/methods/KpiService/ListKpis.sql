-- The lines that the caller sees, the newest first: those of the own company's KPIs, and the own
-- company's of its principals'.
-- rows: kpis
-- part: filter
       AND l.period = :period                                                 --? period
       AND l.vendor_id = (SELECT x.id FROM company AS x WHERE x.slug = :vendor) --? vendor
       AND l.id < :page.after::bigint                                         --? page_token
-- end
SELECT o.slug AS company, k.code, k.name, l.period, m.email AS member, v.slug AS vendor,
       l.target::text AS target, l.actual::text AS actual,
       kpi_attainment(l.actual, l.target) AS attainment, k.unit, k.direction, l.evaluation,
       coalesce(e.email, email_of(l.evaluated_by)) AS evaluated_by, l.evaluated_at,
       l.text, coalesce(r.email, email_of(l.recorded_by)) AS recorded_by, l.recorded_at,
       CASE WHEN e.id IS NULL THEN nullif(company_of(l.evaluated_by), me_slug())
            END AS evaluated_by_company,
       CASE WHEN r.id IS NULL THEN nullif(company_of(l.recorded_by), me_slug())
            END AS recorded_by_company,
       kpi_reached(k.direction, l.actual, l.target) AS reached,
       l.evaluated_target::text AS evaluated_target, l.evaluated_actual::text AS evaluated_actual,
       nullif(kpi_outdated(l.*), false) AS evaluation_outdated, l.id AS "page.key"
FROM (
    (SELECT l.* FROM kpi_line AS l
     WHERE l.company_id = :me.company_id
       AND l.member_id = (SELECT x.id FROM member AS x                        --? member
                          WHERE x.company_id = :me.company_id                 --? member
                            AND x.email = lower(:member))                     --? member
       :part.filter
     ORDER BY l.id DESC LIMIT :page.limit)
    UNION ALL
    (SELECT l.* FROM kpi_line AS l
     WHERE l.vendor_id = :me.company_id
       AND false                                                              --? member
       :part.filter
     ORDER BY l.id DESC LIMIT :page.limit)
    ORDER BY id DESC LIMIT :page.limit
) AS l
JOIN kpi AS k ON k.id = l.kpi_id
LEFT JOIN company AS o ON o.id = l.company_id
LEFT JOIN member AS m ON m.id = l.member_id
LEFT JOIN company AS v ON v.id = l.vendor_id
LEFT JOIN member AS e ON e.id = l.evaluated_by
LEFT JOIN member AS r ON r.id = l.recorded_by
ORDER BY l.id DESC
