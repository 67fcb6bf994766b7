INSERT INTO job (name, company_id, every, catch_up, next_slot, due_at)
SELECT 'never', c.id, interval '1 day', true, '2100-01-01 00:05Z', '2100-01-01 00:05Z' FROM company AS c WHERE c.slug = 'acme';
INSERT INTO job_run (name, company_id, slot, began_at, changed, failures)
SELECT 'never', c.id, '2026-11-28 00:05Z', '2026-11-28 00:05Z', 7, 1 FROM company AS c WHERE c.slug = 'acme';
