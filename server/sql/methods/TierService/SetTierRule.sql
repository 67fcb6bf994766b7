-- Sets a rule of a tier, or takes it away.
SELECT v.* FROM tier_rule_set(:tier, :measure, :over, :at_least::numeric, upper(:currency), :remove) AS t(id), tier_show(t.id) AS v
