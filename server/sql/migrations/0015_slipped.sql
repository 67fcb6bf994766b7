-- What a statement that slipped into a call does not get: see tests/sql/slipped.sql.
-- definitions: e0e8c7c3b2508ce9cdee673632bfc49e45b571324b5397d0d30904e09912f898

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- As in 0013: evidence is timed by the clock.
ALTER TABLE kpi_target ALTER COLUMN at SET DEFAULT clock_timestamp();
ALTER TABLE kpi_evaluation ALTER COLUMN at SET DEFAULT clock_timestamp();
