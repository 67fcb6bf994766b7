-- Deletes a role of the company's own that nobody has.
DELETE FROM role AS r
WHERE r.id = (SELECT role_by_name(:role, true))
RETURNING r.name
