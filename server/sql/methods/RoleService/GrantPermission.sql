-- Puts a permission into a role, or changes its scope.
SELECT r.name, r.builtin, r.members, r.permissions
FROM role_grant(:role, :grant) AS r
