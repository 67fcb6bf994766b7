-- The stages that a deal was in, the earliest first.
-- rows: history
SELECT s.stage, s.entered_at, s.left_at, coalesce(m.email, email_of(s.member_id)) AS member,
       s.reason, s.seq::bigint AS "page.key"
FROM (SELECT h.*, lead(h.entered_at) OVER (ORDER BY h.seq) AS left_at
      FROM deal_stage AS h WHERE h.deal_id = (SELECT deal_seen(:deal_id))) AS s
LEFT JOIN member AS m ON m.id = s.member_id
WHERE s.seq > coalesce(:page.after::bigint, 0)
ORDER BY s.seq
LIMIT :page.limit
