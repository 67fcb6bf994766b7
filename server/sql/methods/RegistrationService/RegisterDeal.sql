-- Registers a deal with a principal. Where the customer is taken the row has the refusal alone: that it was asked stays.
SELECT v.*, r.refusal AS "call.refusal"
FROM registration_register(addressee_by_slug(:to), :title, :customer, :registration_no, :phone, :contact,
         money(:amount.amount, :amount.currency), upper(:amount.currency), :text) AS r
LEFT JOIN LATERAL (SELECT v.* FROM registration_show(r.id) AS x, registration_shown(x) AS v) AS v ON true
