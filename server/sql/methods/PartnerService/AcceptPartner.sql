-- Accepts a principal's invitation; without one the pipeline of partnerships says why that cannot be.
WITH accepted AS MATERIALIZED (SELECT * FROM partner_accept(:company, :sha256))
SELECT p.*
FROM accepted AS p
UNION ALL
SELECT p.*
FROM (SELECT WHERE NOT EXISTS (SELECT FROM accepted)) AS none,
     LATERAL partner_change(:company, 'principal', 'active') AS p
