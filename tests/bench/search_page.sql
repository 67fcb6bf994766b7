-- pg_temp.search(): what the first page of a search costs its caller. Read by search.bash, before its calls.

\set ON_ERROR_STOP on
SET search_path = jiayi, pg_catalog;
SET plan_cache_mode = force_generic_plan;
SET jit = off;
SET timezone = 'UTC';

CREATE TEMP TABLE page (who text, common text, words text, found int, buffers int, cpu_ms numeric, clock_ms numeric);

-- What this process has had of a processor, in ms.
CREATE FUNCTION pg_temp.cpu() RETURNS numeric LANGUAGE sql AS
$$ SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::numeric / 1000000 $$;

CREATE FUNCTION pg_temp.search(p int, who text, common text, words text, rounds int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    plan  jsonb;
    began numeric;
    cpu   numeric := 0;
    clock numeric := 1000000;
    times int := rounds * 10; -- the kernel counts in steps of some milliseconds
BEGIN
    PERFORM authorize(sha256(lpad(p::text, 43, '0')::bytea), 1, uuid_send(gen_random_uuid()), NULL, NULL, '60000', '127.0.0.1');
    PERFORM set_config('role', 'jiayi_app', true);
    FOR i IN 0..times LOOP
        EXECUTE 'RESET ROLE';
        began := pg_temp.cpu();
        PERFORM set_config('role', 'jiayi_app', true);
        EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) SELECT f.ref, f."on", f.text, f.match, f.at, '
            'CASE f.company_id WHEN me_company() THEN (SELECT me_slug()) ELSE slug_of(f.company_id) END, f.key '
            'FROM search_found($1, NULL, NULL, 51) AS f' INTO plan USING words;
        EXECUTE 'RESET ROLE';
        CONTINUE WHEN i = 0;
        cpu := cpu + pg_temp.cpu() - began;
        clock := least(clock, (plan -> 0 ->> 'Execution Time')::numeric);
    END LOOP;
    INSERT INTO page VALUES (who, common, words, (plan -> 0 -> 'Plan' ->> 'Actual Rows')::int,
        (plan -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::int + (plan -> 0 -> 'Plan' ->> 'Shared Read Blocks')::int, round(cpu / times, 2), round(clock, 2));
END
$$;
