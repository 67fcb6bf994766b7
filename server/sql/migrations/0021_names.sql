-- People have names: operators too, and so have the first admins; and whoever is meant by a name is
-- looked for among all of a company's.
-- definitions: bb5a861a88a974346be279ab1e0cd858b9046dcaaaf5ac059c0ab2b064f72b3f

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- Functions that change their arguments

DROP FUNCTION IF EXISTS create_operator(text, text);

---- Tables

CREATE INDEX member_by_name ON member (company_id, name);
