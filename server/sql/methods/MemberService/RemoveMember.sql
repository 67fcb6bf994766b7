-- Removes a member.
SELECT m.id, m.email, m.name, m.role, m.manager, m.state, m.created_at
FROM member_remove(:email) AS m
