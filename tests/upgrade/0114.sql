INSERT INTO case_target (company_id, kind, severity, days) SELECT c.id, 'complaint', 1, 3 FROM company AS c WHERE c.slug = 'acme';
