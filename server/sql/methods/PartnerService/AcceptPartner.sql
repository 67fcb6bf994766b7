-- Accepts a principal's invitation; without one the pipeline of partnerships says why that cannot be.
WITH accepted AS MATERIALIZED (SELECT * FROM partner_accept(:company))
SELECT p.id, p.company, p.name, p.side, p.state, p.updated_at, p.created_at, p.principal, p.vendor
FROM accepted AS p
UNION ALL
SELECT p.id, p.company, p.name, p.side, p.state, p.updated_at, p.created_at, p.principal, p.vendor
FROM (SELECT WHERE NOT EXISTS (SELECT FROM accepted)) AS none,
     LATERAL partner_change(:company, 'principal', 'active') AS p
