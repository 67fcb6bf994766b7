-- Makes another member responsible for a customer, and for those that became a part of it.
WITH changed AS (
    UPDATE customer AS c SET owner_id = member_by_email(:owner)
    WHERE c.id = :customer_id AND check_version('customer', c.id, c.version, :version)
    RETURNING c
)
SELECT v.* FROM changed AS m, customer_shown(m.c) AS v
