-- Gives a customer tags, and takes others from it.
SELECT v.*, tags_now(kind('customer'), c.id) AS tags
FROM customer_tag(:customer_id, :tags::text[], :remove::text[], :internal, :shared) AS t(id)
JOIN customer AS c ON c.id = t.id, customer_shown(c) AS v
