-- What a statement that slipped into a call does not get: see tests/sql/slipped.sql.
-- definitions: c399c025c24dc583efd4eb21ec9f0e3902f0bbd2e310041827d91c84d2883453

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- As in 0013: evidence is timed by the clock.
ALTER TABLE kpi_target ALTER COLUMN at SET DEFAULT clock_timestamp();
ALTER TABLE kpi_evaluation ALTER COLUMN at SET DEFAULT clock_timestamp();
