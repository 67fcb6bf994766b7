-- Puts a permission into a role, or changes its scope.
WITH granted AS MATERIALIZED (
    SELECT r.id, add_grants(r.id, ARRAY[:grant])
    FROM role_by_name(:role, true) AS r(id)
)
SELECT r.name, r.builtin, r.members, r.permissions, coalesce(s.requires_totp, false) AS requires_totp
FROM granted AS g
CROSS JOIN role_show(g.id) AS r
LEFT JOIN company_role_setting AS s ON s.company_id = :me.company_id AND s.role_id = g.id
