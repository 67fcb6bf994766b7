INSERT INTO tag (on_kind, on_id, list, code, company_id, author_company_id, version, member_id)
SELECT 3, d.id, 'intent', 'high', d.company_id, d.company_id, 1, d.owner_id FROM deal AS d ORDER BY d.id LIMIT 1;
