INSERT INTO customer (company_id, name) VALUES (pg_temp.company('acme'), '深圳港务集团'), (pg_temp.company('acme'), 'Port of Durrës');
INSERT INTO deal (company_id, title, customer_id, owner_id, vendor_id, amount, currency)
SELECT c.company_id, 'Deal with ' || c.name, c.id, pg_temp.member('sales@acme.example'), pg_temp.company('beta'),
       1200000.50, 'CNY'
FROM customer AS c ORDER BY c.id;
UPDATE deal SET stage = 'contacted', version = version + 1 WHERE id = (SELECT min(id) FROM deal);
INSERT INTO activity (deal_id, company_id, member_id, kind, text, next_step, due_on)
SELECT min(id), pg_temp.company('acme'), pg_temp.member('vendor@beta.example'), 'visit', '拜访了码头运营部', '准备演示',
       '2026-12-01' FROM deal;
