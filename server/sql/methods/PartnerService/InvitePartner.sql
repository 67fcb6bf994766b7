-- Invites a company to be a vendor of the caller's.
SELECT p.id, p.company, p.name, p.side, p.state, p.updated_at, p.created_at, p.principal, p.vendor
FROM partner_invite(:company) AS p
