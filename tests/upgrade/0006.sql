INSERT INTO report (company_id, author_id, to_company_id, kind, period, state, deal_id)
SELECT pg_temp.company('beta'), pg_temp.member('vendor@beta.example'), pg_temp.company('acme'), 'weekly', '2026-W47',
       'returned', min(id)
FROM deal;
INSERT INTO report_version (report_id, version, title, body) SELECT id, 1, '第47周周报', E'试用了三天。\nMë shumë javën tjetër.' FROM report;
INSERT INTO report_comment (report_id, version, member_id, decision, text)
SELECT id, 1, pg_temp.member('manager@acme.example'), 'returned', '请写明试用多久' FROM report;
