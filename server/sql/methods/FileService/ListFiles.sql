-- The files on a thing that the caller knows, the newest first.
-- rows: files
SELECT v.*, v.id AS "page.key"
FROM (SELECT f.* FROM file AS f
      WHERE (f.on_kind, f.on_id) = (SELECT o.on_kind, o.on_id FROM object_known(:on) AS o)
        AND f.state = 'complete'
        AND f.id < :page.after::bigint                                        --? page_token
      ORDER BY f.id DESC LIMIT :page.limit) AS f, file_shown(f, NULL) AS v
ORDER BY v.id DESC
LIMIT :page.limit
