INSERT INTO registration (company_id, vendor_id, member_id, title, customer_name, protected_until, due_at)
SELECT p.principal_id, p.vendor_id, m.id, 'A lead', 'Somebody new', 'infinity', 'infinity'
FROM partnership AS p JOIN member AS m ON m.company_id = p.vendor_id ORDER BY p.id, m.id LIMIT 1;
INSERT INTO registration_key (registration_id, key_kind, company_id, key)
SELECT r.id, 'name', r.company_id, 'somebodynew' FROM registration AS r;
INSERT INTO registration_check (company_id, vendor_id, member_id, key_sha256, verdict)
SELECT r.company_id, r.vendor_id, r.member_id, sha256('somebodynew'), 'free' FROM registration AS r;
