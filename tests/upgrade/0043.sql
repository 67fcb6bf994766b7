INSERT INTO rate (company_id, from_currency, to_currency, day, rate, source, member_id)
SELECT m.company_id, 'USD', 'CNY', '2026-11-20', 7.1234, 'PBoC', m.id FROM member AS m WHERE m.email = 'sales@acme.example';
