INSERT INTO link (company_id, author_company_id, from_kind, from_id, from_version, to_kind, to_id, role, note, member_id)
SELECT d.company_id, d.company_id, 3, d.id, 1, 21, d.owner_id, 'about', 'who knows the customer', d.owner_id
FROM deal AS d ORDER BY d.id LIMIT 1;
