-- A role with its permissions.
SELECT r.name, r.builtin, r.members, r.permissions, coalesce(s.requires_totp, false) AS requires_totp
FROM role_by_name(:role) AS of(id)
CROSS JOIN role_show(of.id) AS r
LEFT JOIN company_role_setting AS s ON s.company_id = :me.company_id AND s.role_id = of.id
