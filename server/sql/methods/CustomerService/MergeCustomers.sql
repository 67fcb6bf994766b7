-- Makes one customer a part of another.
SELECT v.*, tags_now(kind('customer'), c.id) AS tags FROM customer_merge(:customer_id, :into, :version, :reason) AS c(id), customer_show(c.id) AS v
