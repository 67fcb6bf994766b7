-- Makes a role of the company's own.
SELECT r.name, r.builtin, r.members, r.permissions
FROM role_create(:role, :grants::text[]) AS r
