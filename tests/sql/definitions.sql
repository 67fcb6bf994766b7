-- The database's code stands in server/sql/definitions, each piece once, and the database has no other: every function,
-- policy and trigger is made by exactly one file. What a table needs to be made - a function in a CHECK, a default, an
-- index, a generated column - cannot be among them, nor what such a function calls: a migration makes it before they run.
\set QUIET on
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
\pset pager off
BEGIN;
SET LOCAL search_path = jiayi, public, pg_catalog;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

-- The folder with copies of the files and of the migrations, which PostgreSQL's own user may read.
\getenv sources SQL_SOURCES

CREATE TEMP TABLE source_file AS
SELECT f AS name, pg_read_file(:'sources' || '/definitions/' || f) AS body
FROM pg_ls_dir(:'sources' || '/definitions') AS f;
CREATE TEMP TABLE migration AS
SELECT f AS name, pg_read_file(:'sources' || '/migrations/' || f) AS body
FROM pg_ls_dir(:'sources' || '/migrations') AS f;

-- What there is, named as event triggers name it.
CREATE TEMP VIEW there AS
SELECT i.type, i.identity, o.classid, o.objid
FROM (SELECT 'pg_proc'::regclass AS classid, p.oid AS objid FROM pg_proc AS p
      WHERE p.pronamespace = 'jiayi'::regnamespace
      UNION ALL
      SELECT 'pg_policy'::regclass, p.oid FROM pg_policy AS p
      JOIN pg_class AS c ON c.oid = p.polrelid WHERE c.relnamespace = 'jiayi'::regnamespace
      UNION ALL
      SELECT 'pg_trigger'::regclass, t.oid FROM pg_trigger AS t
      JOIN pg_class AS c ON c.oid = t.tgrelid
      WHERE c.relnamespace = 'jiayi'::regnamespace AND NOT t.tgisinternal) AS o,
     pg_identify_object(o.classid, o.objid, 0) AS i;
CREATE TEMP TABLE before AS SELECT * FROM there;
SELECT cmp_ok(count(*), '>', 150::bigint, 'there are functions, policies and triggers') FROM before;

CREATE TEMP TABLE needed AS
WITH RECURSIVE need AS (
    SELECT b.objid FROM before AS b
    JOIN pg_depend AS d ON d.refclassid = b.classid AND d.refobjid = b.objid
    WHERE b.classid = 'pg_proc'::regclass
      AND d.classid IN ('pg_constraint'::regclass, 'pg_attrdef'::regclass, 'pg_class'::regclass, 'pg_type'::regclass)
    UNION
    SELECT b.objid FROM need AS n JOIN pg_proc AS p ON p.oid = n.objid
    JOIN before AS b ON b.classid = 'pg_proc'::regclass AND p.prosrc LIKE '%' || split_part(b.identity, '(', 1) || '(%'
)
SELECT b.identity, split_part(split_part(b.identity, '(', 1), '.', 2) AS name
FROM need AS n JOIN before AS b ON b.classid = 'pg_proc'::regclass AND b.objid = n.objid;
SELECT isnt(count(*)::int, 0, 'tables need functions') FROM needed;

-- Every file once more, each alone, into a schema without policies and triggers: what it makes is noted, also what the
-- procedures make that it calls.
CREATE TEMP TABLE made (file text, type text, identity text);
CREATE FUNCTION public.note_made() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO pg_temp.made
    SELECT current_setting('test.file'), c.object_type, c.object_identity
    FROM pg_event_trigger_ddl_commands() AS c
    WHERE c.command_tag IN ('CREATE FUNCTION', 'CREATE PROCEDURE', 'CREATE POLICY', 'CREATE TRIGGER');
END
$$;
DO $$
DECLARE
    statement text;
    f         record;
BEGIN
    FOR statement IN
        SELECT format('DROP %s %I ON %s', upper(t.type), split_part(t.identity, ' on ', 1), split_part(t.identity, ' on ', 2))
        FROM there AS t WHERE t.type IN ('policy', 'trigger')
    LOOP
        EXECUTE statement;
    END LOOP;
    CREATE EVENT TRIGGER note_made ON ddl_command_end EXECUTE FUNCTION public.note_made();
    FOR f IN SELECT * FROM source_file ORDER BY name LOOP
        PERFORM set_config('test.file', f.name, true);
        EXECUTE f.body;
    END LOOP;
    DROP EVENT TRIGGER note_made;
END
$$;

SELECT cmp_ok(count(DISTINCT m.file), '=', (SELECT count(*) FROM source_file), 'every file makes something') FROM made AS m;
-- evidence() is of what each of them adds by logged().
SELECT is(string_agg(m.files, '; '), NULL, 'nothing is made twice')
FROM (SELECT x.identity || ' by ' || string_agg(x.file, ' and ' ORDER BY x.file) AS files
      FROM made AS x WHERE x.identity <> 'jiayi.evidence()' GROUP BY x.type, x.identity HAVING count(*) > 1) AS m;
SELECT is(string_agg(b.type || ' ' || b.identity, '; '), NULL, 'everything but what tables need is made by a file')
FROM before AS b
WHERE NOT EXISTS (SELECT FROM made AS m WHERE m.type = b.type AND m.identity = b.identity)
  AND NOT EXISTS (SELECT FROM needed AS n WHERE n.identity = b.identity);
SELECT is(string_agg(m.type || ' ' || m.identity || ' of ' || m.file, '; '), NULL, 'everything that a file makes is there')
FROM made AS m
WHERE NOT EXISTS (SELECT FROM before AS b WHERE b.type = m.type AND b.identity = m.identity);
SELECT is(string_agg(n.identity || ' in ' || m.file, '; '), NULL, 'what a table needs is made by no file')
FROM needed AS n JOIN made AS m ON m.identity = n.identity;
SELECT ok(EXISTS (SELECT FROM migration AS m WHERE m.body ~ ('CREATE (OR REPLACE )?FUNCTION ' || n.name || '\(')),
       n.identity || ', which a table needs, is made by a migration')
FROM needed AS n ORDER BY n.identity;

SELECT * FROM finish();
ROLLBACK;
