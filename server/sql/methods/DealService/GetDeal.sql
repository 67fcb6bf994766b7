-- A deal.
SELECT v.*, tags_of(kind('deal'), d.id) AS tags FROM deal AS d, deal_shown(d) AS v WHERE d.id = :deal_id
