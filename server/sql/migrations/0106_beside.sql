-- What is beside a deal is one value: as a table of GetDeal's statement it was set up whether there was any or not.
-- definitions: 60b487c28aeb7893440857ed7049fda0b6e52da16707cfd68e580e5207d9f462

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE TYPE deal_beside AS (tags jsonb, team jsonb, more_team boolean, tasks jsonb, more_tasks boolean, links int);
COMMENT ON TYPE deal_beside IS 'What deal_around() says, as GetDeal answers it.';
DROP FUNCTION IF EXISTS deal_around(bigint, int);
