-- Gives a member another role.
SELECT m.id, m.email, m.name, m.role, m.manager, m.state, m.created_at
FROM member_set_role(:email, :role) AS m
