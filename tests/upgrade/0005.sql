INSERT INTO kpi (company_id, code, name, unit, period) VALUES (pg_temp.company('acme'), 'demos', 'Prezantime', 'presentations', 'month');
INSERT INTO kpi_line (kpi_id, company_id, period, vendor_id, target, actual, text, recorded_by, recorded_at)
SELECT id, company_id, '2026-11', pg_temp.company('beta'), 8, 6, 'six', pg_temp.member('vendor@beta.example'), now() FROM kpi;
INSERT INTO kpi_record (line_id, company_id, value, text, member_id)
SELECT id, company_id, 6, 'six', pg_temp.member('vendor@beta.example') FROM kpi_line;
