-- The caller, the role's permissions and the session.
SELECT m.email, m.name, c.slug AS company, c.name AS company_name, r.name AS role,
       b.email AS manager,
       (SELECT array_agg(rp.permission || ':' || rp.scope ORDER BY rp.permission)
        FROM role_permission AS rp WHERE rp.role_id = m.role_id) AS permissions,
       (SELECT array_agg(l.company) FROM linked_members() AS l) AS companies,
       s.id AS session_id, s.expires_at, least(s.expires_at, now() + s.idle_timeout) AS ends_at
FROM member AS m
JOIN company AS c ON c.id = m.company_id
JOIN role AS r ON r.id = m.role_id
JOIN session AS s ON s.id = :me.session_id
LEFT JOIN member AS b ON b.id = m.manager_id
WHERE m.id = :me.member_id
