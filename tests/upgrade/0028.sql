INSERT INTO link (from_kind, from_id, to_kind, to_id, role, member_id, company_id, author_company_id)
SELECT 5, r.id, 3, r.deal_id, 'about', r.author_id, r.company_id, r.company_id FROM report AS r WHERE r.deal_id IS NOT NULL;
