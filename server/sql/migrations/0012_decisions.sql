-- Decisions name what they judged, and stay.
-- definitions: 656e850513430e84101e898898854ade4502c8a61a6d6e7c59cab325088a18fb

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- Reports: every decision is noted, with words or without.

ALTER TABLE report_comment ALTER COLUMN text DROP NOT NULL;
COMMENT ON TABLE report_comment IS
    'What reviewers decided on a version, and said. Only ever added to. Who sees the report sees it.';
COMMENT ON COLUMN report_comment.text IS 'The comment; NULL where it was accepted without words.';
DROP FUNCTION report_review(bigint, text, text);

-- Those of before are in the log of changes: a version is decided on once, and is then the latest.
INSERT INTO report_comment (report_id, version, member_id, decision, at)
SELECT DISTINCT ON (d.report_id, v.version) d.report_id, v.version, d.member_id, d.decision, d.at
FROM (SELECT a.id, a.company_id, a.object_id, a.object_id::bigint AS report_id, a.member_id, a.at,
             a.after ->> 'state' AS decision
      FROM audit_log AS a
      WHERE a.object = 'report' AND a.action = 'update' AND a.member_id IS NOT NULL
        AND a.after ->> 'state' IN ('returned', 'accepted')) AS d
CROSS JOIN LATERAL (
    SELECT coalesce(max((b.after ->> 'version')::int), 1) AS version FROM audit_log AS b
    WHERE b.company_id = d.company_id AND b.object = 'report' AND b.object_id = d.object_id
      AND b.id < d.id) AS v
WHERE NOT EXISTS (SELECT FROM report_comment AS c
                  WHERE c.report_id = d.report_id AND c.version = v.version)
  AND EXISTS (SELECT FROM report AS r WHERE r.id = d.report_id)
ORDER BY d.report_id, v.version, d.id;
