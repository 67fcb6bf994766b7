INSERT INTO case_file (kind, company_id, opened_by, opened_company_id, title, text)
SELECT 'complaint', m.company_id, m.id, m.company_id, 'It stopped', 'It stopped twice.' FROM member AS m
WHERE m.email = 'sales@acme.example';
