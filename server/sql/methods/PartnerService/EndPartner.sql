-- Ends the partnership with a company, from either side.
SELECT p.*
FROM partner_change(:company, :side, 'ended') AS p
