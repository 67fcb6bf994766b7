-- The key of 32 zeros, which the servers of the test have.
INSERT INTO server_key (id) VALUES ('66687aadf862bd77');
INSERT INTO member_totp (member_id, key_id, secret_sealed, last_step, confirmed_at)
SELECT pg_temp.member('manager@acme.example'), '66687aadf862bd77', sha256('sealed'), 7, now();
INSERT INTO recovery_code (member_id, code_sha256) SELECT pg_temp.member('manager@acme.example'), sha256('code');
INSERT INTO company_role_setting (company_id, role_id, requires_totp)
SELECT pg_temp.company('acme'), r.id, false FROM role AS r WHERE r.name = 'auditor';
