-- The files on a thing that the caller knows, the newest first; on a customer also those of customers that became a part of it.
-- rows: files
SELECT v.*, v.id AS "page.key"
FROM (SELECT f.* FROM object_known(:on) AS o, unnest(object_numbers(o.on_kind, o.on_id)) AS n(id) CROSS JOIN LATERAL (
          SELECT f.* FROM file AS f
          WHERE f.on_kind = o.on_kind AND f.on_id = n.id
            AND f.state = 'complete'
            AND f.id < :page.after::bigint                                    --? page_token
          ORDER BY f.id DESC LIMIT :page.limit) AS f) AS f, file_shown(f, NULL) AS v
ORDER BY v.id DESC
LIMIT :page.limit
