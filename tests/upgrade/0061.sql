INSERT INTO import (company_id, kind, source, name, sha256, total, member_id)
SELECT m.company_id, 'rates', 'file', 'rates.csv', sha256('rates'), 1, m.id FROM member AS m WHERE m.email = 'sales@acme.example';
INSERT INTO external_ref (company_id, kind, source, key, on_id, import_id, line)
SELECT i.company_id, i.kind, i.source, '1', r.id, i.id, 2 FROM import AS i, rate AS r;
