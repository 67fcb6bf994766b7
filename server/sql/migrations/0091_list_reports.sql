-- Reports by who wrote them, and those from elsewhere: a page of them walks nobody else's.
-- definitions: 51a22cbfb397d2d87cacd5ea023f5c34bd366941c42bab9ffd43c83417d03229

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE INDEX report_of_author ON report (author_id, id DESC);
DROP INDEX report_to_company;
CREATE INDEX report_to_company ON report (to_company_id, id DESC) WHERE company_id <> to_company_id;
