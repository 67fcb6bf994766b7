-- Payments by when they are due: of one contract; or an arm a side of all of them, of those of contracts for which the caller or
-- those below are responsible, and of those for which nobody is. For each state every arm walks an index of its own in order and
-- stops at the page's end.
-- rows: payments
-- part: filter
           AND p.due_at <= CASE WHEN :due_by::date IS NULL THEN 'infinity' ELSE day_ends(:me.company_id, :due_by::date) END
           AND (p.due_at, p.id) > (split_part(:page.after::text, '/', 1)::timestamptz, --? page_token
                                   split_part(:page.after::text, '/', 2)::bigint)      --? page_token
         ORDER BY p.due_at, p.id LIMIT :page.limit
-- end
-- part: vendor
           AND p.vendor_id = (SELECT o.id FROM company AS o WHERE o.slug = :with)    --? with
           :part.filter
-- end
-- part: principal
           AND p.company_id = (SELECT o.id FROM company AS o WHERE o.slug = :with)   --? with
           :part.filter
-- end
WITH page AS MATERIALIZED (
    (SELECT p.* FROM unnest(payment_states(:state, :contract_id)) AS s(state) CROSS JOIN LATERAL (
         SELECT p.* FROM payment AS p
         WHERE p.contract_id = :contract_id AND p.state = s.state
           AND :with IN (slug_of(p.company_id), slug_of(p.vendor_id))                --? with
           :part.filter
         ) AS p
     WHERE :contract_id::bigint IS NOT NULL
       AND EXISTS (SELECT FROM object_seen('contract/' || :contract_id))             --? contract_id
    )
    UNION ALL
    (SELECT p.* FROM unnest(payment_states(:state, :contract_id)) AS s(state) CROSS JOIN LATERAL (
         SELECT p.* FROM payment AS p
         WHERE p.company_id = :me.company_id AND p.state = s.state AND sight(noun('contract')) & 4 <> 0
         :part.vendor
         ) AS p
     WHERE :contract_id::bigint IS NULL
    )
    UNION ALL
    (SELECT p.* FROM unnest(payment_states(:state, :contract_id)) AS s(state) CROSS JOIN LATERAL (
         SELECT p.* FROM payment AS p
         WHERE p.vendor_id = :me.company_id AND p.state = s.state AND sight(noun('contract')) & 4 <> 0
         :part.principal
         ) AS p
     WHERE :contract_id::bigint IS NULL
    )
    UNION ALL
    (SELECT p.* FROM unnest(me_owners(noun('contract'))) AS o(id)
     CROSS JOIN unnest(payment_states(:state, :contract_id)) AS s(state) CROSS JOIN LATERAL (
         SELECT p.* FROM payment AS p
         WHERE p.owner_id = o.id AND p.state = s.state
         :part.vendor
         ) AS p
     WHERE sight(noun('contract')) & 4 = 0 AND :contract_id::bigint IS NULL
    )
    UNION ALL
    (SELECT p.* FROM unnest(me_owners(noun('contract'))) AS o(id)
     CROSS JOIN unnest(payment_states(:state, :contract_id)) AS s(state) CROSS JOIN LATERAL (
         SELECT p.* FROM payment AS p
         WHERE p.vendor_owner_id = o.id AND p.state = s.state
         :part.principal
         ) AS p
     WHERE sight(noun('contract')) & 4 = 0 AND :contract_id::bigint IS NULL
    )
    UNION ALL
    (SELECT p.* FROM unnest(payment_states(:state, :contract_id)) AS s(state) CROSS JOIN LATERAL (
         SELECT p.* FROM payment AS p
         WHERE p.company_id = :me.company_id AND p.owner_id IS NULL AND p.state = s.state AND sight(noun('contract')) & 6 = 2
         :part.vendor
         ) AS p
     WHERE :contract_id::bigint IS NULL
    )
    UNION ALL
    (SELECT p.* FROM unnest(payment_states(:state, :contract_id)) AS s(state) CROSS JOIN LATERAL (
         SELECT p.* FROM payment AS p
         WHERE p.vendor_id = :me.company_id AND p.vendor_owner_id IS NULL AND p.state = s.state AND sight(noun('contract')) & 6 = 2
         :part.principal
         ) AS p
     WHERE :contract_id::bigint IS NULL
    )
    ORDER BY due_at, id LIMIT :page.limit
)
SELECT v.*, concat_ws('/', p.due_at, p.id) AS "page.key"
FROM page AS p, payment_shown(p) AS v
ORDER BY p.due_at, p.id
