-- Takes the second factor of a member away who lost it.
SELECT m.id, m.email, m.name, m.role, m.manager, m.state, m.created_at
FROM member_reset_totp(:email) AS m
