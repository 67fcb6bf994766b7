-- Makes one customer a part of another.
SELECT v.* FROM customer_merge(:customer_id, :into, :version, :reason) AS c(id), customer_show(c.id) AS v
