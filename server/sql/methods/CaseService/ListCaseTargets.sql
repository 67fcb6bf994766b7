-- Within how many working days the company has its cases answered.
-- rows: targets
SELECT v.kind, v.severity, v.days, v.usual, v.no AS "page.key"
FROM case_targets(NULL) AS v
WHERE true
  AND v.no > :page.after::bigint                                                --? page_token
ORDER BY v.no
LIMIT :page.limit
