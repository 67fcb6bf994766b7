-- The company's imports, the newest first.
-- rows: imports
SELECT v.*, v.id AS "page.key"
FROM (SELECT i.* FROM import AS i
      WHERE i.company_id = :me.company_id
        AND i.kind = :kind                                                    --? kind
        AND i.id < :page.after::bigint                                        --? page_token
      ORDER BY i.id DESC LIMIT :page.limit) AS i, import_shown(i) AS v
ORDER BY v.id DESC
LIMIT :page.limit
