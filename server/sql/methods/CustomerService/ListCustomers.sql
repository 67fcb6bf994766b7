-- The customers that the caller sees, the newest first: those of the own company (for one who sees all of it), else those of
-- the owners whom the caller reaches and those that nobody has; and those of principals with whom a deal is shared with the
-- caller's company, or the caller takes part in one. As in ListDeals.sql each arm walks an index of its own in order and stops
-- at the page's end. Of what is shared the deals' index is walked from customer to customer.
-- rows: customers
-- part: filter
       AND c.state = coalesce(:state, 'active')
       AND position(folded(:search) IN folded(c.name)) > 0                    --? search
       AND (NOT :without_deal::boolean OR customer_has_no_deal(c))            --? without_deal
       AND customer_is_untouched(c, now() - make_interval(days => :untouched_days)) --? untouched_days
       AND c.id < :page.after::bigint                                         --? page_token
       AND has_tags(kind('customer'), c.id, :tags::text[])                    --? tags
-- end
WITH
wanted AS MATERIALIZED (SELECT g.* FROM tag_groups(:tags::text[]) AS g),      --? tags
page AS MATERIALIZED (
    (SELECT c.* FROM
         (SELECT w.list, w.codes, c.code FROM wanted AS w,                    --? tags
              unnest(w.codes) AS c(code) WHERE w.n = 1) AS w CROSS JOIN       --? tags
     LATERAL (
         SELECT c.* FROM
              tag AS t JOIN                                                   --? tags
         customer AS c
              ON c.id = t.on_id                                               --? tags
         WHERE sight(noun('customer')) & 4 <> 0
           AND t.company_id = :me.company_id AND t.on_kind = kind('customer') --? tags
           AND t.list = w.list AND t.code = w.code                            --? tags
           AND t.on_id < coalesce(:page.after::bigint, 9223372036854775807)   --? tags
           AND is_first_tag(t, w.codes)                                       --? tags
           AND c.company_id = :me.company_id                                  --? !owner
           AND c.owner_id = (SELECT x.id FROM member AS x                     --? owner
                             WHERE x.company_id = :me.company_id              --? owner
                               AND x.email = lower(:owner))                   --? owner
           :part.filter
         ORDER BY c.id DESC NULLS LAST LIMIT :page.limit) AS c)
    UNION ALL
    (SELECT c.* FROM unnest(me_owners(noun('customer'))) AS o(id) CROSS JOIN LATERAL (
         SELECT c.* FROM customer AS c
         WHERE c.owner_id = o.id
           :part.filter
         ORDER BY c.id DESC NULLS LAST LIMIT :page.limit) AS c
     WHERE sight(noun('customer')) & 4 = 0
       AND o.id = (SELECT x.id FROM member AS x                               --? owner
                   WHERE x.company_id = :me.company_id                        --? owner
                     AND x.email = lower(:owner))                             --? owner
    )
    UNION ALL
    (SELECT c.* FROM customer AS c
     WHERE sight(noun('customer')) & 4 = 0
       AND false                                                              --? owner
       AND c.company_id = :me.company_id AND c.owner_id IS NULL
       :part.filter
     ORDER BY c.id DESC NULLS LAST LIMIT :page.limit)
    UNION
    (WITH RECURSIVE lent(id) AS (
         (SELECT d.customer_id FROM deal AS d
          WHERE d.vendor_id = :me.company_id
            AND d.customer_id < coalesce(:page.after::bigint, 9223372036854775807)
          ORDER BY d.customer_id DESC LIMIT 1)
         UNION ALL
         SELECT (SELECT d.customer_id FROM deal AS d
                 WHERE d.vendor_id = :me.company_id AND d.customer_id < l.id
                 ORDER BY d.customer_id DESC LIMIT 1)
         FROM lent AS l WHERE l.id IS NOT NULL)
     SELECT c.* FROM lent AS l CROSS JOIN LATERAL (SELECT c.* FROM customer AS c
         WHERE c.id = l.id AND c.company_id <> :me.company_id
           AND c.owner_id = ANY (members_elsewhere(:owner))                   --? owner
         :part.filter
         ) AS c
     LIMIT :page.limit)
    UNION
    (SELECT c.* FROM participant AS p JOIN deal AS d ON d.id = p.on_id JOIN customer AS c ON c.id = d.customer_id
     WHERE p.member_id = :me.member_id AND p.on_kind = kind('deal') AND c.company_id <> :me.company_id
       AND c.owner_id = ANY (members_elsewhere(:owner))                       --? owner
       :part.filter
     ORDER BY c.id DESC NULLS LAST LIMIT :page.limit)
    ORDER BY id DESC NULLS LAST LIMIT :page.limit
)
SELECT c.id, c.name, CASE c.owner_id WHEN :me.member_id THEN (SELECT me_email()) ELSE o.email END AS owner, c.state,
       CASE c.company_id WHEN :me.company_id THEN (SELECT me_slug()) ELSE slug_of(c.company_id) END AS company,
       c.registration_no, c.registration_country, c.website, c.address, c.phone, c.size, c.version, c.created_at, c.updated_at,
       c.id AS "page.key"
FROM page AS c
LEFT JOIN emails_of((SELECT array_agg(owner_id) FROM page WHERE owner_id <> :me.member_id)) AS o ON o.id = c.owner_id
ORDER BY c.id DESC NULLS LAST
