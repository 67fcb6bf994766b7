-- What a thing refers to, and what refers to it, the newest first; each arm walks an index of its own. With a customer also
-- what was linked with customers that became a part of it. The thing itself is asked once for its title, and deals are
-- looked up by the statement, whose policies are set up once; object_title(), by which they are set up for each, has the rest.
-- rows: links
-- part: filter
       AND l.id < :page.after::bigint                                         --? page_token
     ORDER BY l.id DESC LIMIT :page.limit
-- end
WITH asked AS MATERIALIZED (
    SELECT o.on_kind, o.on_id, object_title(o.on_kind, o.on_id) AS title FROM object_seen(:on) AS o
), thing AS MATERIALIZED (
    SELECT a.on_kind, n.id AS on_id FROM asked AS a, unnest(object_numbers(a.on_kind, a.on_id)) AS n(id)
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
    ORDER BY id DESC LIMIT :page.limit
) AS l
CROSS JOIN asked AS a
CROSS JOIN LATERAL (SELECT l.from_kind = a.on_kind AND l.from_id = a.on_id AS here, l.to_kind = a.on_kind AND l.to_id = a.on_id AS there) AS w
LEFT JOIN deal AS d ON d.id = CASE WHEN w.here AND l.to_kind = kind('deal') THEN l.to_id
    WHEN w.there AND l.from_kind = kind('deal') THEN l.from_id END
CROSS JOIN LATERAL link_titled(l,
    CASE WHEN w.here THEN a.title WHEN w.there AND l.from_kind = kind('deal') THEN d.title ELSE object_title(l.from_kind, l.from_id) END,
    CASE WHEN w.there THEN a.title WHEN w.here AND l.to_kind = kind('deal') THEN d.title ELSE object_title(l.to_kind, l.to_id) END) AS v
ORDER BY v.id DESC
LIMIT :page.limit
