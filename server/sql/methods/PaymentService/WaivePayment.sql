-- Waives a payment to the caller's company.
SELECT v.* FROM payment_answer(:payment_id, 'waived', :reason, :version) AS d(id), payment_show(d.id) AS p, payment_shown(p) AS v
