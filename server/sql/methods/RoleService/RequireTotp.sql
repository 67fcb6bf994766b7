-- Whether who has a role needs a second factor.
SELECT r.role_name AS role, r.requires_totp, r.members_without FROM role_require_totp(:role, :off) AS r
