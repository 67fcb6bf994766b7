-- The lines that the caller sees, the newest first: those of the own company's KPIs (for one who sees all of it), else of
-- the members whom the caller reaches, and of vendors; and the own company's of its principals'. NULLS LAST, as in ListDeals.sql:
-- the primary key passes everybody's; OFFSET 0 keeps to a look-up for each row, where a company's members would all be read.
-- rows: kpis
-- part: filter
       AND l.period = :period                                                 --? period
       AND l.vendor_id = (SELECT x.id FROM company AS x WHERE x.slug = :vendor) --? vendor
       AND l.id < :page.after::bigint                                         --? page_token
-- end
SELECT CASE l.company_id WHEN :me.company_id THEN (SELECT me_slug()) ELSE slug_known(l.company_id) END AS company,
       k.code, k.name, l.period, m.email AS member,
       CASE l.vendor_id WHEN :me.company_id THEN (SELECT me_slug()) ELSE slug_known(l.vendor_id) END AS vendor,
       l.target::text AS target, l.actual::text AS actual,
       kpi_attainment(l.actual, l.target) AS attainment, k.unit, k.direction, l.evaluation,
       CASE WHEN e.id IS NOT NULL THEN e.email ELSE email_known(l.evaluated_by) END AS evaluated_by, l.evaluated_at,
       l.text, CASE WHEN r.id IS NOT NULL THEN r.email ELSE email_known(l.recorded_by) END AS recorded_by, l.recorded_at,
       CASE WHEN e.id IS NULL AND l.evaluated_by IS NOT NULL THEN slug_known(o.id) END AS evaluated_by_company,
       CASE WHEN r.id IS NULL AND l.recorded_by IS NOT NULL THEN slug_known(o.id) END AS recorded_by_company,
       kpi_reached(k.direction, l.actual, l.target) AS reached,
       l.evaluated_target::text AS evaluated_target, l.evaluated_actual::text AS evaluated_actual,
       nullif(kpi_outdated(l.*), false) AS evaluation_outdated, l.id AS "page.key"
FROM (
    (SELECT l.* FROM kpi_line AS l
     WHERE l.company_id = (SELECT me_whole(noun('kpi')))                      --? !member
     WHERE l.member_id = (SELECT owner_seen(noun('kpi'), :member))            --? member
       :part.filter
     ORDER BY l.id DESC NULLS LAST LIMIT :page.limit)
    UNION ALL                                                                 --? !member !vendor
    (SELECT l.* FROM kpi_members_ahead(:period::text,                         --? !member !vendor
             :page.after::bigint,                                             --? page_token !member !vendor
             NULL,                                                            --? !page_token !member !vendor
             :page.limit) AS o(id, least_id) CROSS JOIN LATERAL (             --? !member !vendor
         SELECT l.* FROM kpi_line AS l WHERE l.member_id = o.id AND (l.id, 0) >= (o.least_id, 0) --? !member !vendor
           :part.filter                                                       --? !member !vendor
         ORDER BY l.id DESC NULLS LAST LIMIT :page.limit) AS l                --? !member !vendor
     WHERE (SELECT me_whole(noun('kpi'))) IS NULL)                            --? !member !vendor
    UNION ALL                                                                 --? !member
    (SELECT l.* FROM kpi_line AS l                                            --? !member
     WHERE l.company_id = (SELECT me_company() WHERE sight(noun('kpi')) & 6 = 2) AND l.vendor_id IS NOT NULL --? !member
       :part.filter                                                           --? !member
     ORDER BY l.id DESC NULLS LAST LIMIT :page.limit)                         --? !member
    UNION ALL                                                                 --? !member
    (SELECT l.* FROM kpi_line AS l                                            --? !member
     WHERE l.vendor_id = (SELECT me_partner(noun('kpi')))                     --? !member
       :part.filter                                                           --? !member
     ORDER BY l.id DESC NULLS LAST LIMIT :page.limit)                         --? !member
    ORDER BY id DESC NULLS LAST LIMIT :page.limit                             --? !member
) AS l
CROSS JOIN LATERAL (SELECT CASE l.company_id WHEN :me.company_id THEN l.vendor_id ELSE l.company_id END) AS o(id) -- the other side
JOIN kpi AS k ON k.id = l.kpi_id
LEFT JOIN member AS m ON m.id = l.member_id
LEFT JOIN LATERAL (SELECT x.id, x.email FROM member AS x WHERE x.id = l.evaluated_by AND x.company_id = :me.company_id OFFSET 0) AS e ON true
LEFT JOIN LATERAL (SELECT x.id, x.email FROM member AS x WHERE x.id = l.recorded_by AND x.company_id = :me.company_id OFFSET 0) AS r ON true
ORDER BY l.id DESC NULLS LAST
