-- A payment.
SELECT v.* FROM payment AS p, payment_shown(p) AS v WHERE p.id = :payment_id
