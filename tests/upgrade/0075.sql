INSERT INTO resource (deal_id, company_id, author_company_id, deal_version, member_id, what, side)
SELECT d.id, d.company_id, d.company_id, d.version, d.owner_id, 'A robot', 'inside' FROM deal AS d ORDER BY d.id LIMIT 1;
