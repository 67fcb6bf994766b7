-- What was logged on the customer itself of late, and on those that became a part of it, the newest first.
-- rows: activities
SELECT v.*, a.id AS "page.key"
FROM (SELECT a.* FROM unnest(object_numbers(kind('customer'), customer_now(:customer_id))) AS n(id) CROSS JOIN LATERAL (
          SELECT a.* FROM activity AS a WHERE a.customer_id = n.id ORDER BY a.id DESC LIMIT :page.limit) AS a
      ORDER BY a.id DESC LIMIT :page.limit) AS a, activity_shown(a) AS v
ORDER BY a.id DESC
