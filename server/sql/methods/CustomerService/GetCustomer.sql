-- A customer; of one that was merged, the one that it became a part of.
SELECT v.*, k.contacts, k.more_contacts, o.deals, o.more_deals, tags_of(kind('customer'), c.id) AS tags,
       customer_touched(c.id) AS touched_at, f.*
FROM customer AS c, customer_shown(c) AS v, customer_contacts(c.id) AS k, customer_deals(c.id) AS o,
     customer_satisfaction(c.id) AS f
WHERE c.id = customer_now(:customer_id)
