INSERT INTO company (slug, name) VALUES ('acme', '甲方 Acme'), ('beta', 'Beta');

CREATE FUNCTION pg_temp.company(slug text) RETURNS bigint LANGUAGE sql AS
$$ SELECT c.id FROM jiayi.company AS c WHERE c.slug = $1 $$;
CREATE FUNCTION pg_temp.member(email text) RETURNS bigint LANGUAGE sql AS
$$ SELECT m.id FROM jiayi.member AS m WHERE m.email = $1 $$;

INSERT INTO person (email) SELECT unnest(ARRAY['admin@acme.example', 'manager@acme.example', 'sales@acme.example',
    'gone@acme.example', 'vendor@beta.example']);
INSERT INTO member (company_id, person_id, email, name, role_id)
SELECT pg_temp.company(substring(p.email FROM '@([a-z]+)[.]')), p.id, p.email, 'Ms ' || p.email, r.id
FROM person AS p JOIN role AS r ON r.company_id IS NULL
    AND r.name = CASE split_part(p.email, '@', 1) WHEN 'sales' THEN 'salesperson' WHEN 'gone' THEN 'auditor'
                 ELSE split_part(p.email, '@', 1) END;
UPDATE member SET manager_id = pg_temp.member('manager@acme.example') WHERE email = 'sales@acme.example';
-- Somebody in two companies, with one password.
INSERT INTO person (email) VALUES ('both@x.example');
INSERT INTO member (company_id, person_id, email, name, role_id)
SELECT c.id, p.id, p.email, 'Both', r.id FROM company AS c, person AS p, role AS r
WHERE NOT c.is_system AND p.email = 'both@x.example' AND r.name = 'salesperson' ORDER BY c.id;
INSERT INTO credential (member_id, phc) SELECT id, :'phc' FROM member;
INSERT INTO session (member_id, token_hash, client, address)
SELECT id, sha256(convert_to(email || company_id, 'UTF8')), 'jiayi', '192.0.2.7' FROM member;
UPDATE session SET revoked_at = now() WHERE member_id = pg_temp.member('gone@acme.example');
UPDATE member SET state = 'removed' WHERE email = 'gone@acme.example';

INSERT INTO role (company_id, name) VALUES (pg_temp.company('acme'), 'reader');
INSERT INTO role_permission (role_id, permission, scope) SELECT id, 'deal.read', 'team' FROM role WHERE name = 'reader';
INSERT INTO login_failure (email, address) VALUES ('sales@acme.example', '192.0.2.9');
INSERT INTO call_record (member_id, request_id, method, request_sha256, answer)
VALUES (pg_temp.member('admin@acme.example'), '\x00112233445566778899aabbccddeeff', 'jiayi.v1.RoleService/CreateRole',
        sha256('x'), '[{"name": "reader"}]');
