-- Has all that policies.sql makes found: what a server does by and by, at once. Its indexes are made at the end.

\set ON_ERROR_STOP on
SET search_path = jiayi, pg_catalog;
SET maintenance_work_mem = '1GB';
SET synchronous_commit = off;

CREATE TEMP TABLE dropped AS
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
FROM pg_index AS i
WHERE indrelid = 'search_doc'::regclass AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = i.indexrelid);
SELECT format('DROP INDEX %s', name) FROM dropped \gexec
INSERT INTO search_fill (kind, below)
SELECT 'deal', max(id) + 1 FROM deal UNION ALL SELECT 'customer', max(id) + 1 FROM customer UNION ALL SELECT 'comment', max(id) + 1 FROM comment
ON CONFLICT DO NOTHING;
CREATE PROCEDURE pg_temp.fill() LANGUAGE plpgsql AS $$
BEGIN
    WHILE EXISTS (SELECT FROM jiayi.search_fill) LOOP
        PERFORM jiayi.search_keep(5000);
        TRUNCATE jiayi.search_todo; -- each kind is put there anyway
        COMMIT;
    END LOOP;
END
$$;
CALL pg_temp.fill();
SELECT definition FROM dropped \gexec
VACUUM ANALYZE search_doc;
