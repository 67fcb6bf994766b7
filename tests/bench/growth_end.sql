-- Part of growth.sql: what is left when all is there.

\set ON_ERROR_STOP on
SET search_path = jiayi, pg_catalog;
SET maintenance_work_mem = '1GB';
SET synchronous_commit = off;
SET session_replication_role = replica;

SELECT definition FROM bench.dropped WHERE relation = 'report'::regclass \gexec
SELECT format('ALTER TABLE %s ENABLE %s TRIGGER %I', relation, CASE tgenabled WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' ELSE '' END, tgname)
FROM bench.switched WHERE tgenabled <> 'D' \gexec
RESET session_replication_role;

-- With triggers, which say what each may do.
INSERT INTO session (member_id, token_hash, client, address)
SELECT member_id, sha256(lpad(p::text, 43, '0')::bytea), 'bench', '127.0.0.1' FROM bench.who ORDER BY p;
VACUUM ANALYZE;
CHECKPOINT;
SET client_min_messages = warning;
DROP SCHEMA bench CASCADE;
