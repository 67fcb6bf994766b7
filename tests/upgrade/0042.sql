INSERT INTO calendar_day (company_id, day, working, note)
SELECT c.id, '2026-10-10', true, '国庆节调休' FROM company AS c WHERE c.slug = 'acme';
