-- Decisions name what they judged, and stay.
-- definitions: d93fb0194283e1f3b61af6c8120ede8f7a15a5a91228375c06ba9ec85728bad4

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
  AND EXISTS (SELECT FROM report_version AS r
              WHERE r.report_id = d.report_id AND r.version = v.version)
ORDER BY d.report_id, v.version, d.id;

---- KPIs: targets and evaluations are kept, as records are; an evaluation names what it judged.

CREATE TABLE kpi_target (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    line_id    bigint NOT NULL REFERENCES kpi_line,
    company_id bigint NOT NULL,
    value      numeric NOT NULL CHECK (value >= 0),
    member_id  bigint NOT NULL REFERENCES member,
    at         timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE kpi_target IS
    'The targets that a line had. Only ever added to; the latest counts. Who sees the line sees it.';
COMMENT ON COLUMN kpi_target.id IS 'Orders the targets.';
COMMENT ON COLUMN kpi_target.line_id IS 'The line.';
COMMENT ON COLUMN kpi_target.company_id IS 'The line''s company, copied.';
COMMENT ON COLUMN kpi_target.value IS 'What was to be reached, in the KPI''s unit.';
COMMENT ON COLUMN kpi_target.member_id IS 'Who set it.';
COMMENT ON COLUMN kpi_target.at IS 'When.';
CREATE INDEX kpi_target_of_line ON kpi_target (line_id, id DESC);
ALTER TABLE kpi_target ENABLE ROW LEVEL SECURITY;

CREATE TABLE kpi_evaluation (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    line_id    bigint NOT NULL REFERENCES kpi_line,
    company_id bigint NOT NULL,
    target     numeric,
    actual     numeric,
    text       text NOT NULL CHECK (length(text) BETWEEN 1 AND 1000),
    member_id  bigint NOT NULL REFERENCES member,
    at         timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE kpi_evaluation IS
    'What was said of a line, and by which figures. Only ever added to; the latest counts. Who sees '
    'the line sees it.';
COMMENT ON COLUMN kpi_evaluation.id IS 'Orders the evaluations.';
COMMENT ON COLUMN kpi_evaluation.line_id IS 'The line.';
COMMENT ON COLUMN kpi_evaluation.company_id IS 'The line''s company, copied.';
COMMENT ON COLUMN kpi_evaluation.target IS 'The target that it was judged by; NULL: none was set.';
COMMENT ON COLUMN kpi_evaluation.actual IS 'What was judged; NULL: nothing was recorded.';
COMMENT ON COLUMN kpi_evaluation.text IS 'The evaluation, in words.';
COMMENT ON COLUMN kpi_evaluation.member_id IS 'Who evaluated.';
COMMENT ON COLUMN kpi_evaluation.at IS 'When.';
CREATE INDEX kpi_evaluation_of_line ON kpi_evaluation (line_id, id DESC);
ALTER TABLE kpi_evaluation ENABLE ROW LEVEL SECURITY;

ALTER TABLE kpi_line ADD COLUMN evaluated_target numeric, ADD COLUMN evaluated_actual numeric;
COMMENT ON COLUMN kpi_line.evaluated_target IS 'The target when it was evaluated.';
COMMENT ON COLUMN kpi_line.evaluated_actual IS 'What was reached when it was evaluated.';
ALTER TYPE kpi_line_view ADD ATTRIBUTE reached boolean, ADD ATTRIBUTE evaluated_target text,
    ADD ATTRIBUTE evaluated_actual text, ADD ATTRIBUTE outdated boolean;

-- What was set and said before is in the log of changes, with the figures of that time.
INSERT INTO kpi_target (line_id, company_id, value, member_id, at)
SELECT l.id, l.company_id, (a.after ->> 'target')::numeric, a.member_id, a.at
FROM audit_log AS a JOIN kpi_line AS l ON l.id = a.object_id::bigint
WHERE a.object = 'kpi_line' AND a.company_id = l.company_id AND a.member_id IS NOT NULL
  AND a.after ->> 'target' IS NOT NULL
ORDER BY a.id;
INSERT INTO kpi_evaluation (line_id, company_id, target, actual, text, member_id, at)
SELECT l.id, l.company_id, t.value, r.value, e.text, a.member_id, a.at
FROM audit_log AS a JOIN kpi_line AS l ON l.id = a.object_id::bigint
CROSS JOIN LATERAL (
    SELECT b.after ->> 'evaluation' AS text FROM audit_log AS b
    WHERE b.company_id = a.company_id AND b.object = 'kpi_line' AND b.object_id = a.object_id
      AND b.id <= a.id AND b.after ? 'evaluation' ORDER BY b.id DESC LIMIT 1) AS e
LEFT JOIN LATERAL (
    SELECT (b.after ->> 'target')::numeric AS value FROM audit_log AS b
    WHERE b.company_id = a.company_id AND b.object = 'kpi_line' AND b.object_id = a.object_id
      AND b.id < a.id AND b.after ? 'target' ORDER BY b.id DESC LIMIT 1) AS t ON true
LEFT JOIN LATERAL (
    SELECT (b.after ->> 'actual')::numeric AS value FROM audit_log AS b
    WHERE b.company_id = a.company_id AND b.object = 'kpi_line' AND b.object_id = a.object_id
      AND b.id < a.id AND b.after ? 'actual' ORDER BY b.id DESC LIMIT 1) AS r ON true
WHERE a.object = 'kpi_line' AND a.company_id = l.company_id AND a.member_id IS NOT NULL
  AND a.after ->> 'evaluated_at' IS NOT NULL
ORDER BY a.id;
UPDATE kpi_line AS l SET evaluated_target = e.target, evaluated_actual = e.actual
FROM (SELECT DISTINCT ON (line_id) * FROM kpi_evaluation ORDER BY line_id, id DESC) AS e
WHERE e.line_id = l.id;
