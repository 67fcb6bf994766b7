-- Who was below whom, by days.
-- definitions: 0

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE TABLE team_span (
    manager_id bigint NOT NULL REFERENCES member,
    member_id  bigint NOT NULL REFERENCES member,
    from_on    date NOT NULL,
    to_on      date NOT NULL DEFAULT 'infinity' CONSTRAINT team_span_order CHECK (to_on > from_on),
    PRIMARY KEY (manager_id, member_id, from_on)
);
ALTER TABLE team_span ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE team_span IS
    'Who was below whom, at any depth, on which days of their company: what team was, kept by the same '
    'trigger. A day belongs to whoever was above at its end. Worked out of member_span, and no evidence '
    'itself; only functions of jiayi_auth see it.';
COMMENT ON COLUMN team_span.manager_id IS 'Somebody.';
COMMENT ON COLUMN team_span.member_id IS 'A member below.';
COMMENT ON COLUMN team_span.from_on IS 'The first day.';
COMMENT ON COLUMN team_span.to_on IS 'The day after the last one; infinity: it is so now.';
-- Those who were above a member.
CREATE INDEX team_span_by_member ON team_span (member_id, from_on);

-- As far as there is a history: member_span begins with what was so when it was made. Times become days
-- in order, so that there is no cycle on any day.
INSERT INTO team_span (manager_id, member_id, from_on, to_on)
WITH RECURSIVE direct AS MATERIALIZED (
    SELECT s.manager_id, s.member_id, s.from_on, s.to_on
    FROM (SELECT s.manager_id, s.member_id, (s.from_at AT TIME ZONE p.time_zone)::date AS from_on,
                 coalesce((s.to_at AT TIME ZONE p.time_zone)::date, 'infinity') AS to_on
          FROM member_span AS s JOIN company_profile AS p ON p.company_id = s.company_id
          WHERE s.manager_id IS NOT NULL) AS s
    WHERE s.from_on < s.to_on
), below AS (
    SELECT d.manager_id, d.member_id, d.from_on, d.to_on FROM direct AS d
    UNION
    SELECT d.manager_id, b.member_id, greatest(b.from_on, d.from_on), least(b.to_on, d.to_on)
    FROM below AS b JOIN direct AS d ON d.member_id = b.manager_id
        AND d.from_on < b.to_on AND b.from_on < d.to_on
), span AS (
    SELECT b.manager_id, b.member_id, unnest(range_agg(daterange(b.from_on, b.to_on))) AS days
    FROM below AS b GROUP BY b.manager_id, b.member_id
)
SELECT s.manager_id, s.member_id, lower(s.days), upper(s.days) FROM span AS s;
