INSERT INTO link (company_id, author_company_id, from_kind, from_id, from_version, to_kind, to_id, role, member_id)
SELECT r.company_id, r.company_id, 5, r.id, 1, 3, (SELECT min(d.id) FROM deal AS d WHERE d.company_id = r.company_id), 'about', r.author_id
FROM report AS r ORDER BY r.id LIMIT 1;
