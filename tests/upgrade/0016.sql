INSERT INTO join_code (member_id, code_sha256, made_by)
SELECT pg_temp.member('sales@acme.example'), sha256('code'), pg_temp.member('admin@acme.example');
INSERT INTO invitation (principal_id, slug, signed_by)
VALUES (pg_temp.company('acme'), 'nobody-yet', pg_temp.member('admin@acme.example'));
