-- Records that the caller's company paid. Who may and what follows, the function says.
SELECT v.* FROM payment_pay(:payment_id, :on, :amount, :reference, :version) AS d(id), payment_show(d.id) AS p, payment_shown(p) AS v
