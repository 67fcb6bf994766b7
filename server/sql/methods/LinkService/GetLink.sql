-- A link.
SELECT v.* FROM link AS l, link_shown(l) AS v WHERE l.id = :link_id
