-- Files: who sees them, and when; that what is complete stays; the quota.
\ir fixture.psql
SELECT no_plan();

INSERT INTO company (slug, name) VALUES ('rival', 'Rival');
SELECT pg_temp.join_company('rita', 'rival', 'vendor') \g /dev/null
SELECT pg_temp.partners('acme', 'rival') \g /dev/null
SELECT pg_temp.deal('cleo', 'one') AS one \gset

-- Puts a file of one byte: begun only, or complete. Its number.
CREATE FUNCTION pg_temp.begin_file(name text, ref text, called text, VARIADIC more text[] DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'file.add', pg_temp.method('FileService/CreateFile', VARIADIC ARRAY['on', $2, 'name', $3,
        'bytes', '1', 'sha256', encode(sha256('x'), 'hex')] || $4))
$$;
CREATE FUNCTION pg_temp.put_chunk(name text, id text, data text DEFAULT '\x78') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'file.add', pg_temp.method('FileService/PutChunk', 'file_id', $2, 'seq', '0', 'data', $3))
$$;
CREATE FUNCTION pg_temp.complete(name text, id text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'file.add', pg_temp.method('FileService/CompleteFile', 'file_id', $2))
$$;
CREATE FUNCTION pg_temp.put(name text, ref text, called text, VARIADIC more text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    id text := pg_temp.begin_file(name, ref, called, VARIADIC more);
BEGIN
    PERFORM pg_temp.put_chunk(name, id);
    RETURN pg_temp.complete(name, id);
END
$$;
-- What somebody sees of files, and of their chunks.
CREATE FUNCTION pg_temp.files(name text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'session', 'SELECT concat_ws(''/'', string_agg(f.name, '' '' ORDER BY f.id),
        (SELECT count(*) FROM file_chunk)) FROM file AS f')
$$;
CREATE FUNCTION pg_temp.share(vendor text) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.act('ben', 'deal.update', format('UPDATE deal SET vendor_id = vendor_by_slug(%L) WHERE title = ''one''
        RETURNING 1', $1))
$$;

SELECT pg_temp.put('cleo', 'deal/' || :one, 'alone'), pg_temp.share('beta'),
    pg_temp.put('cleo', 'deal/' || :one, 'to-beta'), pg_temp.put('cleo', 'deal/' || :one, 'floor', 'internal', 'true'),
    pg_temp.put('vito', 'deal/' || :one, 'offer'), pg_temp.put('vito', 'deal/' || :one, 'margin', 'internal', 'true'),
    pg_temp.begin_file('cleo', 'deal/' || :one, 'begun') \g /dev/null
SELECT is(pg_temp.files('ben'), 'alone to-beta floor offer/4', 'the principal: all but the vendor''s own and what is not complete');
SELECT is(pg_temp.files('cleo'), 'alone to-beta floor offer begun/4', 'its author sees an upload');
SELECT is(pg_temp.files('vito'), 'to-beta offer margin/3', 'the vendor: since it is shared, and nothing internal');
SELECT is(pg_temp.files('rita') || pg_temp.files('dora') || pg_temp.files('gina'), '000', 'nobody else');
SELECT pg_temp.share('rival'), pg_temp.put('cleo', 'deal/' || :one, 'to-rival') \g /dev/null
SELECT is(pg_temp.files('rita'), 'to-rival/1', 'H4: the rival: nothing from before, nothing of beta''s');
SELECT is(pg_temp.files('vito'), 'offer margin/2', 'its own stay the first vendor''s');
SELECT is(pg_temp.act('vito', 'session', format('SELECT on_id FROM object_known(''deal/%s'')', :one)), :'one', 'which it can list');

-- An upload that was begun before the deal was shared is seen by the vendor only where it was begun again.
SELECT pg_temp.share(NULL), pg_temp.begin_file('cleo', 'deal/' || :one, 'old') AS old,
    pg_temp.begin_file('cleo', 'deal/' || :one, 'renewed') AS renewed, pg_temp.share('rival') \gset
SELECT is(pg_temp.begin_file('cleo', 'deal/' || :one, 'renewed'), :'renewed', 'an upload goes on');
SELECT pg_temp.put_chunk('cleo', :'old'), pg_temp.complete('cleo', :'old'), pg_temp.put_chunk('cleo', :'renewed'),
    pg_temp.complete('cleo', :'renewed') \g /dev/null
SELECT is(pg_temp.files('rita'), 'renewed/1', 'begun before it was shared: not seen, gone on with since then: seen');

-- Evidence.
SELECT throws_ok('UPDATE file SET name = ''x'' WHERE name = ''alone''', 'JY009', NULL, 'a complete file is not changed');
SELECT throws_ok('DELETE FROM file WHERE name = ''alone''', 'JY009', NULL, 'nor deleted');
SELECT throws_ok('UPDATE file_chunk SET data = ''y''', 'JY009', NULL, 'nor its chunks');
SELECT throws_ok('DELETE FROM file_chunk', 'JY009', NULL, 'neither');
SELECT throws_ok(format('INSERT INTO file_chunk VALUES (%s, 1, ''x'')', :renewed), 'JY009', NULL, 'nor is one added');
SELECT throws_ok('TRUNCATE file CASCADE', 'JY009', NULL, 'nor are all gone');
SELECT throws_ok('TRUNCATE file_chunk', 'JY009', NULL, 'nor their chunks');
SET LOCAL session_replication_role = replica;
SELECT throws_ok('DELETE FROM file WHERE name = ''alone''', 'JY009', NULL, 'not in replication either');
SELECT throws_ok('UPDATE file_chunk SET data = ''y''', 'JY009', NULL, 'nor chunks');
RESET session_replication_role;
SELECT pg_temp.refused('cleo', 'file.add', format('UPDATE file SET state = ''uploading'' WHERE id = %s RETURNING 1', :old), 'JY009',
    format('file %s is complete; the author cannot make it uploading', :old));
SELECT is(pg_temp.act('cleo', 'file.add', format('WITH gone AS (DELETE FROM file WHERE id = %s RETURNING 1) SELECT count(*) FROM gone', :old)),
    '0', 'its author cannot delete it');
SELECT is(pg_temp.act('dora', 'file.add', 'WITH gone AS (DELETE FROM file RETURNING 1) SELECT count(*) FROM gone'), '0',
    'nobody deletes others'' uploads');

-- Not what it should be: nothing is kept.
SELECT pg_temp.begin_file('cleo', 'deal/' || :one, 'wrong') AS wrong \gset
SELECT pg_temp.put_chunk('cleo', :'wrong', '\x79') \g /dev/null
SELECT is(pg_temp.complete('cleo', :'wrong'), NULL, 'another SHA-256: no answer');
SELECT is(count(*)::int, 0, 'and neither file nor chunk') FROM file AS f LEFT JOIN file_chunk AS c ON c.file_id = f.id WHERE f.name = 'wrong';

-- The housekeeper.
UPDATE file SET begun_at = now() - interval '25 hours' WHERE state = 'uploading';
SELECT pg_temp.begin_file('cleo', 'deal/' || :one, 'young') \g /dev/null
SELECT job_housekeeping(0, now()) \g /dev/null
SELECT is(string_agg(f.name, ' ' ORDER BY f.id), 'alone to-beta floor offer margin to-rival old renewed young',
    'uploads of the day before go, what is complete stays') FROM file AS f;

-- The quota: of the company that puts, 64 KiB at least for each.
CREATE OR REPLACE FUNCTION file_quota(company bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT 2 * 65536 $$;
SELECT pg_temp.refused('vito', 'file.add', pg_temp.method('FileService/CreateFile', 'on', 'report/1', 'name', 'n', 'bytes', '1',
    'sha256', encode(sha256('x'), 'hex')), 'JY005');
SELECT pg_temp.share('beta') \g /dev/null
SELECT pg_temp.refused('vito', 'file.add', pg_temp.method('FileService/CreateFile', 'on', 'deal/' || :one, 'name', 'third', 'bytes', '1',
    'sha256', encode(sha256('x'), 'hex')), 'JY008');
SELECT pg_temp.share('rival') \g /dev/null
SELECT lives_ok(format('SELECT pg_temp.put(''rita'', ''deal/%s'', %L)', :one, n), 'the other''s are not counted') FROM (VALUES ('1'), ('2')) AS x(n);

-- Each kind that takes files does, and the others say so.
INSERT INTO report (company_id, author_id, to_company_id, kind, period)
SELECT m.company_id, m.id, m.company_id, 'daily', '2026-11-20' FROM member AS m WHERE m.name = 'cleo';
INSERT INTO revision (on_kind, on_id, version, member_id, title, body)
SELECT 5, r.id, 1, r.author_id, 'T', 'B' FROM report AS r;
SELECT pg_temp.act('cleo', 'deal.log', format('INSERT INTO activity (deal_id, company_id, member_id, kind, text)
    VALUES (%s, me_company(), me_member(), ''call'', ''Called.'') RETURNING 1', :one)) \g /dev/null
CREATE OR REPLACE FUNCTION file_quota(company bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT 10737418240 $$;
SELECT pg_temp.act('boss', 'task.create', pg_temp.method('TaskService/CreateTask', 'title', 'a task')) \g /dev/null
SELECT pg_temp.act('boss', 'case.open', pg_temp.method('CaseService/MakeSuggestion', 'text', 'a suggestion')) \g /dev/null
SELECT isnt(pg_temp.put('boss', ref, 'f'), NULL, 'on ' || split_part(ref, '/', 1)) FROM (
    SELECT 'report/' || max(id) FROM report UNION ALL SELECT 'activity/' || max(id) FROM activity
    UNION ALL SELECT 'task/' || max(id) FROM task UNION ALL SELECT 'case/' || max(id) FROM case_file
    UNION ALL SELECT 'partner/' || max(id) FROM partnership) AS x(ref);
SELECT is(string_agg(kind, ' ' ORDER BY no), 'customer deal activity report contract payment task case registration partner playbook', 'all of them') FROM object_kind WHERE attachable;
SELECT pg_temp.refused('boss', 'file.add', pg_temp.method('FileService/CreateFile', 'on', 'member/' || pg_temp.member('cleo'),
    'name', 'n', 'bytes', '1', 'sha256', encode(sha256('x'), 'hex')), 'JY003');
SELECT * FROM finish();
ROLLBACK;
