-- Ends the partnership with a company, from either side.
SELECT p.id, p.company, p.name, p.side, p.state, p.updated_at, p.created_at, p.principal, p.vendor
FROM partner_change(:company, :side, 'ended') AS p
