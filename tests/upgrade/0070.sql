-- A contract that both have signed, and a draft.
INSERT INTO contract (company_id, vendor_id, kind, title, no, state, version, from_at, author_company_id, owner_id)
SELECT p.principal_id, p.vendor_id, 'sales', 'Sales', 'K-1', 'active', 1, now(), p.principal_id,
       (SELECT min(m.id) FROM member AS m WHERE m.company_id = p.principal_id)
FROM partnership AS p ORDER BY p.id LIMIT 1;
INSERT INTO contract_version (contract_id, version, company_id, vendor_id, author_company_id, member_id, state, title, prose,
    terms, sha256, from_at)
SELECT c.id, 1, c.company_id, c.vendor_id, c.company_id, c.owner_id, 'executed', c.title, 'Words',
    '{"notice_days": 30}', sha256('x'), c.from_at FROM contract AS c WHERE c.no = 'K-1';
INSERT INTO clause (contract_id, version, position, kind, side, text, penalty_percent, cure_days)
SELECT c.id, 1, 1, 'breach', 'vendor', 'Late.', 0.5, 5 FROM contract AS c WHERE c.no = 'K-1';
INSERT INTO contract_review (contract_id, version, company_id, member_id, point, fine, text, sha256)
SELECT c.id, 1, c.company_id, c.owner_id, 'fair', true, 'Looked at.', sha256('x') FROM contract AS c WHERE c.no = 'K-1';
