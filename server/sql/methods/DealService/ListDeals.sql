-- The deals that the caller sees, the newest first: those of the own company (for one who sees more
-- than the own), the own,
-- and those that principals share with it. Each part walks an index of its own in order and stops
-- at the page's end;
-- in one condition, the policy would hide the order. Of the first two only one is run.
-- rows: deals
SELECT d.id, d.title, c.name AS customer, d.stage, d.amount::text AS "amount.amount",
       d.currency AS "amount.currency",
       coalesce(m.email, email_of(d.owner_id)) AS owner, slug_of(d.vendor_id) AS vendor, o.slug AS company,
           d.version,
       d.created_at, d.updated_at, d.closed_at, CASE d.outcome WHEN 'lost'
           THEN d.stage_reason END AS lost_reason, d.id AS "page.key"
FROM (
    (SELECT d.* FROM deal AS d
     WHERE d.company_id = :me.company_id AND me_sight() & 6 <> 0
       AND d.owner_id = (SELECT x.id FROM member AS x                         --? owner
                         WHERE x.company_id = :me.company_id           --? owner
                           AND x.email = lower(:owner))                   --? owner
       AND d.stage = (SELECT stage_known(:stage))                              --? stage
       AND d.vendor_id = (SELECT x.id FROM company AS x WHERE x.slug = :vendor)   --? vendor
       AND (position(folded(:search) IN folded(d.title)) > 0                  --? search
            OR EXISTS (SELECT FROM customer AS x WHERE x.id = d.customer_id   --? search
                       AND position(folded(:search) IN folded(x.name)) > 0))  --? search
       AND d.id < :page.after::bigint                                         --? page_token
     ORDER BY d.id DESC LIMIT :page.limit)
    UNION ALL
    (SELECT d.* FROM deal AS d
     WHERE d.company_id = :me.company_id AND d.owner_id = :me.member_id AND me_sight() & 6 = 0
       AND d.owner_id = (SELECT x.id FROM member AS x                         --? owner
                         WHERE x.company_id = :me.company_id           --? owner
                           AND x.email = lower(:owner))                   --? owner
       AND d.stage = (SELECT stage_known(:stage))                              --? stage
       AND d.vendor_id = (SELECT x.id FROM company AS x WHERE x.slug = :vendor)   --? vendor
       AND (position(folded(:search) IN folded(d.title)) > 0                  --? search
            OR EXISTS (SELECT FROM customer AS x WHERE x.id = d.customer_id   --? search
                       AND position(folded(:search) IN folded(x.name)) > 0))  --? search
       AND d.id < :page.after::bigint                                         --? page_token
     ORDER BY d.id DESC LIMIT :page.limit)
    UNION ALL
    (SELECT d.* FROM deal AS d
     WHERE d.vendor_id = :me.company_id
       AND (SELECT members_elsewhere(:owner)) IS NOT NULL                      --? owner
       AND d.owner_id = ANY ((SELECT members_elsewhere(:owner))::bigint[])     --? owner
       AND d.stage = (SELECT stage_known(:stage))                              --? stage
       AND d.vendor_id = (SELECT x.id FROM company AS x WHERE x.slug = :vendor)   --? vendor
       AND (position(folded(:search) IN folded(d.title)) > 0                  --? search
            OR EXISTS (SELECT FROM customer AS x WHERE x.id = d.customer_id   --? search
                       AND position(folded(:search) IN folded(x.name)) > 0))  --? search
       AND d.id < :page.after::bigint                                         --? page_token
     ORDER BY d.id DESC LIMIT :page.limit)
    ORDER BY id DESC LIMIT :page.limit
) AS d
LEFT JOIN customer AS c ON c.id = d.customer_id
LEFT JOIN member AS m ON m.id = d.owner_id
LEFT JOIN company AS o ON o.id = d.company_id
ORDER BY d.id DESC
