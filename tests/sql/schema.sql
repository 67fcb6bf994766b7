-- What must be true of every table, column and function, also of those that later migrations add.
\ir fixture.psql
SELECT no_plan();

CREATE TEMP VIEW our_table AS
SELECT c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity,
       pg_get_userbyid(c.relowner) AS owner
FROM pg_class AS c WHERE c.relnamespace = 'jiayi'::regnamespace AND c.relkind = 'r';

SELECT cmp_ok(count(*), '>', 25::bigint, 'the schema has its tables') FROM our_table;
SELECT ok(relrowsecurity AND relforcerowsecurity, relname || ' has row-level security, forced')
       FROM our_table ORDER BY relname;
SELECT is(owner, 'jiayi_owner', relname || ' is jiayi_owner''s') FROM our_table ORDER BY relname;

SELECT ok(EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = o.oid
       AND t.tgfoid = ANY ('{audit,audit_added}'::regproc[]) AND t.tgenabled = 'A')
    <> EXISTS (SELECT FROM pg_attribute AS a JOIN pg_proc AS p ON p.proname = relname || '_log' AND p.pronamespace = 'jiayi'::regnamespace
        JOIN pg_proc AS e ON e.oid = 'evidence'::regproc AND strpos(e.prosrc, 'jiayi.' || p.proname || '()') > 0
        WHERE a.attrelid = o.oid AND a.attname = 'log_id'),
          relname || ' has the audit trigger, or its rows are entries of the log themselves')
FROM our_table AS o WHERE relname NOT IN ('audit_log', 'call_record', 'comment_reach', 'deal_pulse', 'device', 'event', 'export_file', 'export_piece', 'external_ref', 'file_chunk', 'inbox', 'job', 'job_run', 'ledger_entry', 'log_mark', 'member_span', 'registration_key', 'search_doc', 'search_fill', 'search_todo', 'subscription', 'team', 'team_span', 'throttle', 'schema_migration', 'schema_definition')
    ORDER BY relname;

-- What is only ever added to is its own entry, or says here why not.
SELECT is(string_agg(o.relname, ', ' ORDER BY o.relname), NULL, 'all evidence is its own entry in the log, or has a reason')
FROM our_table AS o
WHERE EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = o.oid AND t.tgname = 'evidence'
    AND t.tgfoid = 'keep_evidence'::regproc AND t.tgtype & 16 <> 0 -- UPDATE
    OR t.tgrelid = o.oid AND t.tgname = 'evidence_once')
  AND NOT EXISTS (SELECT FROM pg_proc AS p WHERE p.pronamespace = 'jiayi'::regnamespace AND p.proname = o.relname || '_log')
  AND o.relname NOT IN (SELECT v.name FROM (VALUES
    ('audit_log', 'the log itself'),
    ('ledger_entry', 'covers the log'),
    ('member_span', 'says again what changes of members say, which are in the log'),
    ('tier_span', 'is in the logs of both companies'),
    ('registration_check', 'is in the logs of both companies')) AS v(name, reason));

SELECT isnt(obj_description(oid, 'pg_class'), NULL, relname || ' has a comment') FROM our_table
       ORDER BY relname;
SELECT is(string_agg(a.attname, ', '), NULL, relname || ' has comments on all columns')
FROM our_table AS o
LEFT JOIN pg_attribute AS a ON a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped
    AND col_description(o.oid, a.attnum) IS NULL
GROUP BY relname ORDER BY relname;
SELECT is(string_agg(p.proname, ', '), NULL, 'all functions have comments')
FROM pg_proc AS p WHERE p.pronamespace = 'jiayi'::regnamespace AND obj_description(p.oid,
    'pg_proc') IS NULL;

-- The roles.
SELECT ok(NOT r.rolsuper AND NOT r.rolbypassrls AND NOT r.rolcreaterole AND NOT r.rolcreatedb,
       r.rolname || ' has no power of its own')
FROM pg_roles AS r WHERE r.rolname IN ('jiayi_owner', 'jiayi_auth', 'jiayi_app', 'jiayi_login', 'jiayi_job') ORDER BY r.rolname;
SELECT is(string_agg(r.rolname, ', '), NULL, me || ' is nobody else as well')
FROM unnest(ARRAY['jiayi_app', 'jiayi_login', 'jiayi_job']) AS me
LEFT JOIN pg_roles AS r ON r.rolname <> me AND pg_has_role(me, r.oid, 'MEMBER') GROUP BY me;
SELECT is(count(*)::int, 0, 'jiayi_app owns nothing')
FROM pg_shdepend AS d WHERE d.refclassid = 'pg_authid'::regclass
    AND d.refobjid = 'jiayi_app'::regrole AND d.deptype = 'o';
SELECT ok(NOT has_schema_privilege('jiayi_app', 'jiayi', 'CREATE')
       AND NOT has_schema_privilege('jiayi_auth', 'jiayi', 'CREATE'),
          'neither jiayi_app nor jiayi_auth makes things in the schema');
SELECT is(string_agg(p.proname, ', '), NULL, 'no function is open to PUBLIC')
FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
WHERE p.pronamespace = 'jiayi'::regnamespace AND a.grantee = 0;
SELECT is(string_agg(p.proname, ', '), NULL,
       'functions that see more than the caller are jiayi_auth''s, with a search_path of their own')
FROM pg_proc AS p
WHERE p.pronamespace = 'jiayi'::regnamespace AND p.prosecdef
  AND (p.proowner <> 'jiayi_auth'::regrole
      OR NOT coalesce(p.proconfig @> ARRAY['search_path=jiayi, pg_catalog, pg_temp'], false)
         -- The hot ones name everything in full instead: tests/sql/hot.sql.
         AND p.proname NOT IN ('authorize', 'me_reach', 'audit', 'audit_added', 'deal_guard', 'deal_stage_witness', 'is_tagged', 'deal_history_change', 'deal_tell', 'activity_tell', 'search_note', 'search_note_added', 'deal_pulse_touched', 'counted_day',
             'email_of',
             'emails_of', 'members_elsewhere', 'slug_of', 'company_of', 'is_done', 'deal_pulse_of', 'slug_known', 'email_known',
             'deal_since', 'customer_shows', 'customer_lent', 'customer_now', 'comment_follow', 'report_shows', 'takes_part',
             'overlaps_ahead'));
SELECT is(string_agg(r || ' in ' || n.nspname, ', '), NULL, 'nor has any of the roles a schema to make other things in')
FROM unnest(ARRAY['jiayi_app', 'jiayi_auth', 'jiayi_login']) AS r, pg_namespace AS n
WHERE n.nspname NOT LIKE 'pg\_temp%' AND n.nspname NOT LIKE 'pg\_toast%' AND has_schema_privilege(r, n.oid, 'CREATE');
SELECT ok(NOT has_function_privilege('jiayi_app', 'create_operator(text, text, text)', 'EXECUTE'),
       'jiayi_app makes no operators');

-- What the calls may not do, whatever a policy says.
SELECT ok(NOT has_any_column_privilege('jiayi_app', t, 'UPDATE')
       AND NOT has_table_privilege('jiayi_app', t, 'DELETE, TRUNCATE'),
          'jiayi_app can only add to ' || t)
FROM unnest(ARRAY['audit_log', 'revision', 'comment', 'link', 'activity', 'member_span', 'kpi_record',
    'kpi_target', 'kpi_evaluation', 'deal_stage', 'deal_reason', 'rate']) AS t;
SELECT ok(NOT has_table_privilege('jiayi_app', o.oid, 'TRUNCATE, REFERENCES, TRIGGER'),
       'jiayi_app cannot truncate ' || relname)
FROM our_table AS o ORDER BY relname;
SELECT ok(NOT has_any_column_privilege('jiayi_app', t, 'SELECT, INSERT, UPDATE')
       AND NOT has_table_privilege('jiayi_app', t, 'DELETE'),
          'jiayi_app has nothing to do with ' || t)
FROM unnest(ARRAY['person', 'credential', 'throttle', 'device', 'join_code', 'team_span', 'ledger_entry', 'event', 'registration_key', 'registration_check']) AS t;
SELECT ok(NOT has_any_column_privilege('jiayi_app', t, 'INSERT, UPDATE')
       AND NOT has_table_privilege('jiayi_app', t, 'DELETE'),
          'jiayi_app only reads ' || t)
FROM unnest(ARRAY['audit_log', 'deal_stage', 'deal_reason', 'member', 'company', 'team', 'permission',
    'scope', 'currency',
                  'transition', 'object_kind', 'event_kind']) AS t;
SELECT ok(NOT has_column_privilege('jiayi_app', 'session', 'token_hash', 'SELECT'),
       'jiayi_app reads no token''s hash');

-- Outside of a call nothing is seen.
SELECT throws_like($$ DO 'BEGIN SET LOCAL ROLE jiayi_app; PERFORM count(*) FROM jiayi.deal; END' $$,
       '%', 'jiayi_app without a call sees no deal')
WHERE pg_temp.deal('cleo', 'unseen') IS NOT NULL;
RESET ROLE;
SELECT throws_ok($$ DO 'BEGIN SET LOCAL ROLE jiayi_app; PERFORM count(*) FROM jiayi.credential; END' $$, '42501', NULL,
                 'jiayi_app reads no password''s hash');

-- Reference data.
SELECT is(string_agg(code || minor_units, ' ' ORDER BY code), 'BHD3 CLF4 CNY2 EUR2 JPY0',
       'currencies have their decimals')
FROM currency WHERE code IN ('JPY', 'CNY', 'EUR', 'BHD', 'CLF');
SELECT is((SELECT string_agg(name || ' ' || title || ' ' || probability, ', ' ORDER BY position)
       FROM stage WHERE company_id = pg_temp.company('acme')),
          'new 新线索 10, contacted 已联系 20, quoted 已报价 40, negotiating 商务谈判 60, deciding 客户决策 80, won 赢单 100, lost 丢单 0',
          'a new company has the default pipeline');
SELECT is(count(*)::int, 0, 'the operators'' company has no pipeline') FROM stage
       WHERE company_id = pg_temp.company('operators');
SELECT is(period_kind(p), k, p || ' is ' || coalesce('a ' || k, 'no period')) FROM (VALUES
    ('2026-11-21', 'day'), ('2024-02-29', 'day'), ('2026-02-29', NULL), ('2026-13-01', NULL),
        ('2026-11-00', NULL), ('0000-01-01', NULL),
    ('2026-W47', 'week'), ('2026-W53', 'week'), ('2025-W53', NULL), ('2026-W00', NULL),
        ('2026-W54', NULL), ('2026-w47', NULL),
    ('2026-11', 'month'), ('2026-00', NULL), ('2026-13', NULL), ('2026-1', NULL),
    ('2026-Q4', 'quarter'), ('2026-Q5', NULL), ('2026-Q0', NULL),
    ('2026', 'year'), ('0000', NULL), ('26', NULL), ('', NULL), ('2026-11-21 ', NULL),
        ('2026x', NULL)
) AS t(p, k);

SELECT * FROM finish();
ROLLBACK;
