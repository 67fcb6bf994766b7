INSERT INTO partnership (principal_id, vendor_id, state) VALUES (pg_temp.company('acme'), pg_temp.company('beta'), 'active');
