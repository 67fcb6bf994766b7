-- The company's exports, the newest first.
-- rows: exports
SELECT v.*, v.id AS "page.key"
FROM (SELECT e.* FROM export AS e
      WHERE e.company_id = :me.company_id
        AND e.id < :page.after::bigint                                        --? page_token
      ORDER BY e.id DESC LIMIT :page.limit) AS e, export_shown(e) AS v
ORDER BY v.id DESC
LIMIT :page.limit
