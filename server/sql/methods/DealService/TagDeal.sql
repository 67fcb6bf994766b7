-- Gives a deal tags, and takes others from it.
SELECT v.*
FROM deal_tag(:deal_id, :tags::text[], :remove::text[], :internal, :shared) AS t(id)
JOIN deal AS d ON d.id = t.id, deal_shown(d) AS v
