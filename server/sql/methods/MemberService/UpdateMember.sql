-- Changes a member's name or address.
SELECT m.id, m.email, m.name, m.role, m.manager, m.state, m.created_at
FROM member_update(:email, :name, :new_email) AS m
