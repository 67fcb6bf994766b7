-- Takes a permission out of a role.
WITH taken AS (
    DELETE FROM role_permission AS p
    WHERE p.role_id = (SELECT role_by_name(:role, true)) AND p.permission = :permission
    RETURNING p.role_id
)
SELECT r.name, r.builtin, r.members, r.permissions, coalesce(s.requires_totp, false) AS requires_totp
FROM (VALUES (true)) AS one
LEFT JOIN taken AS t ON true
LEFT JOIN LATERAL role_show(t.role_id) AS r ON true
LEFT JOIN company_role_setting AS s ON s.company_id = :me.company_id AND s.role_id = t.role_id
WHERE t.role_id IS NOT NULL
   OR refuse('JY005', 'the role %s has no permission %s', ROW(:role::text, :permission::text))
