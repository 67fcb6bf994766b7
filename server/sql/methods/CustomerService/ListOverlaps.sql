-- Customers of the caller's company of which an open deal is another one's than the customer: of the deals that the caller sees.
-- rows: overlaps
SELECT c.id, c.name, email_of(c.owner_id) AS owner, o.deal_owners, o.more_deal_owners, c.id AS "page.key"
FROM (SELECT c.* FROM customer AS c
      WHERE c.company_id = :me.company_id AND c.state <> 'merged'
        AND customer_overlaps(c)
        AND c.id < :page.after::bigint                                        --? page_token
      ORDER BY c.id DESC NULLS LAST LIMIT :page.limit) AS c,
     customer_deal_owners(c.id) AS o
ORDER BY c.id DESC
LIMIT :page.limit
