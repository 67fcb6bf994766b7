-- Customers of the caller's company of which an open deal is another one's than the customer: of the deals that the caller sees. By
-- how deals are looked after, which says whose their customers are: an arm of all deals of the company, of those of the people whom the
-- caller reaches, and of those in which the caller takes part.
-- rows: overlaps
-- part: seen
           AND p.open AND p.member_id <> p.customer_owner_id
           AND (p.customer_owner_id = 0 OR (SELECT me_whole(noun('customer'))) IS NOT NULL
                OR p.customer_owner_id = ANY ((SELECT me_owners(noun('customer')))::bigint[]))
           AND p.customer_id < :page.after::bigint                            --? page_token
         ORDER BY p.customer_id DESC LIMIT :page.limit
-- end
SELECT c.id, c.name, email_known(c.owner_id) AS owner, o.deal_owners, o.more_deal_owners, c.id AS "page.key"
FROM (
    SELECT DISTINCT w.id FROM (
        (SELECT DISTINCT p.customer_id AS id FROM deal_pulse AS p
         WHERE p.company_id = (SELECT me_whole(noun('deal')))
           :part.seen
        )
        UNION ALL
        (SELECT p.id FROM overlaps_ahead(
             :page.after::bigint,                                             --? page_token
             NULL,                                                            --? !page_token
             :page.limit) AS o(id, least_id) CROSS JOIN LATERAL (
         SELECT DISTINCT p.customer_id AS id FROM deal_pulse AS p
         WHERE p.member_id = o.id AND p.company_id = :me.company_id AND (p.customer_id, 0) >= (o.least_id, 0)
           :part.seen
        ) AS p)
        UNION ALL
        (SELECT t.id FROM overlaps_taking_part(
             :page.after::bigint,                                             --? page_token
             NULL,                                                            --? !page_token
             :page.limit) AS t(id))
    ) AS w ORDER BY w.id DESC LIMIT :page.limit
) AS w
JOIN customer AS c ON c.id = w.id
CROSS JOIN LATERAL (
    SELECT (array_agg(d.email ORDER BY d.email))[:100] AS deal_owners, nullif(count(*) > 100, false) AS more_deal_owners
    FROM (SELECT email_known(d.owner_id) AS email FROM (SELECT DISTINCT d.owner_id FROM deal AS d
          WHERE d.customer_id = c.id AND d.outcome = 'open') AS d) AS d
) AS o
ORDER BY c.id DESC
