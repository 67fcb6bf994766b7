-- The versions, the earliest first; of very many the latest 100, and no texts beyond the latest
-- 300,000 bytes: an answer has its limit.
-- rows: versions
SELECT v.version, v.title, CASE WHEN v.bytes <= 300000 THEN v.body END AS body,
       encode(v.sha256, 'hex') AS sha256, encode(v.digest, 'hex') AS digest,
       v.submitted_at
FROM (SELECT x.*, sum(octet_length(x.body)) OVER (ORDER BY x.version DESC) AS bytes
      FROM report_version AS x WHERE x.report_id = :report_id ORDER BY x.version DESC
          LIMIT 100) AS v
ORDER BY v.version
