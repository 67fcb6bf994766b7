INSERT INTO kpi_target (line_id, company_id, value, member_id)
SELECT id, company_id, 8, pg_temp.member('manager@acme.example') FROM kpi_line;
INSERT INTO kpi_evaluation (line_id, company_id, target, actual, text, member_id)
SELECT id, company_id, 8, 6, '质量好', pg_temp.member('manager@acme.example') FROM kpi_line;
