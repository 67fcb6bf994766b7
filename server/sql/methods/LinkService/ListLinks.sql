-- What a thing refers to, and what refers to it, the newest first; each arm walks an index of its own.
-- rows: links
-- part: filter
       AND l.id < :page.after::bigint                                         --? page_token
     ORDER BY l.id DESC LIMIT :page.limit
-- end
WITH thing AS MATERIALIZED (SELECT * FROM object_seen(:on))
SELECT v.*, v.id AS "page.key"
FROM (
    (SELECT l.* FROM link AS l
     WHERE l.from_kind = (SELECT t.on_kind FROM thing AS t)
       AND l.from_id = (SELECT t.on_id FROM thing AS t)
       :part.filter
    )
    UNION ALL
    (SELECT l.* FROM link AS l
     WHERE l.to_kind = (SELECT t.on_kind FROM thing AS t)
       AND l.to_id = (SELECT t.on_id FROM thing AS t)
       :part.filter
    )
) AS l, link_shown(l) AS v
ORDER BY v.id DESC
LIMIT :page.limit
