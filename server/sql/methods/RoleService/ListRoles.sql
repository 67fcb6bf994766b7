-- The roles that the company has, by name.
-- rows: roles
SELECT r.name, r.company_id IS NULL AS builtin,
       (SELECT count(*)::int FROM member AS m
        WHERE m.role_id = r.id AND m.company_id = :me.company_id AND m.state = 'active') AS members,
       coalesce((SELECT s.requires_totp FROM company_role_setting AS s
                 WHERE s.company_id = :me.company_id AND s.role_id = r.id), false) AS requires_totp,
       (SELECT array_agg(rp.permission || ':' || rp.scope ORDER BY rp.permission)
        FROM role_permission AS rp WHERE rp.role_id = r.id) AS permissions,
       r.name AS "page.key"
FROM role AS r
WHERE r.name > coalesce(:page.after::text, '')
ORDER BY r.name
LIMIT :page.limit
