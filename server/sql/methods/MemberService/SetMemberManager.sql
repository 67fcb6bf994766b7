-- Puts a member under a manager; without one, under none (the gate sees to it that `none` is given
-- then).
SELECT m.id, m.email, m.name, m.role, m.manager, m.state, m.created_at
FROM member_set_manager(:email, :manager) AS m
