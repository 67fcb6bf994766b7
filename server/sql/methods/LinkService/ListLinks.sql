-- What a thing refers to, and what refers to it, the newest first; each arm walks an index of its own. With a customer also
-- what was linked with customers that became a part of it.
-- rows: links
-- part: filter
       AND l.id < :page.after::bigint                                         --? page_token
     ORDER BY l.id DESC LIMIT :page.limit
-- end
WITH thing AS MATERIALIZED (
    SELECT o.on_kind, n.id AS on_id FROM object_seen(:on) AS o, unnest(object_numbers(o.on_kind, o.on_id)) AS n(id)
)
SELECT v.*, v.id AS "page.key"
FROM (
    SELECT l.* FROM thing AS t CROSS JOIN LATERAL (
     SELECT l.* FROM link AS l
     WHERE l.from_kind = t.on_kind AND l.from_id = t.on_id
       :part.filter
    ) AS l
    UNION ALL
    SELECT l.* FROM thing AS t CROSS JOIN LATERAL (
     SELECT l.* FROM link AS l
     WHERE l.to_kind = t.on_kind AND l.to_id = t.on_id
       :part.filter
    ) AS l
) AS l, link_shown(l) AS v
ORDER BY v.id DESC
LIMIT :page.limit
