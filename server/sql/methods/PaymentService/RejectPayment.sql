-- Says that a payment to the caller's company did not come: it is due again.
SELECT v.* FROM payment_answer(:payment_id, 'due', :reason, :version) AS d(id), payment_show(d.id) AS p, payment_shown(p) AS v
