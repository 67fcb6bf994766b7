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
CREATE FUNCTION pg_temp.value_of(list text, name text, asked text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    deal bigint;
BEGIN
    IF name = 'tags' THEN
        RETURN '{}'; -- a repeated field that is absent
    ELSIF name <> 'page.limit' AND name <> asked AND asked <> '' OR asked = '' AND name = ANY ('{team,mine,stage,topic,kind}')
        OR list = 'ListPayments' AND name = 'contract_id' THEN
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
        WHEN 'kind' THEN 'breach'
        WHEN 'code' THEN 'sales'
        WHEN 'period' THEN to_char(current_date, 'YYYY-MM')
        WHEN 'email' THEN me_email()
        WHEN 'contract_id' THEN (SELECT max(c.id)::text FROM contract AS c WHERE me_company() IN (c.company_id, c.vendor_id))
        WHEN 'report_id' THEN (SELECT max(r.id)::text FROM report AS r
            WHERE r.author_id = ANY (me_owners(noun('report'))) AND r.state = 'accepted')
        WHEN 'team' THEN 'true'
        WHEN 'mine' THEN 'true' END;
END
$$;

CREATE TEMP TABLE call (p int, who text, list text, asked text, permission text, statement text, names text[]);
CREATE TEMP TABLE page (who text, list text, rows int[], rows_read numeric[], buffers int[], ms numeric[]);

-- The processor's time of this backend, in ms. What a clock says is what the machine has to do besides; reading `stat` brings what
-- `schedstat` says up to date.
CREATE SCHEMA IF NOT EXISTS bench;
GRANT USAGE ON SCHEMA bench TO PUBLIC;
CREATE OR REPLACE FUNCTION bench.cpu_ms() RETURNS numeric LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM pg_read_file('/proc/self/stat');
    RETURN split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::numeric / 1000000;
END
$$;

-- What a statement takes, the least of so many times.
CREATE OR REPLACE FUNCTION bench.takes(statement text, times int) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    least numeric := 1000000;
    began numeric;
BEGIN
    FOR i IN 1..times LOOP
        -- What a call asks of a thing is asked anew by each.
        PERFORM set_config('jiayi.deal_since', '', true), set_config('jiayi.customer_shows', '', true), set_config('jiayi.report_shows', '', true);
        began := bench.cpu_ms();
        EXECUTE statement;
        least := least(least, bench.cpu_ms() - began);
    END LOOP;
    RETURN least;
END
$$;

CREATE FUNCTION pg_temp.page(c call, rounds int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    no      int := coalesce((SELECT x.no FROM permission AS x WHERE x.name = c.permission), 1); -- 1: any session
    asked   text;
    plan    jsonb;
    way     text;
    here    int;
    rows    int[] := '{0,0}';
    read    numeric[] := '{0,0}';
    buffers int[] := '{0,0}';
    ms      numeric[] := '{1000000,1000000}';
    began   numeric := bench.cpu_ms();
    i       int := 0;
BEGIN
    PERFORM authorize(sha256(lpad(c.p::text, 43, '0')::bytea), no, uuid_send(gen_random_uuid()), NULL, NULL, '60000', '127.0.0.1');
    SELECT 'EXECUTE listed(' || string_agg(quote_nullable(pg_temp.value_of(c.list, n.name, c.asked)), ', ' ORDER BY n.place) || ')' INTO asked
    FROM unnest(c.names) WITH ORDINALITY AS n(name, place);
    EXECUTE 'PREPARE listed AS ' || c.statement;
    -- In turn, so that the machine's moods are both's, each time some more than once: with the role change the plans of all statements
    -- in functions, which a server, always the same role, makes once.
    PREPARE nothing AS SELECT;
    WHILE i < rounds OR (i < 10 * rounds AND bench.cpu_ms() < began + 300) LOOP
        i := i + 1;
        FOREACH way IN ARRAY '{jiayi_app,none}'::text[] LOOP
            here := CASE way WHEN 'none' THEN 2 ELSE 1 END;
            PERFORM set_config('role', way, true);
            IF i = 1 THEN
                EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ' || asked INTO plan;
            END IF;
            EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ' || asked INTO plan;
            ms[here] := least(ms[here], bench.takes(asked, 4) - bench.takes('EXECUTE nothing', 4));
            PERFORM set_config('role', 'none', true);
            rows[here] := plan -> 0 -> 'Plan' ->> 'Actual Rows';
            read[here] := pg_temp.rows_read(plan);
            buffers[here] := (plan -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::int + (plan -> 0 -> 'Plan' ->> 'Shared Read Blocks')::int;
        END LOOP;
    END LOOP;
    DEALLOCATE nothing;
    DEALLOCATE listed;
    INSERT INTO page VALUES (c.who, c.list, rows, read, buffers, ms);
EXCEPTION WHEN OTHERS THEN
    -- Not everybody may ask for everything.
    DEALLOCATE ALL;
    IF sqlstate NOT IN ('JY007', 'JY005', 'JY003') THEN
        RAISE;
    END IF;
END
$$;
