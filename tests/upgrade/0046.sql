INSERT INTO participant (on_kind, on_id, member_id, company_id, member_company_id, function, added_by)
SELECT 3, d.id, d.owner_id, d.company_id, d.company_id, 'helper', d.owner_id FROM deal AS d ORDER BY d.id LIMIT 1;
