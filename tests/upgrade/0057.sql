INSERT INTO playbook (company_id, code, kind, title, stage, customer_type, author_id)
SELECT m.company_id, 'call-first', 'script', '先打电话', 'contacted', 'busy', m.id FROM member AS m WHERE m.email = 'sales@acme.example';
INSERT INTO revision (on_kind, on_id, version, company_id, member_id, title, body, sha256, submitted_at)
SELECT 19, p.id, 1, p.company_id, p.author_id, p.title, '先问需求。', sha256(convert_to('先问需求。', 'UTF8')), now() FROM playbook AS p;
