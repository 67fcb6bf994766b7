-- A deal.
SELECT v.* FROM deal AS d, deal_shown(d) AS v WHERE d.id = :deal_id
