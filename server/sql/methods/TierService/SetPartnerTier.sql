-- Puts a vendor into a tier.
SELECT p.* FROM tier_set(:company, :tier, :reason) AS t(id), partner_show(t.id) AS p
