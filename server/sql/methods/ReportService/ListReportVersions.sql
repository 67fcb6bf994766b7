-- The versions of a report, the earliest first, without their texts.
-- rows: versions
SELECT s.*, v.version::bigint AS "page.key"
FROM revision AS v, report_version_shown(v) AS s
WHERE v.on_kind = kind('report') AND v.on_id = (SELECT report_seen(:report_id))
  AND v.version > :page.after::bigint                                         --? page_token
ORDER BY v.version
LIMIT :page.limit
