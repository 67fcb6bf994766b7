-- What somebody hands over, and nobody leaves with: contracts as well.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- They answer a column more.
DROP FUNCTION IF EXISTS member_duties(bigint, bigint[]);
DROP FUNCTION IF EXISTS hand_over(text, text, text, bigint[], boolean);

-- A week that passed while no server ran has its duties all the same.
UPDATE job SET catch_up = true WHERE name = 'duties';
-- definitions: dfad67487daa382f17afa38ccf5ab6f18ca74d0b275eb3641d3d1dcc4716dc51
