-- Adds a person at a customer, or at the one that it became a part of.
WITH made AS (
    INSERT INTO contact AS k (company_id, customer_id, name, title, function, email, phone, wechat, note)
    SELECT c.company_id, c.id, :name, :title, coalesce(:function, 'other'), lower(:email), :phone, :wechat, :note
    FROM customer AS c WHERE c.id = customer_asked(:customer_id)
    RETURNING k
)
SELECT v.* FROM made AS m, contact_shown(m.k) AS v
