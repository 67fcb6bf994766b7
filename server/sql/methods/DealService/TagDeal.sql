-- Gives a deal tags, and takes others from it.
SELECT v.*, tags_now(kind('deal'), d.id) AS tags
FROM deal_tag(:deal_id, :tags::text[], :remove::text[], :internal, :shared) AS t(id)
JOIN deal AS d ON d.id = t.id, deal_shown(d) AS v
