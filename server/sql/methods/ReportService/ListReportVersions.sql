-- The versions of a report, the earliest first, without their texts.
-- rows: versions
SELECT s.*, v.version::bigint AS "page.key"
FROM report_version AS v, report_version_shown(v) AS s
WHERE v.report_id = (SELECT report_seen(:report_id))
  AND v.version > :page.after::bigint                                         --? page_token
ORDER BY v.version
LIMIT :page.limit
