-- Defines a tier, or changes it. What is absent stays.
SELECT v.* FROM tier_define(:code, :name, :position, :note) AS t(id), tier_show(t.id) AS v
