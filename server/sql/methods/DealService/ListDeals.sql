-- The deals that the caller sees, the newest first: those of the own company (for one who sees all of
-- it), else those of the owners whom the caller reaches, those that principals share with it, and those in
-- which the caller takes part, as far as nothing else shows them. Each
-- arm walks an index of its own in order and stops at the page's end, so that a page costs the same
-- however many deals there are; in one condition, the policy would hide the order. Of the first two
-- only one is run. NULLS LAST keeps to those indexes: the primary key's would be in order too, but passes
-- everybody's deals. With tags who sees all of the company walks what has the first one, an arm for each of
-- its list's codes; others walk their own. What else is asked of a row is asked by functions: of sub-selects the
-- planner would think that they leave next to nothing, and sort all that has the tag. The names on the page are looked up all at once.
-- rows: deals
-- part: filter
       AND d.stage = (SELECT stage_known(:stage))                             --? stage
       AND d.vendor_id = (SELECT x.id FROM company AS x WHERE x.slug = :vendor) --? vendor
       AND (position(folded(:search) IN folded(d.title)) > 0                  --? search
            OR EXISTS (SELECT FROM customer AS x WHERE x.id = d.customer_id   --? search
                       AND position(folded(:search) IN folded(x.name)) > 0))  --? search
       AND d.id < :page.after::bigint                                         --? page_token
       AND has_tags(kind('deal'), d.id, :tags::text[])                        --? tags
-- end
WITH
wanted AS MATERIALIZED (SELECT g.* FROM tag_groups(:tags::text[]) AS g),      --? tags
page AS MATERIALIZED (
    (SELECT d.* FROM
         (SELECT w.list, w.codes, c.code FROM wanted AS w,                    --? tags
              unnest(w.codes) AS c(code) WHERE w.n = 1) AS w CROSS JOIN       --? tags
     LATERAL (
         SELECT d.* FROM
              tag AS t JOIN                                                   --? tags
         deal AS d
              ON d.id = t.on_id                                               --? tags
         WHERE sight(noun('deal')) & 4 <> 0
           AND t.company_id = :me.company_id AND t.on_kind = kind('deal')     --? tags
           AND t.list = w.list AND t.code = w.code                            --? tags
           AND t.on_id < coalesce(:page.after::bigint, 9223372036854775807)   --? tags
           AND is_first_tag(t, w.codes)                                       --? tags
           AND d.company_id = :me.company_id                                  --? !owner
           AND d.owner_id = (SELECT x.id FROM member AS x                     --? owner
                             WHERE x.company_id = :me.company_id              --? owner
                               AND x.email = lower(:owner))                   --? owner
           :part.filter
         ORDER BY d.id DESC NULLS LAST LIMIT :page.limit) AS d)
    UNION ALL
    (SELECT d.* FROM unnest(me_owners(noun('deal'))) AS o(id) CROSS JOIN LATERAL (
         SELECT d.* FROM deal AS d
         WHERE d.owner_id = o.id
           :part.filter
         ORDER BY d.id DESC NULLS LAST LIMIT :page.limit) AS d
     WHERE sight(noun('deal')) & 4 = 0
       AND o.id = (SELECT x.id FROM member AS x                               --? owner
                   WHERE x.company_id = :me.company_id                        --? owner
                     AND x.email = lower(:owner))                             --? owner
    )
    UNION ALL
    (SELECT d.* FROM
         unnest(members_elsewhere(:owner)) AS o(id) CROSS JOIN                --? owner
     LATERAL (
         SELECT d.* FROM deal AS d
         WHERE sight(noun('deal')) & 8 <> 0
           AND d.vendor_id = :me.company_id
           AND d.owner_id = o.id                                              --? owner
           :part.filter
         ORDER BY d.id DESC NULLS LAST LIMIT :page.limit) AS d)
    UNION ALL
    (SELECT d.* FROM participant AS p CROSS JOIN LATERAL (
         SELECT d.* FROM deal AS d
         WHERE d.id = p.on_id
           AND shared_seen(noun('deal'), d.owner_id, d.company_id, d.vendor_id, NULL, NULL) IS NOT TRUE
           AND d.owner_id = ANY (members_called(:owner))                      --? owner
           :part.filter
         ) AS d
     WHERE p.member_id = :me.member_id AND p.on_kind = kind('deal')
       AND p.on_id < :page.after::bigint                                      --? page_token
     ORDER BY p.on_id DESC LIMIT :page.limit)
    ORDER BY id DESC NULLS LAST LIMIT :page.limit
)
SELECT d.id, d.title, c.name AS customer, d.stage, d.amount::text AS "amount.amount",
       d.currency AS "amount.currency",
       CASE d.owner_id WHEN :me.member_id THEN (SELECT me_email()) ELSE o.email END AS owner,
       CASE d.vendor_id WHEN :me.company_id THEN (SELECT me_slug()) ELSE slug_of(d.vendor_id) END AS vendor,
       CASE d.company_id WHEN :me.company_id THEN (SELECT me_slug()) ELSE slug_of(d.company_id) END AS company,
       d.version, d.created_at, d.updated_at, d.closed_at,
       CASE d.outcome WHEN 'lost' THEN lost_reason(d.id, d.closed_version) END AS lost_reason, d.id AS "page.key"
FROM page AS d
LEFT JOIN customer_names((SELECT array_agg(customer_id) FROM page)) AS c ON c.id = d.customer_id
LEFT JOIN emails_of((SELECT array_agg(owner_id) FROM page WHERE owner_id <> :me.member_id)) AS o
    ON o.id = d.owner_id
ORDER BY d.id DESC NULLS LAST
