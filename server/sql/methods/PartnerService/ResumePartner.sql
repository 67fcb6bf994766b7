-- Resumes the suspended partnership with a vendor.
SELECT p.id, p.company, p.name, p.side, p.state, p.updated_at, p.created_at, p.principal, p.vendor
FROM partner_change(:company, 'vendor', 'active') AS p
