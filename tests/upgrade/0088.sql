INSERT INTO payment (company_id, vendor_id, contract_id, contract_version, position, term, payer, title, amount, currency, due_on)
SELECT c.company_id, c.vendor_id, c.id, 1, 1, 'x/1', 'principal', 'Advance', 1000.50, 'CNY', '2030-01-31' FROM contract AS c WHERE c.no = 'K-1';
