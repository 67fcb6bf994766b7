-- Asks a principal about a customer, and notes that it was asked.
SELECT v.verdict, v.until
FROM registration_ask(addressee_by_slug(:to), :customer, :registration_no, :phone) AS v
