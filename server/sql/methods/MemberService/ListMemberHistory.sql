-- What a member was from when to when, the newest first; of those who were removed as well.
-- rows: spans
SELECT s.from_at AS "from", s.to_at AS "to", s.state, s.role, email_of(s.manager_id) AS manager,
       email_of(s.by_id) AS "by", s.id AS "page.key"
FROM member_span AS s
WHERE s.member_id = (SELECT member_seen(:email))
  AND s.id < :page.after::bigint                                              --? page_token
ORDER BY s.id DESC
LIMIT :page.limit
