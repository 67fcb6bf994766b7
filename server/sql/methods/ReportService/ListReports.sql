-- The reports that the caller sees, the newest first: those of the own company (for one who sees all of it), else of
-- the people whom the caller reaches; and those that vendors sent to it. NULLS LAST, as in ListDeals.sql: the primary key passes
-- everybody's.
-- rows: reports
-- part: filter
       AND r.state = :state                                                   --? state
       AND r.id < :page.after::bigint                                         --? page_token
-- end
SELECT r.id, r.kind, r.period, r.state, r.version,
       coalesce(m.email, email_of(r.author_id)) AS author,
       nullif(slug_of(r.company_id), me_slug()) AS author_company,
       slug_of(r.company_id) AS company, slug_of(r.to_company_id) AS "to", v.title, r.deal_id,
           r.created_at, r.updated_at, r.id AS "page.key"
FROM (
    (SELECT r.* FROM report AS r
     WHERE r.company_id = :me.company_id                                      --? author
     WHERE r.company_id = (SELECT me_whole(noun('report')))                   --? !author
       AND r.author_id = (SELECT x.id FROM member AS x                        --? author
                          WHERE x.company_id = :me.company_id                 --? author
                            AND x.email = lower(:author))                     --? author
       :part.filter
     ORDER BY r.id DESC NULLS LAST LIMIT :page.limit)
    UNION ALL                                                                 --? !author
    (SELECT r.* FROM reports_ahead(:state::text,                                 --? !author
             :page.after::bigint,                                             --? page_token !author
             NULL,                                                            --? !page_token !author
             :page.limit) AS o(id, least_id) CROSS JOIN LATERAL (             --? !author
         SELECT r.* FROM report AS r WHERE r.author_id = o.id AND (r.id, 0) >= (o.least_id, 0) --? !author
           :part.filter                                                       --? !author
         ORDER BY r.id DESC NULLS LAST LIMIT :page.limit) AS r                           --? !author
     WHERE (SELECT me_whole(noun('report'))) IS NULL)                         --? !author
    UNION ALL
    (SELECT r.* FROM report AS r
     WHERE r.to_company_id = :me.company_id AND r.company_id <> r.to_company_id
       AND (SELECT members_elsewhere(:author)) IS NOT NULL                    --? author
       AND r.author_id = ANY ((SELECT members_elsewhere(:author))::bigint[])  --? author
       :part.filter
     ORDER BY r.id DESC NULLS LAST LIMIT :page.limit)
    ORDER BY id DESC NULLS LAST LIMIT :page.limit
) AS r
JOIN revision AS v ON v.on_kind = kind('report') AND v.on_id = r.id AND v.version = r.version
LEFT JOIN member AS m ON m.id = r.author_id
ORDER BY r.id DESC NULLS LAST
