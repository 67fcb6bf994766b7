-- Who signs people in.
-- definitions: 6713520f8ae5a78c9f16669c5ff2d040ad1fca0a4b5577ec0f7503e766a2f281
--
-- jiayi_login is what the connections are that sign people in: it alone has the functions that see
-- passwords' hashes and open sessions, and no table.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'jiayi_login') THEN
        BEGIN
            CREATE ROLE jiayi_login NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB LOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- another server was faster
        END;
    END IF;
    IF NOT pg_has_role(current_user, 'jiayi_login', 'MEMBER') THEN
        EXECUTE format('GRANT %I TO CURRENT_USER', 'jiayi_login');
    END IF;
END
$$;

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- As in 0013: evidence is timed by the clock.
ALTER TABLE deal_reason ALTER COLUMN at SET DEFAULT clock_timestamp();
