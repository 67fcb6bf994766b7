-- People have names: operators too, and so have the first admins; and whoever is meant by a name is
-- looked for among all of a company's.
-- definitions: 21e1885fd18fddb6aff38775940581d2be58355d13d5d5d8537019e4a02fdd98

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- Functions that change their arguments

DROP FUNCTION IF EXISTS create_operator(text, text);

---- Tables

CREATE INDEX member_by_name ON member (company_id, name);
