-- pg_temp.page(): what a list's page costs its caller, and what the same statement costs without policies. Read by policies.bash, before
-- its calls; psql's variable `rounds` says how often. Superusers pass policies; what the statement asks of the caller's settings, such as
-- me_owners(), it asks all the same.

\set ON_ERROR_STOP on
SET search_path = jiayi, pg_catalog;
SET plan_cache_mode = force_generic_plan;
SET jit = off;
SET timezone = 'UTC';

-- Rows that scans read, those that filters then left out among them.
CREATE FUNCTION pg_temp.rows_read(plan jsonb) RETURNS numeric LANGUAGE sql AS $$
    SELECT coalesce(sum(((n ->> 'Actual Rows')::numeric + coalesce((n ->> 'Rows Removed by Filter')::numeric, 0)
               + coalesce((n ->> 'Rows Removed by Index Recheck')::numeric, 0)) * (n ->> 'Actual Loops')::numeric), 0)
    FROM jsonb_path_query(plan, 'strict $.**') AS n
    WHERE jsonb_typeof(n) = 'object' AND n ? 'Relation Name' AND n ? 'Actual Rows'
$$;

-- What lists are asked with: of one thing with the newest that the caller has, else with nothing.
CREATE FUNCTION pg_temp.value_of(name text, asked text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    deal bigint;
BEGIN
    IF name = 'tags' THEN
        RETURN '{}'; -- a repeated field that is absent
    ELSIF name <> 'page.limit' AND name <> asked AND asked <> '' OR asked = '' AND name = ANY ('{team,mine,stage,topic}') THEN
        RETURN NULL;
    ELSIF name IN ('deal_id', 'customer_id', 'on') THEN
        deal := coalesce((SELECT max(d.id) FROM deal AS d WHERE d.owner_id = ANY (me_owners(noun('deal')))),
                         (SELECT max(d.id) FROM deal AS d WHERE d.vendor_id = me_company()));
    END IF;
    RETURN CASE name
        WHEN 'page.limit' THEN '51'
        WHEN 'deal_id' THEN deal::text
        WHEN 'customer_id' THEN (SELECT d.customer_id::text FROM deal AS d WHERE d.id = deal)
        WHEN 'on' THEN 'deal/' || deal
        WHEN 'stage' THEN 'quoted'
        WHEN 'topic' THEN 'need'
        WHEN 'team' THEN 'true'
        WHEN 'mine' THEN 'true' END;
END
$$;

CREATE TEMP TABLE call (p int, who text, list text, asked text, permission text, statement text, names text[]);
CREATE TEMP TABLE page (who text, list text, rows int[], rows_read numeric[], buffers int[], ms numeric[]);

CREATE FUNCTION pg_temp.page(c call, rounds int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    no      int := coalesce((SELECT x.no FROM permission AS x WHERE x.name = c.permission), 1); -- 1: any session
    given   text;
    plan    jsonb;
    way     text;
    here    int;
    rows    int[] := '{0,0}';
    read    numeric[] := '{0,0}';
    buffers int[] := '{0,0}';
    ms      numeric[] := '{1000000,1000000}';
BEGIN
    PERFORM authorize(sha256(lpad(c.p::text, 43, '0')::bytea), no, uuid_send(gen_random_uuid()), NULL, NULL, '60000', '127.0.0.1');
    SELECT string_agg(quote_nullable(pg_temp.value_of(n.name, c.asked)), ', ' ORDER BY n.place) INTO given
    FROM unnest(c.names) WITH ORDINALITY AS n(name, place);
    EXECUTE 'PREPARE listed AS ' || c.statement;
    -- In turn, once unmeasured, so that the machine's moods are both's. Each time twice, and the second one counts: with the role
    -- change the plans of all statements in functions, which a server, always the same role, makes once.
    FOR i IN 0..rounds LOOP
        FOREACH way IN ARRAY '{jiayi_app,none}'::text[] LOOP
            here := CASE way WHEN 'none' THEN 2 ELSE 1 END;
            PERFORM set_config('role', way, true);
            FOR twice IN 1..2 LOOP
                EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE listed' || '(' || given || ')' INTO plan;
            END LOOP;
            PERFORM set_config('role', 'none', true);
            rows[here] := plan -> 0 -> 'Plan' ->> 'Actual Rows';
            read[here] := pg_temp.rows_read(plan);
            buffers[here] := (plan -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::int + (plan -> 0 -> 'Plan' ->> 'Shared Read Blocks')::int;
            CONTINUE WHEN i = 0;
            ms[here] := least(ms[here], (plan -> 0 ->> 'Execution Time')::numeric);
        END LOOP;
    END LOOP;
    DEALLOCATE listed;
    INSERT INTO page VALUES (c.who, c.list, rows, read, buffers, ms);
EXCEPTION WHEN OTHERS THEN
    -- Not everybody may ask for everything.
    IF EXISTS (SELECT FROM pg_prepared_statements AS s WHERE s.name = 'listed') THEN
        DEALLOCATE listed;
    END IF;
    IF sqlstate NOT IN ('JY007', 'JY005', 'JY003') THEN
        RAISE;
    END IF;
END
$$;
