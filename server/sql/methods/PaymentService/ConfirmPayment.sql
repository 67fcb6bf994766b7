-- Confirms a payment to the caller's company.
SELECT v.* FROM payment_answer(:payment_id, 'confirmed', NULL, :version) AS d(id), payment_show(d.id) AS p, payment_shown(p) AS v
