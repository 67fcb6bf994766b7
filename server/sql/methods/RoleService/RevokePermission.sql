-- Takes a permission out of a role.
SELECT r.name, r.builtin, r.members, r.permissions
FROM role_revoke(:role, :permission) AS r
