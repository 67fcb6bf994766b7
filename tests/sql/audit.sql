-- The log of changes: what it has, who sees it (requirement EV1).
\ir fixture.psql
\ir plan.psql
SELECT no_plan();

SELECT pg_temp.deal('cleo', 'one', true) AS one \gset
SELECT pg_temp.act('vito', 'deal.move',
       format('UPDATE deal SET stage = ''quoted'', stage_reason = ''好'' WHERE id = %s RETURNING 1',
       :one)) \g /dev/null

SELECT is(action || before || after,
       'update{"stage": "new", "version": 1}{"stage": "quoted", "reason": "好", "version": 2}',
       'a change, before and after')
FROM (SELECT action, before::text AS before, after::text AS after
    FROM audit_entries() WHERE object = 'deal' AND object_id = :'one' ORDER BY id DESC LIMIT 1) AS a;
SELECT is(member || ' ' || slug_of(company_id) || ' ' || method || ' ' || request_id,
       'vito@beta.example acme jiayi.v1.TestService/Test 0123456789abcdef0123456789abcdef',
       'who, whose, how')
FROM audit_entries() WHERE object = 'deal' AND action = 'update' AND object_id = :'one';
SELECT is(member_id, NULL, 'what the server does itself has no member') FROM audit_log
       WHERE object = 'deal' AND action = 'insert' AND object_id = :'one';
SELECT is(count(*)::int, 1, 'a move is in the log once: its row in the history is the entry')
       FROM audit_entries() WHERE (after ->> 'stage') = 'quoted';
SELECT is(action || (after ->> 'stage') || (after ? 'log_id') || (after ? 'request_id'), 'insertnewfalsefalse',
       'what else is in the history is an entry as itself')
       FROM audit_entries() WHERE object = 'deal_stage' AND object_id = :'one' || '/1';
SELECT ok(count(*) > 3 AND count(*) = count(DISTINCT id), 'all of the log is numbered in one row') FROM audit_entries();
SELECT pg_temp.deal('cleo', 'two') AS two \gset
SELECT pg_temp.act('cleo', 'deal.update',
       format('UPDATE deal SET amount = 5, currency = ''EUR'' WHERE id = %s RETURNING 1', :two)) \g /dev/null
SELECT pg_temp.act('cleo', 'deal.move',
       format('UPDATE deal SET stage = ''won'' WHERE id = %s RETURNING 1', :two)) \g /dev/null
SELECT is(action || (before - 'closed_at')::text || (after - 'closed_at')::text || (before ->> 'closed_at' IS NULL)
              || ((after ->> 'closed_at')::timestamptz = d.closed_at),
       'update{"stage": "new", "outcome": "open", "version": 2}{"stage": "won", "outcome": "won", "version": 3}truetrue',
       'winning is a change of the outcome, and of when the deal was closed')
FROM audit_entries() AS a JOIN deal AS d ON d.id = :two
WHERE a.object = 'deal' AND a.object_id = :'two' AND a.after ->> 'stage' = 'won';

-- What changes nothing is no version; that it was asked for is an entry.
UPDATE deal SET stage = stage, stage_reason = 'x', title = title WHERE id = :two;
SELECT is(version || coalesce(stage_reason, '-'), '3-', 'what changes nothing is no version') FROM deal WHERE id = :two;
SELECT is(before::text || after::text, '{}{}', 'and is in the log once')
FROM audit_entries() WHERE object = 'deal' AND object_id = :'two' ORDER BY id DESC LIMIT 1;
SET LOCAL session_replication_role = replica;
UPDATE deal SET stage = 'lost' WHERE id = :two;
SELECT is(after ->> 'stage', 'lost', 'case H6: in replication, where no guard and no history is')
FROM audit_entries() WHERE object = 'deal' AND object_id = :'two' ORDER BY id DESC LIMIT 1;
UPDATE deal SET stage = 'won' WHERE id = :two;
SET LOCAL session_replication_role = DEFAULT;
SELECT is(count(*)::int, 6, 'none of that twice') FROM audit_entries() AS a
WHERE a.object = 'deal' AND a.object_id = :'two';
SELECT is(string_agg(a.attname, ',' ORDER BY a.attname), 'checks,customer_name,lost_code,lost_to,stage,stage_audience,stage_reason,stage_skip,won_on',
       'of all columns of deals only those of a move are left to the history, and the customer''s name, which is its own')
FROM pg_attribute AS a
WHERE a.attrelid = 'deal'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND NOT EXISTS (
    SELECT FROM pg_trigger AS t WHERE t.tgrelid = a.attrelid AND t.tgname = 'audit' AND a.attnum = ANY (t.tgattr));
SELECT is(count(*)::int, 0, 'no change is no entry') FROM audit_log WHERE object = 'company'
       AND action = 'update';
UPDATE company SET name = name;
SELECT is(count(*)::int, 0, 'nor is what stays the same') FROM audit_log WHERE object = 'company'
       AND action = 'update';
SELECT is(count(*)::int, 0, 'no secret is in the log') FROM audit_log WHERE after::text ~ 'argon2id'
       OR after ? 'token_hash' OR after ? 'phc';
UPDATE session SET last_seen_at = now() - interval '5 minutes';
SELECT is(count(*)::int, 0, 'that a session was used is no change') FROM audit_log
       WHERE object = 'session' AND action = 'update';
UPDATE session SET revoked_at = now() WHERE member_id = pg_temp.member('vera');
SELECT is(count(*)::int, 1, 'that it was ended is one') FROM audit_log WHERE object = 'session'
       AND action = 'update';
SELECT is(string_agg(slug_of(company_id), ',' ORDER BY company_id), 'acme,beta',
       'a partnership is in both companies'' logs') FROM audit_log WHERE object = 'partnership';
SELECT pg_temp.act('vito', 'report.submit', $$ SELECT id FROM report_submit('progress', '2026',
       'acme', 'T', 'the whole text', NULL) $$) \g /dev/null
SELECT is(string_agg(slug_of(company_id), ',' ORDER BY company_id), 'acme,beta',
       'and so is a report') FROM audit_log WHERE object = 'report';
SELECT is((after ? 'body') || (after ->> 'title'), 'falseT', 'whose text is kept once')
       FROM audit_entries() WHERE object = 'revision';

-- Who sees it.
CREATE FUNCTION pg_temp.by(name text) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.sees($1,
    'audit.read', 'DISTINCT coalesce(split_part(member, ''@'', 1), ''-'') FROM audit_entries() WHERE company_id = me_company()') $$;
SELECT pg_temp.act('cleo', 'deal.update',
       format('UPDATE deal SET title = ''c'' WHERE id = %s RETURNING 1', :one)) \g /dev/null
SELECT pg_temp.act('boss', 'deal.update',
       format('UPDATE deal SET title = ''b'' WHERE id = %s RETURNING 1', :one)) \g /dev/null
SELECT is(pg_temp.by('boss'), '-,boss,cleo,vito', 'an admin: all');
SELECT is(pg_temp.by('ewa'), '-,boss,cleo,vito', 'an auditor: all');
SELECT is(pg_temp.by('anna'), '-,boss,cleo,vito',
       'a manager: the team''s, and whatever was done to what the team has');
SELECT is(pg_temp.sees('anna', 'audit.read', 'DISTINCT object FROM audit_entries()
       WHERE company_id = me_company() AND member_id IS DISTINCT FROM ' || pg_temp.member('cleo')), 'customer,deal,deal_stage,member,report',
       'case 10: of what others did, only what was done to things that one sees');
SELECT is(pg_temp.by('bboss'), '-,vito', 'the other company: its own things');
SELECT is(pg_temp.sees('bboss', 'audit.read', 'id FROM audit_entries() WHERE company_id = me_company() AND object LIKE ''deal%'''), '',
       'not the principal''s deals');
SELECT is(pg_temp.by('gboss'), '-', 'a stranger: its own');
SELECT is(pg_temp.sees('cleo', 'deal.read', 'id FROM audit_log WHERE member_id <> me_member()'), '',
       'without audit.read nobody reads others''');
SELECT pg_temp.refused('boss', 'audit.read', $$ INSERT INTO audit_log (object, object_id, action)
       VALUES ('x', 'x', 'insert') RETURNING 1 $$, '42501', NULL,
       'nobody writes it but the trigger');

-- What is only ever added to is its own entry.
SELECT pg_temp.deal('cleo', 'three', true) AS three \gset
SELECT max(a.id) AS before FROM audit_log AS a \gset
SELECT pg_temp.act('vito', 'deal.log', format($$ INSERT INTO activity (deal_id, company_id, member_id, kind, text, audience)
    SELECT d.id, d.company_id, me_member(), 'note', w, w FROM deal AS d, unnest('{shared,internal}'::text[]) AS w
    WHERE d.id = %s RETURNING 1 $$, :three)) \g /dev/null
SELECT pg_temp.act('cleo', 'comment.add', format($$ INSERT INTO comment (on_kind, on_id, member_id, text)
    VALUES (kind('deal'), %s, me_member(), 'words') RETURNING 1 $$, :three)) \g /dev/null
SELECT pg_temp.act('cleo', 'link.add', format($$ INSERT INTO link (from_kind, from_id, to_kind, to_id, role, member_id)
    VALUES (kind('deal'), %s, kind('deal'), %s, 'about', me_member()) RETURNING 1 $$, :three, :two)) \g /dev/null
SELECT pg_temp.act('boss', 'rate.set', $$ INSERT INTO rate (company_id, from_currency, to_currency, day, rate, member_id)
    VALUES (me_company(), 'EUR', 'CNY', '2026-01-01', 7.8, me_member()) RETURNING 1 $$) \g /dev/null
SELECT is(string_agg(slug_of(company_id) || ' ' || object || ' ' || split_part(member, '@', 1) || ' ' || method || ' ' || left(request_id, 4),
        ', ' ORDER BY id),
    'acme activity vito jiayi.v1.TestService/Test 0123, beta activity vito jiayi.v1.TestService/Test 0123, '
    'acme comment cleo jiayi.v1.TestService/Test 0123, acme link cleo jiayi.v1.TestService/Test 0123, '
    'acme rate boss jiayi.v1.TestService/Test 0123', 'rows of evidence are entries, each in the log of whose it is, once')
FROM audit_entries() WHERE id > :before AND object = ANY ('{activity,comment,link,rate}');
SELECT is(count(*)::int, 0, 'and stand in no second place') FROM audit_log
WHERE id > :before AND object = ANY ('{activity,comment,link,rate,revision,kpi_record}');
SELECT is(string_agg(k, ',' ORDER BY k), 'at,audience,author_company_id,company_id,digest,id,member_id,on_id,on_kind,topic,version',
    'they have what the row has, but the words')
FROM (SELECT jsonb_object_keys(jsonb_strip_nulls(after)) AS k FROM audit_entries() WHERE object = 'comment' AND id > :before) AS e;
SELECT is(string_agg(slug_of((e).company_id) || ' ' || (e).object || ' ' || (e).number, ', ' ORDER BY (e).id),
    format('beta revision %s', (SELECT max(on_id) FROM revision)), 'of what is named by a kind as well, its own number')
FROM evidence() AS e WHERE (e).object = 'revision'
    AND (e).number = audit_number('revision', (SELECT max(object_id) FROM audit_entries() WHERE object = 'revision'));
CREATE FUNCTION pg_temp.evidence_by(name text) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.sees($1, 'audit.read',
    format('object || '' '' || count(*) FROM audit_entries() WHERE company_id = me_company() AND id > %s AND object = ANY (''{activity,comment,link,rate}'') GROUP BY object',
        current_setting('test.before'))) $$;
SELECT set_config('test.before', :'before', true) \g /dev/null
SELECT is(pg_temp.evidence_by(name), seen, name || ' reads of that: ' || seen) FROM (VALUES
    ('boss', 'activity 1,comment 1,link 1,rate 1'), ('ewa', 'activity 1,comment 1,link 1,rate 1'),
    ('anna', 'activity 1,comment 1,link 1,rate 1'), ('bboss', 'activity 1'), ('gboss', '')) AS v(name, seen);
SELECT is(pg_temp.act('boss', 'audit.read', 'SELECT string_agg(a.id::text || '' '' || a.object, '','') FROM ('
        || pg_temp.variant('AuditService/ListAuditEntries', 'object', o.object, 'object_id', o.key) || ') AS a'),
    (SELECT e.id || ' ' || e.object FROM audit_entries() AS e WHERE e.object = o.object AND e.object_id = o.key
        AND e.company_id = pg_temp.company('acme')), 'a list of one ' || o.object)
FROM (SELECT DISTINCT ON (object) object, object_id AS key FROM audit_entries() WHERE id > :before
    AND company_id = pg_temp.company('acme') AND object = ANY ('{activity,comment,link,rate}')) AS o;

-- So are targets, evaluations, points of checklists, and reasons that one side keeps for itself.
SELECT max(a.id) AS before FROM audit_entries() AS a \gset
SELECT pg_temp.act('boss', 'kpi.define', $$ INSERT INTO kpi (company_id, code, name, unit, period)
    VALUES (me_company(), 'calls', 'Calls', 'calls', 'month') RETURNING 1 $$) \g /dev/null
SELECT pg_temp.act('boss', 'kpi.target', $$ SELECT code FROM kpi_target('calls', '2026-11', 8, 'cleo@acme.example', NULL) $$) \g /dev/null
SELECT pg_temp.act('boss', 'kpi.evaluate', $$ SELECT code FROM kpi_evaluate('calls', '2026-11', 'cleo@acme.example', NULL, 'good') $$) \g /dev/null
SELECT pg_temp.act('vito', 'deal.move', format('UPDATE deal SET stage = ''contacted'', stage_reason = ''ours'', stage_audience = ''internal''
    WHERE id = %s RETURNING 1', :three)) \g /dev/null
SELECT pg_temp.act('boss', 'checklist.manage', $$ SELECT checklist_define('points', 'Points', 'stage',
    '[{"title": "One"}, {"title": "Two"}]')::text $$) \g /dev/null
SELECT is(string_agg(slug_of(company_id) || ' ' || object || ' ' || split_part(member, '@', 1) || ' ' || left(request_id, 4)
        || ' ' || (at IS NOT NULL), ', ' ORDER BY id),
    'acme kpi_target boss 0123 true, acme kpi_evaluation boss 0123 true, beta deal_reason vito 0123 true, '
    'acme checklist_item boss 0123 true, acme checklist_item boss 0123 true', 'what has no company or moment itself as well')
FROM audit_entries() WHERE id > :before AND object = ANY ('{kpi_target,kpi_evaluation,deal_reason,checklist_item}');
SELECT is(count(*)::int, 0, 'once') FROM audit_log WHERE id > :before
    AND object = ANY ('{kpi_target,kpi_evaluation,deal_reason,checklist_item,clause,contract_review,customer_merge,handover,signature}');
SELECT set_config('test.before', :'before', true) \g /dev/null
SELECT is(pg_temp.sees(name, 'audit.read', 'object || '' '' || count(*) FROM audit_entries() WHERE company_id = me_company() AND id > '
        || current_setting('test.before') || ' AND object = ANY (''{kpi_target,kpi_evaluation,deal_reason,checklist_item}'') GROUP BY object'),
    seen, name || ' reads of that: ' || seen) FROM (VALUES
    ('boss', 'checklist_item 2,kpi_evaluation 1,kpi_target 1'), ('anna', 'checklist_item 2,kpi_evaluation 1,kpi_target 1'),
    ('bboss', 'deal_reason 1'), ('gboss', '')) AS v(name, seen);

SELECT * FROM finish();
ROLLBACK;
