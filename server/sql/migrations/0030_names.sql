-- People have names: operators too, and so have the first admins; and whoever is meant by a name is
-- looked for among all of a company's.
-- definitions: 82288666915c9dfdb22e5ca5f1d343c606945bf7b8a0558b8435d1b2a684dbb3

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- Functions that change their arguments

DROP FUNCTION IF EXISTS create_operator(text, text);

---- Tables

CREATE INDEX member_by_name ON member (company_id, name);
