-- The versions of a report, the earliest first, without their texts.
-- rows: versions
SELECT v.*, v.version::bigint AS "page.key"
FROM report_versions(:report_id,
    :page.after::int,                                                         --? page_token
    NULL,                                                                     --? !page_token
    :page.limit) AS v
ORDER BY v.version
LIMIT :page.limit
