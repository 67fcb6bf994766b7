-- Resumes the suspended partnership with a vendor.
SELECT p.*
FROM partner_change(:company, 'vendor', 'active') AS p
