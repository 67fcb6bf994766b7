-- Lists of what many have walk only those who are on the page (definitions/deal.sql: deals_ahead). Policies of customers, of tasks and of
-- what is said on deals have first what is worked out once for a statement; whom the caller manages is collected once for a call
-- (definitions/shape.sql, caller.sql, customer.sql, task.sql). Reports are walked by no primary key, which passes everybody's.
SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP INDEX report_of_company, report_to_company, report_of_author;
CREATE INDEX report_of_company ON report (company_id, id DESC NULLS LAST);
CREATE INDEX report_to_company ON report (to_company_id, id DESC NULLS LAST) WHERE company_id <> to_company_id;
CREATE INDEX report_of_author ON report (author_id, id DESC NULLS LAST);
-- definitions: 0a2cc6c1063af1a73d7631c8e71b2c0451a65cd92d779012a07340d1b1eef97a
