-- The cases that the caller sees, the newest first: those of the own company, for one who sees all of it; else those that the
-- people whom the caller reaches opened or handle, what nobody handles yet, and suggestions; and of a vendor those that
-- others opened with it. Each arm walks an index of its own in order and stops at the page's end. Some are in two arms:
-- UNION takes them once. About one thing there are few: one arm walks these, and the policy says which are seen.
-- rows: cases
-- part: filter
           AND c.kind = :kind                                                --? kind
           AND c.state = :state                                              --? state
           AND (NOT :overdue::boolean OR case_is_late(c))                    --? overdue
           AND (SELECT o.id FROM company AS o WHERE o.slug = :with)          --? with
               IN (case_with(c), CASE WHEN c.company_id = :me.company_id THEN c.other_vendor_id END) --? with
           AND c.id < :page.after::bigint                                    --? page_token
         ORDER BY c.id DESC NULLS LAST LIMIT :page.limit
-- end
WITH page AS MATERIALIZED (
    (SELECT c.id FROM case_file AS c
         WHERE true
           AND c.company_id = (SELECT me_whole(noun('case')))                --? !on
           AND (c.on_kind, c.on_id) = (SELECT o.on_kind, o.on_id FROM object_seen(:on) AS o) --? on
           :part.filter
    )
    UNION
    (SELECT c.id FROM unnest(me_owners(noun('case'))) AS o(id) CROSS JOIN LATERAL (
         SELECT c.id FROM case_file AS c
         WHERE c.opened_by = o.id
           :part.filter
         ) AS c
     WHERE sight(noun('case')) & 4 = 0
       AND false                                                             --? on
    )
    UNION
    (SELECT c.id FROM unnest(me_owners(noun('case'))) AS o(id) CROSS JOIN LATERAL (
         SELECT c.id FROM case_file AS c
         WHERE c.handler_id = o.id
           :part.filter
         ) AS c
     WHERE sight(noun('case')) & 4 = 0
       AND false                                                             --? on
    )
    UNION
    (SELECT c.id FROM case_file AS c
         WHERE sight(noun('case')) & 6 = 2 AND c.company_id = :me.company_id AND c.handler_id IS NULL
           AND false                                                         --? on
           :part.filter
    )
    UNION
    (SELECT c.id FROM case_file AS c
         WHERE sight(noun('case')) & 4 = 0 AND c.company_id = :me.company_id AND c.kind = 'suggestion'
           AND false                                                         --? on
           :part.filter
    )
    UNION
    (SELECT c.id FROM case_file AS c
         WHERE sight(noun('case')) & 14 <> 0 AND c.vendor_id = :me.company_id
           AND false                                                         --? on
           :part.filter
    )
    UNION
    (SELECT c.id FROM case_file AS c
         WHERE sight(noun('case')) & 6 <> 0 AND c.other_vendor_id = :me.company_id
           AND false                                                         --? on
           :part.filter
    )
    ORDER BY id DESC LIMIT :page.limit
)
SELECT v.*, c.id AS "page.key" FROM page AS p JOIN case_file AS c ON c.id = p.id, case_shown(c) AS v ORDER BY c.id DESC
