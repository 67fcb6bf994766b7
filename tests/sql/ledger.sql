-- Entries of the ledger: each row of evidence writes its own, in its transaction, and nobody changes one.
\ir fixture.psql
SELECT no_plan();

-- What the last entry of a kind says.
CREATE FUNCTION pg_temp.said(kind text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT convert_from(entry, 'UTF8')::jsonb FROM ledger_entry WHERE kind = $1 ORDER BY id DESC LIMIT 1
$$;
-- The same without what is of chance: the nonce and the moment.
CREATE FUNCTION pg_temp.says(kind text, what jsonb, description text) RETURNS text LANGUAGE sql AS $$
    SELECT is(pg_temp.said($1) - '{at,nonce}'::text[], $2 || jsonb_build_object('kind', $1), $3)
$$;
CREATE FUNCTION pg_temp.hex(t text) RETURNS text LANGUAGE sql AS $$ SELECT encode(sha256(convert_to(t, 'UTF8')), 'hex') $$;

-- A deal's history.
SELECT pg_temp.deal('cleo', 'one', true) AS deal, pg_temp.deal('cleo', 'two') AS alone \gset
SELECT is(count(*)::int, 2, 'a new deal is in its first stage') FROM ledger_entry WHERE kind = 'stage';
SELECT pg_temp.says('stage', jsonb_build_object('author', NULL, 'company', pg_temp.company('acme'), 'partner', NULL,
    'ref', 'deal/' || :alone, 'sha256', NULL, 'version', 1, 'changed', NULL, 'closed', NULL, 'from', NULL, 'way', 'move',
    'outcome', 'open', 'owner', pg_temp.member('cleo'), 'side', pg_temp.company('acme'), 'stage', 'new'), 'a new deal');
SELECT pg_temp.act('vito', 'deal.move', format('UPDATE deal SET stage = ''lost'', lost_code = ''price'', stage_reason = ''太贵'' WHERE id = %s RETURNING 1',
       :deal)) \g /dev/null
SELECT is((pg_temp.said('stage') ->> 'closed')::timestamp, closed_at AT TIME ZONE 'UTC', 'a move that ends the deal says when') FROM deal WHERE id = :deal;
SELECT is(pg_temp.said('stage') - '{at,nonce,closed}'::text[], jsonb_build_object('kind', 'stage',
    'author', pg_temp.member('vito'),
    'company', pg_temp.company('acme'), 'partner', pg_temp.company('beta'), 'ref', 'deal/' || :deal,
    'sha256', pg_temp.hex('太贵'), 'version', 2, 'changed', NULL, 'from', 'new', 'way', 'move', 'outcome', 'lost', 'owner', NULL,
    'side', pg_temp.company('beta'), 'stage', 'lost'),
    'a move: the vendor is named as the other company, and the reason by its SHA-256 alone');
SELECT is(to_jsonb(e) - '{id,entry,xid}'::text[], jsonb_build_object('kind', 'stage', 'on_kind', 3, 'on_id', :deal,
    'version', 2, 'company_id', pg_temp.company('acme'), 'partner_id', pg_temp.company('beta'), 'at', s.entered_at, 'position', NULL),
    'the columns say the same, and it has no place yet')
FROM ledger_entry AS e JOIN deal_stage AS s ON s.deal_id = e.on_id AND s.seq = e.version WHERE e.on_id = :deal AND e.version = 2;
SELECT is((pg_temp.said('stage') ->> 'at')::timestamp, entered_at AT TIME ZONE 'UTC', 'the moment is the row''s') FROM deal_stage WHERE deal_id = :deal AND seq = 2;
SELECT pg_temp.act('vito', 'deal.move', format('UPDATE deal SET stage = ''contacted'', stage_reason = ''innen'',
       stage_audience = ''internal'' WHERE id = %s RETURNING 1', pg_temp.deal('cleo', 'three', true))) \g /dev/null
SELECT is(pg_temp.said('stage') ->> 'sha256', NULL, 'an internal reason is not in it');
SELECT pg_temp.act('boss', 'deal.assign', format('UPDATE deal SET owner_id = %s, vendor_id = NULL WHERE id = %s RETURNING 1',
       pg_temp.member('dora'), pg_temp.deal('cleo', 'four', true))) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.said('stage') #>> '{way}', pg_temp.said('stage') #>> '{owner}',
       coalesce(pg_temp.said('stage') ->> 'partner', '-')),
       'owner ' || pg_temp.member('dora') || ' -', 'a new owner; with whom it is shared is as it is from then on');
SELECT pg_temp.act('boss', 'deal.update', format('UPDATE deal SET title = ''other'', change_reason = ''typo'' WHERE id = %s RETURNING 1',
       :deal)) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.said('stage') #>> '{way}', pg_temp.said('stage') #>> '{changed}'),
       'change ' || pg_temp.hex(changed::text), 'what was changed of a lost deal')
FROM deal_stage WHERE deal_id = :deal AND kind = 'change';

-- Reports and what is decided of them.
SELECT pg_temp.act('vito', 'report.submit', $$ SELECT id FROM report_submit('weekly', '2026-W47', 'acme', 'T', '正文', NULL) $$)
    AS report \gset
SELECT pg_temp.says('revision', jsonb_build_object('author', pg_temp.member('vito'), 'company', pg_temp.company('beta'),
    'partner', pg_temp.company('acme'), 'ref', 'report/' || :report, 'sha256', pg_temp.hex('正文'), 'version', 1,
    'digest', encode(digest, 'hex')), 'a report')
FROM revision WHERE on_kind = 5 AND on_id = :report;
SELECT pg_temp.act('anna', 'report.review', format('SELECT state FROM report_review(%s, ''accepted'', NULL, 1)', :report)) \g /dev/null
SELECT pg_temp.says('decision', jsonb_build_object('author', pg_temp.member('anna'), 'company', pg_temp.company('beta'),
    'partner', pg_temp.company('acme'), 'ref', 'report/' || :report, 'sha256', NULL, 'version', 1,
    'comment', id, 'decision', 'accepted', 'digest', encode(digest, 'hex')),
    'a decision, also without words')
FROM comment WHERE on_kind = 5 AND on_id = :report;
SELECT pg_temp.act('vito', 'comment.add', format('INSERT INTO comment (on_kind, on_id, member_id, text)
       VALUES (5, %s, me_member(), ''thanks'') RETURNING 1', :report)) \g /dev/null
SELECT is(count(*)::int, 1, 'what decides nothing is no entry') FROM ledger_entry WHERE kind = 'decision';
SELECT pg_temp.act('vito', 'report.submit', $$ SELECT id FROM report_submit('weekly', '2026-W47', 'beta', 'T', 'B', NULL) $$) \g /dev/null
SELECT is(pg_temp.said('revision') -> 'partner', 'null', 'what stays in the company concerns no other');

-- Figures.
INSERT INTO kpi (company_id, code, name, unit, period, direction)
SELECT pg_temp.company('acme'), 'calls', 'Calls', 'n', 'month', 'up';
SELECT pg_temp.act('boss', 'kpi.target', $$ SELECT period FROM kpi_target('calls', '2026-11', 12.50, NULL, 'beta') $$) \g /dev/null
SELECT pg_temp.says('target', jsonb_build_object('author', pg_temp.member('boss'), 'company', pg_temp.company('acme'),
    'partner', pg_temp.company('beta'), 'ref', 'kpi_line/' || line_id, 'sha256', NULL,
    'kpi', 'calls', 'member', NULL, 'period', '2026-11', 'id', id, 'value', '12.50'),
    'a target of a vendor; the value as it was given') FROM kpi_target;
SELECT pg_temp.act('vito', 'kpi.record', $$ SELECT period FROM kpi_record_value('calls', '2026-11', 7, NULL, 'acme', 'seven') $$) \g /dev/null
SELECT pg_temp.says('record', jsonb_build_object('author', pg_temp.member('vito'), 'company', pg_temp.company('acme'),
    'partner', pg_temp.company('beta'), 'ref', 'kpi_line/' || line_id, 'sha256', pg_temp.hex('seven'),
    'kpi', 'calls', 'member', NULL, 'period', '2026-11', 'id', id, 'value', '7'),
    'what was recorded, by the vendor') FROM kpi_record;

-- All of it.
SELECT is(count(*) FILTER (WHERE kind = 'stage'), (SELECT count(*) FROM deal_stage), 'each row of a deal''s history has its entry')
FROM ledger_entry;
SELECT is((SELECT count(*) FROM ledger_entry AS a JOIN ledger_entry AS b ON convert_from(a.entry, 'UTF8')::jsonb ->> 'nonce'
       = convert_from(b.entry, 'UTF8')::jsonb ->> 'nonce' AND a.id < b.id), 0::bigint, 'no two have the same nonce');
SELECT ok(bool_and(convert_from(entry, 'UTF8')::jsonb ->> 'nonce' ~ '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'),
       'which is a random UUID') FROM ledger_entry;
SELECT ok(bool_and(xid = pg_current_xact_id()), 'and all say the transaction') FROM ledger_entry WHERE on_kind <> 0; -- an hour may have ended before
-- RFC 8785: names in order, nothing between them.
CREATE FUNCTION pg_temp.canonical(j jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN jsonb_typeof($1) = 'object' THEN (SELECT '{' || string_agg(to_json(o.key) || ':' || pg_temp.canonical(o.value), ','
        ORDER BY o.key COLLATE "C") || '}' FROM jsonb_each($1) AS o) ELSE $1::text END
$$;
SELECT is(count(*) FILTER (WHERE convert_from(entry, 'UTF8') <> pg_temp.canonical(convert_from(entry, 'UTF8')::jsonb)), 0::bigint,
       'the bytes are those that anybody comes to') FROM ledger_entry;
SET LOCAL datestyle = 'German, DMY';
SET LOCAL timezone = 'Asia/Shanghai';
SELECT pg_temp.deal('cleo', 'five') AS five \gset
SELECT is(pg_temp.said('stage') ->> 'at', rtrim(to_char(entered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'),
       'whatever the session''s clock and dates')
FROM deal_stage WHERE deal_id = :five;
RESET timezone;
RESET datestyle;
-- The longest ones.
SELECT set_config('test.deal', :deal::text, true) \g /dev/null
INSERT INTO deal_stage (deal_id, seq, company_id, author_company_id, vendor_id, stage, from_stage, outcome, owner_id, member_id, kind,
    changed, reason, closed_at)
SELECT :deal, 999999, 9007199254740991, 9007199254740991, 9007199254740991, repeat('s', 40), repeat('s', 40), 'lost', owner_id, owner_id, 'change',
    jsonb_build_object('title', ARRAY[repeat('长', 200), repeat('短', 200)]), repeat('长', 500), now() FROM deal WHERE id = :deal;
SELECT cmp_ok(max(length(entry)), '<', 4096, 'none has as much as 4 KiB') FROM ledger_entry;

-- Nobody writes, reads or changes one.
SELECT pg_temp.refused('boss', 'deal.read', s, '42501', NULL, 'as a caller: ' || s) FROM unnest(ARRAY[
    'SELECT count(*) FROM ledger_entry', 'DELETE FROM ledger_entry RETURNING 1', 'UPDATE ledger_entry SET position = 1 RETURNING 1',
    'INSERT INTO ledger_entry (kind, on_kind, on_id, company_id, at, entry) VALUES (''stage'', 3, 1, me_company(), now(), '''') RETURNING 1']) AS s;
SELECT throws_ok(s, 'JY009', NULL, 'as a superuser: ' || s) FROM unnest(ARRAY[
    'UPDATE ledger_entry SET entry = ''''', 'UPDATE ledger_entry SET company_id = 1, position = 7', 'DELETE FROM ledger_entry',
    'TRUNCATE ledger_entry']) AS s;
SELECT lives_ok('UPDATE ledger_entry SET position = 1 WHERE id = (SELECT min(id) FROM ledger_entry)', 'it gets its place once');
SELECT throws_ok('UPDATE ledger_entry SET position = 2 WHERE position = 1', 'JY009', NULL, 'and no other one');

-- Where a row of evidence comes otherwise, its entry does; where it does not come, no entry.
SELECT count(*) AS entries FROM ledger_entry \gset
SAVEPOINT before;
SELECT pg_temp.deal('cleo', 'six') \g /dev/null
ROLLBACK TO before;
SELECT is(count(*)::int, :entries, 'what was rolled back left none') FROM ledger_entry;
SET LOCAL session_replication_role = replica;
INSERT INTO kpi_target (line_id, company_id, value, member_id) SELECT line_id, company_id, 3, member_id FROM kpi_target LIMIT 1;
SET LOCAL session_replication_role = DEFAULT;
SELECT is(pg_temp.said('target') #>> '{value}', '3', 'in replication too');

-- The log of changes, a part at a time. What is below xmin in this transaction is over.
UPDATE log_mark SET seen_xmax = '3';
SELECT job_digest(0, now()) \g /dev/null
UPDATE log_mark SET seen_xmax = '3';
SELECT job_digest(0, now()) \g /dev/null
UPDATE log_mark SET seen_xmax = '3';
SELECT seen AS above FROM log_mark \gset
SELECT pg_temp.act('boss', 'deal.assign', format('UPDATE deal SET owner_id = %s WHERE id = %s RETURNING 1',
       pg_temp.member('dora'), pg_temp.deal('cleo', 'eleven'))) \g /dev/null
SELECT pg_temp.act('vito', 'report.submit', $$ SELECT id FROM report_submit('weekly', '2026-W46', 'acme', 'T2', '正文', NULL) $$) \g /dev/null
SELECT is(job_digest(0, now()), 0::bigint, 'what was given out since the run before has to wait for the next');
UPDATE log_mark SET seen_xmax = '3';
SELECT ok(job_digest(0, now()) >= 2, 'an entry for each company with changes');
SELECT is((SELECT seen FROM log_mark), (SELECT last_value FROM audit_log_id_seq), 'and the mark is at what was given out');
SELECT is(convert_from(e.entry, 'UTF8')::jsonb - '{at,nonce}'::text[], jsonb_build_object('kind', 'audit',
    'company', pg_temp.company('acme'), 'from', :above, 'to', e.on_id, 'entries', d.entries, 'sha256', encode(d.digest, 'hex')),
    'it says which entries, how many, and their digest')
FROM ledger_entry AS e, log_digest(pg_temp.company('acme'), :above, e.on_id) AS d
WHERE e.kind = 'audit' AND e.company_id = pg_temp.company('acme') ORDER BY e.id DESC LIMIT 1;
SELECT is(d.entries, (SELECT count(*) FROM audit_entries() AS a WHERE a.company_id = pg_temp.company('acme') AND a.id > :above AND a.id <= m.digested),
    'the log has as many, those among them that are evidence themselves')
FROM log_mark AS m, log_digest(pg_temp.company('acme'), :above, m.digested) AS d;
SELECT digest AS right FROM log_mark AS m, log_digest(pg_temp.company('acme'), :above, m.digested) AS d \gset
-- Not even a superuser changes one of them unseen.
ALTER TABLE deal_stage DISABLE TRIGGER USER;
UPDATE deal_stage SET member = 'nobody@acme.example' WHERE log_id > :above;
SELECT isnt(d.digest, :'right'::bytea, 'evidence that was changed has another digest')
FROM log_mark AS m, log_digest(pg_temp.company('acme'), :above, m.digested) AS d;
UPDATE deal_stage SET member = 'boss@acme.example' WHERE log_id > :above;
SELECT is((SELECT count(*) FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'jiayi'::regnamespace AND c.relkind = 'r' AND a.attname = 'log_id'
      AND NOT has_table_privilege('jiayi_auth', c.oid, 'SELECT')), 0::bigint, 'the digest reads every table whose rows are entries');

SELECT * FROM finish();
ROLLBACK;
