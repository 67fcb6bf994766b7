-- Suspends the partnership with a vendor.
SELECT p.*
FROM partner_change(:company, 'vendor', 'suspended') AS p
