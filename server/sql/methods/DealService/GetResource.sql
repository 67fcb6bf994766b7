-- A resource of a deal.
SELECT v.* FROM resource AS r, resource_shown(r) AS v WHERE r.id = :resource_id
