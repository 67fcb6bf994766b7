-- Makes a role of the company's own, which requires no second factor yet.
SELECT r.name, r.builtin, r.members, r.permissions, false AS requires_totp
FROM role_create(:role, :grants::text[]) AS r
