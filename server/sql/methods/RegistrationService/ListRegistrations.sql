-- The registrations that the caller sees, the newest first: an arm a side for one who sees the whole company's; else an arm for
-- each person whom the caller reaches, on either side, and for those of the principal that nobody has. Each walks an index of
-- its own in order and stops at the page's end.
-- rows: registrations
-- part: filter
           AND r.state = :state                                              --? state
           AND r.id < :page.after::bigint                                    --? page_token
         ORDER BY r.id DESC NULLS LAST LIMIT :page.limit
-- end
WITH page AS MATERIALIZED (
    (SELECT r.* FROM registration AS r
         WHERE r.company_id = (SELECT me_whole(noun('registration')))
           AND r.vendor_id = (SELECT o.id FROM company AS o WHERE o.slug = :with) --? with
           :part.filter
    )
    UNION ALL
    (SELECT r.* FROM registration AS r
         WHERE r.vendor_id = (SELECT me_whole(noun('registration')))
           AND r.company_id = (SELECT o.id FROM company AS o WHERE o.slug = :with) --? with
           :part.filter
    )
    UNION ALL
    (SELECT r.* FROM unnest(me_owners(noun('registration'))) AS o(id) CROSS JOIN LATERAL (
         SELECT r.* FROM registration AS r
         WHERE r.owner_id = o.id
           AND r.vendor_id = (SELECT c.id FROM company AS c WHERE c.slug = :with) --? with
           :part.filter
         ) AS r
     WHERE sight(noun('registration')) & 4 = 0)
    UNION ALL
    (SELECT r.* FROM unnest(me_owners(noun('registration'))) AS o(id) CROSS JOIN LATERAL (
         SELECT r.* FROM registration AS r
         WHERE r.member_id = o.id
           AND r.company_id = (SELECT c.id FROM company AS c WHERE c.slug = :with) --? with
           :part.filter
         ) AS r
     WHERE sight(noun('registration')) & 4 = 0)
    UNION ALL
    (SELECT r.* FROM registration AS r
         WHERE sight(noun('registration')) & 6 = 2 AND r.company_id = :me.company_id AND r.owner_id IS NULL
           AND r.vendor_id = (SELECT c.id FROM company AS c WHERE c.slug = :with) --? with
           :part.filter
    )
    ORDER BY id DESC LIMIT :page.limit
)
SELECT v.*, r.id AS "page.key" FROM page AS r, registration_shown(r) AS v ORDER BY r.id DESC
