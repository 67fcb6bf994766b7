-- The caller, what the role or the token permits, and the session.
SELECT m.email, m.name, c.slug AS company, c.name AS company_name, r.name AS role,
       b.email AS manager,
       (SELECT array_agg(g.permission || ':' || coalesce(w.word, g.scope) ORDER BY g.permission)
        FROM caller_grants() AS g LEFT JOIN scope AS w ON w.bits = g.bits AND s.permits IS NOT NULL
        WHERE g.bits <> 0) AS permissions, s.name AS token,
       s.second_factor_at, s.second_factor_at IS NULL AND factor_needed(m.id) AS needs_second_factor,
       (SELECT array_agg(l.company) FROM linked_members() AS l WHERE s.kind = 'login') AS companies,
       s.id AS session_id, s.expires_at, least(s.expires_at, now() + s.idle_timeout) AS ends_at
FROM member AS m
JOIN company AS c ON c.id = m.company_id
JOIN role AS r ON r.id = m.role_id
JOIN session AS s ON s.id = :me.session_id
LEFT JOIN member AS b ON b.id = m.manager_id
WHERE m.id = :me.member_id
