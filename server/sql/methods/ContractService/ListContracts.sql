-- The contracts of the caller's company that the caller sees, the newest first: an arm a side of all of them, of those for
-- which the caller or those below are responsible, and of those for which nobody is. Each walks an index of its own.
-- rows: contracts
-- part: filter
       AND c.state = :state                       --? state
       AND c.to_at <= day_ends(:me.company_id, :ends_by::date)               --? ends_by
       AND c.id < :page.after::bigint             --? page_token
     ORDER BY c.id DESC LIMIT :page.limit
-- end
-- part: vendor
       AND c.vendor_id = (SELECT o.id FROM company AS o WHERE o.slug = :with)    --? with
-- end
-- part: principal
       AND c.company_id = (SELECT o.id FROM company AS o WHERE o.slug = :with)   --? with
-- end
SELECT v.*, c.id AS "page.key"
FROM (
    (SELECT c.* FROM contract AS c
     WHERE c.company_id = :me.company_id AND sight(noun('contract')) & 4 <> 0
       :part.vendor
       :part.filter
    )
    UNION ALL
    (SELECT c.* FROM contract AS c
     WHERE c.vendor_id = :me.company_id AND sight(noun('contract')) & 4 <> 0
       :part.principal
       :part.filter
    )
    UNION ALL
    (SELECT c.* FROM unnest(me_owners(noun('contract'))) AS o(id) CROSS JOIN LATERAL (
     SELECT c.* FROM contract AS c
     WHERE c.owner_id = o.id AND sight(noun('contract')) & 4 = 0
       :part.vendor
       :part.filter
    ) AS c)
    UNION ALL
    (SELECT c.* FROM unnest(me_owners(noun('contract'))) AS o(id) CROSS JOIN LATERAL (
     SELECT c.* FROM contract AS c
     WHERE c.vendor_owner_id = o.id AND sight(noun('contract')) & 4 = 0
       :part.principal
       :part.filter
    ) AS c)
    UNION ALL
    (SELECT c.* FROM contract AS c
     WHERE c.company_id = :me.company_id AND c.owner_id IS NULL AND sight(noun('contract')) & 6 = 2
       :part.vendor
       :part.filter
    )
    UNION ALL
    (SELECT c.* FROM contract AS c
     WHERE c.vendor_id = :me.company_id AND c.vendor_owner_id IS NULL AND sight(noun('contract')) & 6 = 2
       :part.principal
       :part.filter
    )
    ORDER BY id DESC LIMIT :page.limit
) AS c, contract_shown(c) AS v
ORDER BY c.id DESC
