INSERT INTO contact (company_id, customer_id, name, phone, email)
SELECT c.company_id, c.id, 'Somebody', '+86 138 0013 8000', 'somebody@customer.example' FROM customer AS c;
INSERT INTO customer (company_id, name) SELECT c.company_id, c.name || ' once more' FROM customer AS c LIMIT 1;
INSERT INTO customer_merge (company_id, from_id, to_id, from_name, reason, counts)
SELECT a.company_id, a.id, b.id, a.name, 'One company.', '{}'
FROM customer AS a JOIN customer AS b ON b.company_id = a.company_id AND a.name = b.name || ' once more';
