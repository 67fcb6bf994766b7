-- Begins the onboarding of a vendor.
SELECT p.*, o.onboarding, o.points
FROM partner_onboard(:company, :checklist) AS a(id), partner_show(a.id) AS p, partner_onboarding(a.id) AS o
