-- A breach: what it is about, what it costs, until when it could be made good, and whose turn it is.
INSERT INTO case_file (kind, company_id, vendor_id, opened_by, opened_company_id, title, text, contract_id, contract_version, clause,
    amount, currency, cure_by, cure_over, turn_id)
SELECT 'breach', c.company_id, c.vendor_id, c.owner_id, c.company_id, 'Late', 'Three weeks late.', c.id, 1, 1, 100, 'CNY', now(), true,
    c.company_id FROM contract AS c WHERE c.no = 'K-1';
