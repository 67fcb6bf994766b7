-- Puts a permission into a role, or changes its scope.
WITH granted AS MATERIALIZED (
    SELECT r.id, add_grants(r.id, ARRAY[:grant])
    FROM role_by_name(:role, true) AS r(id)
)
SELECT r.name, r.builtin, r.members, r.permissions
FROM granted AS g, role_show(g.id) AS r
