-- Removes a member, after what they are responsible for was handed over.
SELECT m.id, m.email, m.name, m.role, m.manager, m.state, m.created_at
FROM member_remove(:email, :hand_to, :note) AS m
