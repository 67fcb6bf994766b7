-- Adds a member, or takes back one who was removed.
SELECT m.id, m.email, m.name, m.role, m.manager, m.state, m.created_at, m.code, m.code_expires_at
FROM member_add(:email, :name, :role, :manager, :password) AS m
