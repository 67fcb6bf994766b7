-- A role with its permissions.
SELECT r.name, r.builtin, r.members, r.permissions
FROM role_show(role_by_name(:role)) AS r
