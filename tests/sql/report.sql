-- Reports: their states, who reviews them, and that a version stays for ever (requirements RP1 and
-- RP3).
\ir fixture.psql
SELECT no_plan();

CREATE FUNCTION pg_temp.submit(name text, "to" text, kind text DEFAULT 'weekly', period text
    DEFAULT '2026-W47') RETURNS bigint LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'report.submit',
           format('SELECT id FROM report_submit(%L, %L, %L, ''Title'', ''Body of %s'', NULL)', $3,
           $4, $2, $1))::bigint
$$;
CREATE FUNCTION pg_temp.review(name text, report bigint, decision text, comment text DEFAULT NULL)
    RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'report.review', format('SELECT state FROM report_review(%s, %L, %L, NULL)',
           $2, $3, $4))
$$;
CREATE FUNCTION pg_temp.not_reviewed(name text, report bigint, code text, description text)
    RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.refused($1, 'report.review',
           format('SELECT state FROM report_review(%s, ''accepted'', NULL, NULL)', $2), $3, NULL, $4)
$$;
CREATE FUNCTION pg_temp.resubmit(name text, report bigint, title text DEFAULT NULL) RETURNS text
    LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'report.submit',
           format('SELECT state || version || title FROM report_resubmit(%s, %L, ''Better'')', $2,
           $3))
$$;
SELECT pg_temp.submit('vito', 'acme') AS v, pg_temp.submit('cleo', 'acme') AS c,
       pg_temp.submit('anna', 'acme') AS a, pg_temp.submit('vito', 'beta') AS own \gset

-- Who sees them.
SELECT is(pg_temp.sees(name, 'report.read', 'author_id FROM report') ,
       coalesce((SELECT string_agg(pg_temp.member(x)::text, ',' ORDER BY pg_temp.member(x))
       FROM unnest(authors) AS x), ''),
          name || ' sees those of ' || array_to_string(authors, ','))
FROM (VALUES ('cleo', ARRAY['cleo']), ('dora', '{}'), ('ben', ARRAY['cleo', 'vito']),
    ('anna', ARRAY['anna', 'cleo', 'vito']), ('boss', ARRAY['anna', 'cleo', 'vito']),
    ('ewa', ARRAY['anna', 'cleo', 'vito']), ('vito', ARRAY['vito', 'vito']), ('vera', '{}'),
        ('bboss', ARRAY['vito', 'vito']), ('gboss', '{}')) AS t(name, authors);

-- Wrong from the start.
SELECT pg_temp.refused('cleo', 'report.submit', format($$ SELECT id FROM report_submit(%L, %L,
       'acme', 't', 'b', NULL) $$, k, p), 'JY003', NULL, format('a %s report about %s', k, p))
FROM (VALUES ('daily', '2026-W47'), ('weekly', '2026-11'), ('monthly', '2026'),
    ('progress', '2026-W54'), ('quality', 'x')) AS t(k, p);
SELECT pg_temp.refused('cleo', 'report.submit', $$ SELECT id FROM report_submit('progress', '2026',
       'beta', 't', 'b', NULL) $$, 'JY005', NULL, 'not to one''s vendor');
SELECT pg_temp.refused('vito', 'report.submit', $$ SELECT id FROM report_submit('progress', '2026',
       'gamma', 't', 'b', NULL) $$, 'JY005', NULL, 'not to a stranger');
SELECT pg_temp.refused('cleo', 'report.submit', format($$ SELECT id FROM report_submit('progress',
       '2026', 'acme', 't', 'b', %s) $$, pg_temp.deal('dora', 'hers')), 'JY005', NULL,
       'not about a deal that one does not see');
SELECT pg_temp.refused('cleo', 'report.submit', format($$ INSERT INTO report (company_id, author_id, to_company_id, kind, period,
       deal_id) VALUES (me_company(), me_member(), me_company(), 'progress', '2026', %s) RETURNING 1 $$,
       pg_temp.deal('dora', 'another of hers')), 'JY005', NULL, 'case L1: whatever statement makes it');
SELECT isnt(pg_temp.act('vito', 'report.submit', format($$ SELECT id FROM report_submit('progress',
       '2026', 'acme', 't', 'b', %s) $$, pg_temp.deal('cleo', 'ours', true))), NULL,
       'about a deal that is shared');

-- Reviewing.
SELECT pg_temp.not_reviewed('anna', :a, 'JY009', 'nobody reviews their own');
SELECT pg_temp.not_reviewed('bboss', :v, 'JY007',
       'the vendor''s admin does not accept what goes to the principal');
SELECT is(pg_temp.review('gboss', :v, 'accepted'), NULL, 'a stranger finds nothing');
SELECT is(pg_temp.review('ben', :a, 'accepted'), NULL, 'nor does a manager whose team it is not');
SELECT is(pg_temp.review('bboss', :own, 'accepted'), 'accepted',
       'what stays in the company is its admin''s');
SELECT pg_temp.not_reviewed('bboss', :own, 'JY009', 'what is accepted stays accepted');
SELECT is(pg_temp.review('ben', :v, 'returned', 'more figures'), 'returned',
       'the principal''s manager returns');
SELECT pg_temp.not_reviewed('ben', :v, 'JY009', 'what is returned is not accepted');
SELECT pg_temp.refused('bboss', 'report.submit', format($$ SELECT 1 FROM report_resubmit(%s, NULL,
       'x') $$, :v), 'JY007', format('only its author may resubmit report %s', :v));
SELECT pg_temp.refused('cleo', 'report.submit', format($$ SELECT 1 FROM report_resubmit(%s, NULL,
       'x') $$, :c), 'JY009',
       format('report %s is submitted already', :c));
SELECT is(pg_temp.resubmit('vera', :v), NULL, 'who does not see it does not resubmit it');
SELECT is(pg_temp.resubmit('vito', :v), 'submitted2Title', 'the author resubmits');
SELECT is(pg_temp.review('anna', :v, 'returned', 'again'), 'returned', 'returned again');
SELECT is(pg_temp.resubmit('vito', :v, 'New title'), 'submitted3New title', 'resubmitted again');
SELECT is(pg_temp.review('anna', :v, 'accepted', 'fine'), 'accepted', 'accepted');
SELECT is(pg_temp.sees('vito', 'report.read',
       'version || title || body FROM revision WHERE on_kind = 5 AND on_id = ' || :v),
       '1TitleBody of vito,2TitleBetter,3New titleBetter', 'all versions stay readable');
SELECT is(pg_temp.sees('vito', 'report.read',
       'version || decision || text FROM comment WHERE on_kind = 5 AND on_id = ' || :v),
       '1returnedmore figures,2returnedagain,3acceptedfine', 'and the comments');
SELECT is(sha256, sha256('Body of vito'), 'the hash is that of the text') FROM revision
       WHERE on_kind = 5 AND on_id = :v AND version = 1;

-- The digest is that of all that decides what a version is (H6).
SELECT is(digest, sha256(convert_to(format(
       '["jiayi report version", %s, 3, %s, %s, %s, "%s", "%s", %s, %s, "New title", "Better"]',
       v.on_id, pg_temp.company('beta'), pg_temp.member('vito'), pg_temp.company('acme'),
       r.kind, r.period, coalesce(r.deal_id::text, 'null'),
       (extract(epoch FROM v.submitted_at) * 1000000)::bigint), 'UTF8')),
       'case H6: the digest is that of all that decides')
FROM revision AS v JOIN report AS r ON r.id = v.on_id
WHERE v.on_kind = 5 AND v.on_id = :v AND v.version = 3;
CREATE FUNCTION pg_temp.with(v revision, other jsonb) RETURNS revision LANGUAGE sql STABLE AS
$$ SELECT jsonb_populate_record(v, other) $$;
SELECT is(count(DISTINCT report_digest(x)), 5::bigint, 'case H6: number, title, text and moment count')
FROM revision AS v, LATERAL (VALUES
    (v), (pg_temp.with(v, '{"version": 9}')),
    (pg_temp.with(v, '{"title": "x"}')),
    (pg_temp.with(v, '{"body": "x"}')),
    (pg_temp.with(v, jsonb_build_object('submitted_at', v.submitted_at + interval '1 microsecond')))) AS t(x)
WHERE v.on_kind = 5 AND v.on_id = :v AND v.version = 1;
SAVEPOINT rewritten;
ALTER TABLE report DISABLE TRIGGER guard;
UPDATE report SET period = '2026-W01' WHERE id = :v;
SELECT is(count(*) FILTER (WHERE digest = report_digest(v)), 0::bigint,
       'case H6: a report that was given another period is found out, in each version')
FROM revision AS v WHERE on_kind = 5 AND on_id = :v;
ROLLBACK TO rewritten;
SELECT is(count(*) FILTER (WHERE digest <> report_digest(v)), 0::bigint, 'case H6: and none before')
FROM revision AS v;

-- Nothing that was submitted changes, whoever tries.
SELECT pg_temp.refused('vito', 'report.submit', s, '42501', NULL, 'as the author: ' || s)
       FROM unnest(ARRAY['UPDATE revision SET body = ''x'' RETURNING 1',
    'WITH d AS (DELETE FROM revision RETURNING 1) SELECT * FROM d',
        'WITH d AS (DELETE FROM report RETURNING 1) SELECT * FROM d',
        'UPDATE report SET version = 1 RETURNING 1',
    'UPDATE report SET author_id = me_member() RETURNING 1',
        'UPDATE comment SET text = ''x'' RETURNING 1']) AS s;
SELECT throws_ok(format('DO %L', 'BEGIN SET LOCAL ROLE jiayi_owner; ' || s || '; END'), 'JY009',
       NULL, 'as the owner: ' || s)
FROM unnest(ARRAY['UPDATE jiayi.revision SET body = ''x''',
    'DELETE FROM jiayi.revision', 'TRUNCATE jiayi.revision CASCADE',
    'UPDATE jiayi.revision SET title = title WHERE false',
    'UPDATE jiayi.comment SET text = ''x''', 'TRUNCATE jiayi.comment',
        'UPDATE jiayi.audit_log SET member = ''x''', 'DELETE FROM jiayi.audit_log',
        'TRUNCATE jiayi.audit_log']) AS s;
SELECT throws_ok('UPDATE revision SET body = ''x''', 'JY009', NULL, 'as a superuser');
-- What replicates runs no triggers but those that always run (H6).
SET LOCAL session_replication_role = replica;
SELECT throws_ok(s, 'JY009', NULL, 'case H6: in replication: ' || s)
FROM unnest(ARRAY['UPDATE jiayi.revision SET body = ''x''', 'DELETE FROM jiayi.comment',
    'UPDATE jiayi.audit_log SET member = ''x''', 'DELETE FROM jiayi.deal_stage',
    'UPDATE jiayi.activity SET text = ''x''', 'DELETE FROM jiayi.kpi_record']) AS s;
SELECT count(*) AS entries FROM audit_log \gset
UPDATE report SET period = '2026-W02' WHERE id = :v;
SELECT is(count(*) - :entries, 2::bigint, 'case H6: in replication the log of both companies notes it too')
FROM audit_log;
UPDATE report SET period = '2026-W47' WHERE id = :v;
SET LOCAL session_replication_role = DEFAULT;
SELECT throws_ok(format('DELETE FROM report WHERE id = %s', :v), 'JY009', NULL,
       'a report is not deleted: what was submitted names it');
SELECT pg_temp.refused('vito', 'report.submit', format($$ INSERT INTO revision (on_kind, on_id,
       version, member_id, title, body) VALUES (5, %s, 4, me_member(), 't', 'b') RETURNING 1 $$, :v), '42501', NULL,
       'no version is slipped in');
SELECT pg_temp.refused(name, 'report.submit', format($$ INSERT INTO revision (on_kind, on_id, version,
       member_id, title, body) VALUES (%s, %s, %s, %s, 't', 'b') RETURNING 1 $$, on_kind, on_id, version, author),
       '42501', NULL, 'nor ' || what)
FROM (VALUES ('vito', 5, pg_temp.submit('vito', 'acme'), 1, pg_temp.member('vera'), 'one of somebody else''s'),
    ('vera', 5, :v, 3, pg_temp.member('vera'), 'one to somebody else''s report'),
    ('cleo', 3, pg_temp.deal('cleo', 'without'), 1, pg_temp.member('cleo'), 'one of what has none'))
    AS t(name, on_kind, on_id, version, author, what);
SELECT is(string_agg(DISTINCT slug_of(v.company_id) || ' ' || m.name, ', '), 'beta vito',
       'a version says who submitted it, and whose it is')
FROM revision AS v JOIN member AS m ON m.id = v.member_id WHERE v.on_kind = 5 AND v.on_id = :v;

-- The log of it is its company's, seen with the report.
SELECT is(string_agg(slug_of(company_id) || ' ' || object_id, ', ' ORDER BY id),
       format('beta 5/%s/1, beta 5/%1$s/2, beta 5/%1$s/3', :v), 'each version is in its company''s log')
FROM audit_entries() WHERE object = 'revision' AND object_id LIKE '5/' || :v || '/%';
SELECT is(pg_temp.act(name, 'audit.read', format($$ SELECT audit_object_seen('revision', '5/%s/1')::text
       || coalesce(audit_name('revision', '5/%1$s/1'), '') $$, :v)), told, name || ': ' || told)
FROM (VALUES ('bboss', 'trueNew title'), ('anna', 'trueNew title'), ('gboss', 'false'))
    AS t(name, told);

-- What is on a report asks a function whether it shows, and what lists it alone looks by itself: each by the policy, whoever asks.
INSERT INTO comment (on_kind, on_id, version, member_id, text, audience)
SELECT 5, r.id, 1, m.id, 'said by ' || m.name, a FROM report AS r JOIN member AS m ON m.company_id IN (r.company_id, r.to_company_id)
    AND m.name IN ('cleo', 'anna', 'vito', 'bboss'), unnest('{shared,internal}'::text[]) AS a;
SELECT array_agg(r.id) AS reports FROM report AS r \gset
CREATE TEMP TABLE who AS SELECT n FROM unnest('{boss,anna,ben,cleo,dora,ewa,bboss,vito,vera,gboss,gina}'::text[]) AS n;
SELECT is(pg_temp.sees(n, 'report.read', format('i FROM unnest(%L::bigint[]) AS i WHERE report_shows(i)', :'reports')),
    pg_temp.sees(n, 'report.read', 'id FROM report'), 'reports that show: ' || n) FROM who;
SELECT is(pg_temp.sees(n, 'report.read', 'c.id FROM report AS r, report_comments(r.id, NULL, 1000) AS c'),
    pg_temp.sees(n, 'report.read', 'id FROM comment WHERE on_kind = 5'), 'what was said of them: ' || n) FROM who;
SELECT is(pg_temp.sees(n, 'report.read', 'concat_ws('' '', r.id, v.*) FROM report AS r, report_versions(r.id, NULL, 1000) AS v'),
    pg_temp.sees(n, 'report.read', 'concat_ws('' '', v.on_id, s.*) FROM revision AS v, report_version_shown(v) AS s WHERE v.on_kind = 5'),
    'their versions: ' || n) FROM who;
SELECT pg_temp.refused('gina', 'report.read', format('SELECT version FROM %s(%s, NULL, 51)', f, :v), 'JY005',
    format('there is no report %s that you can see', :v)) FROM unnest('{report_versions,report_comments}'::text[]) AS f;

-- The end of the partnership: what was submitted stays with both, nothing new comes.
SELECT is(pg_temp.review('anna', pg_temp.submit('vito', 'acme'), 'returned', 'x'), 'returned',
       'one more');
UPDATE partnership SET state = 'ended';
SELECT is(pg_temp.sees('anna', 'report.read', 'id FROM report WHERE id = ' || :v), :'v',
       'the principal still reads it');
SELECT is(pg_temp.sees('vito', 'report.read', 'id FROM report WHERE id = ' || :v), :'v',
       'and so does the vendor');
SELECT pg_temp.refused('vito', 'report.submit', $$ SELECT id FROM report_submit('progress', '2026',
       'acme', 't', 'b', NULL) $$, 'JY009', 'the partnership with acme is ended, not active');
SELECT pg_temp.refused('vito', 'report.submit', $$ SELECT r.version FROM report AS t,
       report_resubmit(t.id, NULL, 'b') AS r WHERE t.state = 'returned' $$, 'JY009',
    'the partnership with acme is ended, not active');

SELECT * FROM finish();
ROLLBACK;
