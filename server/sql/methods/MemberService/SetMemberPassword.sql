-- Gives a member a new password, or a code to set one by.
SELECT m.id, m.email, m.name, m.role, m.manager, m.state, m.created_at, m.code, m.code_expires_at
FROM member_set_password(:email, :password) AS m
