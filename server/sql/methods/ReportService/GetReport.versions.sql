-- The versions, the earliest first; of very many the latest 100, and no texts beyond the latest
-- 200,000 bytes: an answer has its limit.
-- rows: versions
SELECT s.*, CASE WHEN v.bytes <= 200000 THEN (v.version).body END AS body
FROM (SELECT x AS version, sum(octet_length(x.body)) OVER (ORDER BY x.version DESC) AS bytes
      FROM revision AS x
      WHERE x.on_kind = kind('report') AND x.on_id = :report_id ORDER BY x.version DESC LIMIT 100) AS v
CROSS JOIN LATERAL report_version_shown(v.version) AS s
ORDER BY s.version
