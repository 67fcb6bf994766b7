-- What lists read: no rows of strangers, whose number the time would tell (cases M4 and L12).
\ir fixture.psql
\ir plan.psql
SELECT no_plan();

-- cleo has 2,000 deals, 10 of them shared with beta; dora has as many.
INSERT INTO customer (company_id, name) VALUES (pg_temp.company('acme'), 'C') RETURNING id AS customer \gset
SET LOCAL session_replication_role = replica;
INSERT INTO deal (company_id, title, customer_id, stage, outcome, owner_id, vendor_id, shared_version, shared_span)
SELECT pg_temp.company('acme'), 'D' || i, :customer, (ARRAY['new', 'quoted'])[1 + i / 2 % 2], 'open',
       pg_temp.member(CASE i % 2 WHEN 0 THEN 'cleo' ELSE 'dora' END),
       CASE WHEN i % 200 = 0 THEN pg_temp.company('beta') END, CASE WHEN i % 200 = 0 THEN 1 END, 1
FROM generate_series(1, 4000) AS i;
INSERT INTO comment (on_kind, on_id, version, company_id, log_company_id, author_company_id, member_id, topic, text, at)
SELECT 3, d.id, 1, d.company_id, d.company_id, CASE WHEN i % 20 = 0 THEN pg_temp.company('beta') ELSE d.company_id END,
       pg_temp.member(CASE WHEN i % 20 = 0 THEN 'vito' ELSE 'cleo' END), CASE i % 10 WHEN 0 THEN 'need' ELSE 'comment' END,
       'said', now() - interval '1 day' * (3000 - i)
FROM generate_series(1, 3000) AS i, (SELECT * FROM deal WHERE vendor_id IS NOT NULL ORDER BY id LIMIT 1) AS d;
INSERT INTO audit_log (company_id, member, object, object_id, action)
SELECT pg_temp.company('acme'), CASE WHEN i % 1000 = 0 THEN 'cleo' ELSE 'dora' END || '@acme.example', 'deal', i::text, 'update'
FROM generate_series(1, 4000) AS i;
INSERT INTO deal_stage (deal_id, seq, company_id, author_company_id, stage, member)
SELECT d.id, 1, d.company_id, d.company_id, 'new', CASE WHEN d.vendor_id IS NULL THEN 'dora' ELSE 'cleo' END || '@acme.example'
FROM deal AS d WHERE d.customer_id = :customer;
INSERT INTO activity (customer_id, company_id, author_company_id, log_company_id, member_id, kind, text, at, member)
SELECT :customer, pg_temp.company('acme'), pg_temp.company('acme'), pg_temp.company('acme'), pg_temp.member('dora'), 'note', 'said', now() - interval '20 years',
       CASE WHEN i % 200 = 0 THEN 'cleo' ELSE 'dora' END || '@acme.example'
FROM generate_series(1, 4000) AS i;
SET LOCAL session_replication_role = origin;
ANALYZE comment;
ANALYZE activity;
ANALYZE deal;
ANALYZE audit_log;
ANALYZE deal_stage;

SELECT is(pg_temp.reads('vito', 'deal.read', 'deal', 'DealService/ListDeals', 'owner', 'cleo@acme.example', 'stage', 'new'),
    'deal_of_owner_in_stage 0/0, deal_of_vendor_owner_in_stage 20/0', 'case M4: a vendor''s list by owner and stage reads what is shared with it, nothing else');
SELECT is(pg_temp.reads('vito', 'deal.read', 'deal', 'DealService/ListDeals', 'owner', 'cleo@acme.example'),
    'deal_of_owner 0/0, deal_of_vendor_owner 20/0', 'case M4: by owner');
SELECT is(pg_temp.reads('vito', 'deal.read', 'deal', 'DealService/ListDeals', 'owner', 'dora@acme.example', 'stage', 'new'),
    'deal_of_owner_in_stage 0/0, deal_of_vendor_owner_in_stage 0/0', 'case M4: of an owner who shares nothing, nothing');
SELECT is(pg_temp.reads('boss', 'audit.read', 'audit_log', 'AuditService/ListAuditEntries', 'member', 'cleo@acme.example'),
    'audit_log_member 4/0', 'case L12: the log of changes by member');
SELECT is(pg_temp.reads('boss', 'audit.read', 'deal_stage', 'AuditService/ListAuditEntries', 'member', 'cleo@acme.example'),
    'deal_stage_log_member 20/0', 'case L12: and of what is its own entry');
SELECT is(pg_temp.reads('boss', 'audit.read', 'activity', 'AuditService/ListAuditEntries', 'member', 'cleo@acme.example'),
    'activity_log_member 20/0', 'whichever table that is');
SELECT is(string_agg(pg_temp.reads('boss', 'audit.read', t, 'AuditService/ListAuditEntries', 'since', '2000-01-01'), ', ' ORDER BY n),
    'activity_log 51/0, deal_stage_log 1/0, comment_log 1/0', 'the log of changes reads a page, wherever that is')
FROM unnest('{activity,deal_stage,comment}'::text[]) WITH ORDINALITY AS t(t, n);
SELECT is(pg_temp.reads('boss', 'audit.read', 'deal_stage', 'AuditService/ListAuditEntries', 'object', 'deal',
    'object_id', (SELECT max(d.id)::text FROM deal AS d)),
    'deal_stage_pkey 0/1', 'of a deal: what it has');
SELECT is(pg_temp.reads('boss', 'audit.read', 'activity', 'AuditService/ListAuditEntries', 'object', 'activity',
    'object_id', (SELECT max(a.id)::text FROM activity AS a)), 'activity_pkey 1/0', 'of a follow-up: that one');

SELECT is(pg_temp.reads('boss', 'session', 'comment', 'CommentService/ListComments'),
    'comment_of_author 0/0, comment_of_company 51/0', 'comments: a page of the company''s');
SELECT is(pg_temp.reads('boss', 'session', 'comment', 'CommentService/ListComments', 'topic', 'need'),
    'comment_topic_of_author 0/0, comment_topic_of_company 51/0', 'on a topic: no others');
SELECT is(pg_temp.reads('boss', 'session', 'comment', 'CommentService/ListComments', 'since',
    (now() - interval '7 days')::date::text), 'comment_of_author 0/0, comment_of_company 8/0', 'of some days: no others either');
SELECT is(pg_temp.reads('boss', 'session', 'comment', 'CommentService/ListComments', 'page_token', 'x', 'page.after',
    (now() - interval '9 days')::text || '/1', 'since', (now() - interval '12 days')::date::text),
    'comment_of_author 0/0, comment_of_company 3/0', 'the page behind');
SELECT is(pg_temp.reads('vito', 'session', 'comment', 'CommentService/ListComments', 'topic', 'need'),
    'comment_topic_of_author 51/0', 'of a vendor''s people: theirs');
SELECT is(pg_temp.reads('boss', 'session', 'comment', 'CommentService/ListComments', 'on', (SELECT 'deal/' || max(on_id) FROM comment)),
    'comment_of 51/0', 'of a thing: a page of it') ;

-- Of many companies: gamma has 20,000 deals, acme 4,000, each with two customers and days on which they close.
INSERT INTO customer (company_id, name) VALUES (pg_temp.company('gamma'), 'G') RETURNING id AS strange \gset
INSERT INTO customer (company_id, name) VALUES (pg_temp.company('acme'), 'D') RETURNING id AS second \gset
SET LOCAL session_replication_role = replica;
INSERT INTO deal (company_id, title, customer_id, stage, outcome, owner_id, close_on)
SELECT pg_temp.company('gamma'), 'G' || i, :strange, 'new', 'open', pg_temp.member('gina'), '2026-01-01'::date + i % 365
FROM generate_series(1, 20000) AS i;
UPDATE deal SET close_on = '2026-01-01'::date + (id % 365)::int, customer_id = CASE WHEN id % 20 = 3 THEN :second ELSE customer_id END,
    amount = 1, currency = 'CNY', stage = CASE WHEN id % 100 = 7 THEN 'won' ELSE stage END, outcome = CASE WHEN id % 100 = 7 THEN 'won' ELSE 'open' END,
    vendor_id = CASE WHEN id % 8 = 0 THEN pg_temp.company('beta') END, shared_version = CASE WHEN id % 8 = 0 THEN 1 END, shared_span = 1,
    vendor_owner_id = CASE WHEN id % 8 = 0 THEN pg_temp.member('vito') END
WHERE company_id = pg_temp.company('acme');
INSERT INTO participant (on_kind, on_id, member_id, company_id, member_company_id, function, added_by)
SELECT 3, d.id, pg_temp.member(CASE d.id % 2 WHEN 0 THEN 'ewa' ELSE 'gboss' END), d.company_id, d.company_id, 'helper', pg_temp.member('boss')
FROM deal AS d WHERE d.id % 10 < 2;
SET LOCAL session_replication_role = origin;
ANALYZE deal;
ANALYZE participant;
-- As reads(), without the arms that have nothing.
CREATE FUNCTION pg_temp.walks(name text, permission text, "table" text, method text, VARIADIC fields text[] DEFAULT '{}') RETURNS text
LANGUAGE sql AS $$
    SELECT string_agg(w.scan, ', ' ORDER BY w.n)
    FROM regexp_split_to_table(pg_temp.reads(name, permission, "table", method, VARIADIC fields), ', ') WITH ORDINALITY AS w(scan, n)
    WHERE w.scan NOT LIKE '% 0/0'
$$;

SELECT is(pg_temp.walks('boss', 'deal.read', 'deal', 'DealService/ListDeals', 'customer_id', :'second'),
    'deal_of_customer 51/0', 'deals of a customer: a page of them');
SELECT is(pg_temp.walks('boss', 'deal.read', 'deal', 'DealService/ListDeals', 'closing_by', '2026-12-31'),
    'deal_closing_of_company 51/0', 'by the day on which they close: a page of these');
SELECT is(pg_temp.walks('cleo', 'deal.read', 'deal', 'DealService/ListDeals', 'closing_by', '2026-12-31'),
    'deal_closing_of_owner 51/0', 'those of an owner');
SELECT is(pg_temp.walks('vito', 'deal.read', 'deal', 'DealService/ListDeals', 'closing_by', '2026-12-31'),
    'deal_closing_of_vendor 51/0', 'those that are shared');
SELECT is(pg_temp.walks('boss', 'deal.read', 'deal', 'DealService/ListDeals', 'closing_by', '2026-12-31', 'page_token', 'x',
    'page.after', '2026-06-30/0'), 'deal_closing_of_company 51/0', 'the page behind');
SELECT is(pg_temp.walks('cleo', 'deal.read', 'deal', 'DealService/ListDeals', 'mine', 'true'),
    'deal_of_owner 51/0', 'one''s own');
SELECT is(pg_temp.walks('cleo', 'deal.read', 'deal', 'DealService/ListDeals', 'mine', 'true', 'stage', 'quoted'),
    'deal_of_owner_in_stage 51/0', 'in a stage');
SELECT is(pg_temp.walks('vito', 'deal.read', 'deal', 'DealService/ListDeals', 'mine', 'true'),
    'deal_of_responsible 51/0', 'and those for which one is responsible');
SELECT is(pg_temp.walks('anna', 'deal.read', 'deal', 'DealService/ListDeals', 'team', 'true'),
    'deal_of_owner 17/0', 'those of the members below, three of them');
SELECT is(pg_temp.walks('boss', 'deal.read', 'deal', 'DealService/ListDeals', 'outcome', 'won'),
    'deal_in_stage 40/0', 'what was won: by the stage');
SELECT is(pg_temp.walks('boss', 'deal.read', 'deal', 'DealService/ListDeals', 'participant', 'ewa@acme.example'),
    'deal_pkey 1/0', 'in which somebody takes part: as many as a page has');
SELECT is(pg_temp.walks('boss', 'deal.read', 'participant', 'DealService/ListDeals', 'participant', 'ewa@acme.example'),
    'participant_of_member_at 51/0', 'by who it is');

-- What was logged: by cleo and dora in turn on acme's deals, each three by gina on those of gamma.
SET LOCAL session_replication_role = replica;
INSERT INTO activity (deal_id, company_id, author_company_id, deal_version, member_id, kind, text, at, happened_at, counted_on)
SELECT d.id, d.company_id, d.company_id, 1, d.owner_id, CASE d.n % 2 WHEN 0 THEN 'call' ELSE 'note' END, 'said', d.at, d.at, d.at::date
FROM (SELECT d.*, now() - row_number() OVER w * interval '1 second' AS at, row_number() OVER w AS n FROM deal AS d
      WINDOW w AS (PARTITION BY d.company_id ORDER BY d.id DESC)) AS d,
     generate_series(1, CASE d.company_id WHEN pg_temp.company('gamma') THEN 3 ELSE 1 END);
SET LOCAL session_replication_role = origin;
ANALYZE activity;
SELECT is(pg_temp.walks('cleo', 'deal.read', 'activity', 'DealService/ListActivities', 'page.after', 'infinity/9223372036854775807'), 'activity_of_member 51/0',
    'what one logged: a page of that');
SELECT is(pg_temp.walks('boss', 'deal.read', 'activity', 'DealService/ListActivities', 'team', 'true'),
    'activity_of_company 51/0', 'what all of the company did: a page of that');
SELECT is(pg_temp.walks('anna', 'deal.read', 'activity', 'DealService/ListActivities', 'team', 'true'),
    'activity_of_member 17/0', 'those below: a page of each of the three');
SELECT is(pg_temp.walks('boss', 'deal.read', 'activity', 'DealService/ListActivities', 'member', 'cleo@acme.example'),
    'activity_of_member 51/0', 'a member');
SELECT is(pg_temp.walks('boss', 'deal.read', 'activity', 'DealService/ListActivities', 'team', 'true', 'kind', 'call'),
    'activity_of_company 51/51', 'of a kind: it passes what is between, of the own company');
SELECT is(pg_temp.walks('boss', 'deal.read', 'activity', 'DealService/ListActivities', 'deal_id', (SELECT max(d.id)::text FROM deal AS d WHERE d.company_id = pg_temp.company('acme'))),
    'activity_of_deal 1/0', 'on a deal: what it has');
SELECT is(pg_temp.walks('boss', 'deal.read', 'activity', 'DealService/ListActivities', 'since', (now() - interval '1 day')::date::text, 'team', 'true'),
    'activity_of_company 51/0', 'since a day');
SELECT is(pg_temp.walks('boss', 'deal.read', 'activity', 'DealService/ListActivities', 'customer_id', :'second'),
    NULL, 'on a customer itself: nothing was');

-- A vendor with 20 principals and 5,000 contracts, two payments and a duty to each; for one in fifty vito is responsible.
SET LOCAL session_replication_role = replica;
INSERT INTO company (slug, name) SELECT 'p' || i, 'P' || i FROM generate_series(1, 20) AS i;
INSERT INTO partnership (principal_id, vendor_id, shares, span)
SELECT o.id, pg_temp.company('beta'), '{(,)}', 1 FROM company AS o WHERE o.slug ~ '^p[0-9]';
INSERT INTO contract (company_id, vendor_id, kind, title, state, version, from_at, vendor_owner_id)
SELECT o.id, pg_temp.company('beta'), 'sales', 'K' || i, CASE WHEN i % 5 = 0 THEN 'ended' ELSE 'active' END, 1, now() - interval '1 day',
       CASE WHEN i % 50 = 0 THEN pg_temp.member('vito') END
FROM generate_series(1, 250) AS i, company AS o WHERE o.slug ~ '^p[0-9]';
-- And others' contracts, as many again, between them.
INSERT INTO contract (company_id, vendor_id, kind, title, state, version, from_at)
SELECT o.id, pg_temp.company('gamma'), 'sales', 'L' || i, 'active', 1, now() - interval '1 day'
FROM generate_series(1, 250) AS i, company AS o WHERE o.slug ~ '^p[0-9]';
INSERT INTO payment (company_id, vendor_id, contract_id, contract_version, position, term, vendor_owner_id, payer, amount, currency, due_on, due_at,
    state, turn)
SELECT c.company_id, c.vendor_id, c.id, 1, n, n, c.vendor_owner_id, 'vendor', 1, 'CNY', '2026-01-01'::date + (c.id % 300)::int,
       '2026-01-02'::date + (c.id % 300)::int, (ARRAY['due', 'waived'])[n], CASE n WHEN 1 THEN 'vendor' END
FROM contract AS c, generate_series(1, 2) AS n WHERE c.title LIKE 'K%';
INSERT INTO task (company_id, kind, on_kind, on_id, title, vendor_id, side, acceptance, due_on, due_at, shared_span, created_by)
SELECT c.company_id, 'duty', kind('contract'), c.id, 'Plan', c.vendor_id, 'vendor', true, '2026-01-01'::date + (c.id % 300)::int,
       '2026-01-02'::date + (c.id % 300)::int, 1, pg_temp.member('boss')
FROM contract AS c WHERE c.title LIKE 'K%';
SET LOCAL session_replication_role = origin;
ANALYZE contract;
ANALYZE partnership;
ANALYZE payment;
ANALYZE task;
SELECT is(pg_temp.walks('bboss', 'contract.read', 'contract', 'ContractService/ListContracts'), 'contract_of_vendor 51/0',
    'contracts of a vendor: a page of them');
SELECT is(pg_temp.walks('bboss', 'contract.read', 'contract', 'ContractService/ListContracts', 'page_token', 'x', 'page.after',
    (SELECT max(id) - 1000 FROM contract)::text), 'contract_of_vendor 51/0', 'the page behind');
SELECT is(pg_temp.walks('vito', 'contract.read', 'contract', 'ContractService/ListContracts'), 'contract_of_vendor_owner 51/0',
    'those for which one is responsible');
SELECT is(pg_temp.walks('bboss', 'contract.read', 'payment', 'PaymentService/ListPayments', 'state', 'due'), 'payment_of_vendor 51/0',
    'payments: a page of a state');
SELECT is(pg_temp.walks('bboss', 'contract.read', 'payment', 'PaymentService/ListPayments'), 'payment_of_vendor 17/0',
    'of what is not finished: a page of three states');
SELECT is(pg_temp.walks('bboss', 'contract.read', 'payment', 'PaymentService/ListPayments', 'state', 'due', 'page_token', 'x', 'page.after',
    '2026-06-30/0', 'due_by', '2026-12-31'), 'payment_of_vendor 51/0', 'the page behind');
SELECT is(pg_temp.walks('vito', 'contract.read', 'payment', 'PaymentService/ListPayments', 'state', 'due'), 'payment_of_vendor_owner 51/0',
    'of those for which one is responsible');
SELECT is(pg_temp.walks('vito', 'session', 'payment', 'TaskService/ListTodo'), 'payment_waits_vendor_owner 51/0', 'to-do lists: a page');
SELECT is(pg_temp.walks('bboss', 'session', 'payment', 'TaskService/ListTodo'), 'payment_waits_vendor 51/0', 'what nobody has: a page');
SELECT is(pg_temp.walks('bboss', 'task.read', 'task', 'TaskService/ListTasks', 'kind', 'duty'), 'task_of_vendor 17/0, task_pkey 1/0',
    'duties: a page');

-- Of a manager over 60: a page of what they have reads that, and not a page of each. Some have more of what is newest than
-- others, and three have nothing.
SELECT pg_temp.join_company('tina', 'gamma', 'manager') \g /dev/null
SELECT pg_temp.join_company('t' || i, 'gamma', 'salesperson', 'tina') FROM generate_series(1, 60) AS i \g /dev/null
CREATE TEMP TABLE below AS SELECT i, pg_temp.member('t' || i) AS id FROM generate_series(1, 60) AS i;
SET LOCAL session_replication_role = replica;
INSERT INTO deal (company_id, title, customer_id, stage, outcome, owner_id)
SELECT pg_temp.company('gamma'), 'T', :strange, (ARRAY['new', 'quoted'])[1 + n / 60 % 2], 'open', b.id
FROM generate_series(1, 12000) AS n JOIN below AS b ON b.i = 1 + CASE WHEN n > 11990 THEN 7 WHEN n % 5 = 0 THEN n / 5 % 9 ELSE n * 7919 % 57 END ORDER BY n;
INSERT INTO deal_pulse (deal_id, company_id, deal_company_id, member_id, open, stage_on, touched_on, touches, beside, touch_by)
SELECT d.id, d.company_id, d.company_id, d.owner_id, true, '2026-01-01', '2026-01-01', 1, 0, '2020-01-01'::date + (d.id * 7919 % 997)::int
FROM deal AS d WHERE d.title = 'T';
INSERT INTO report (company_id, author_id, to_company_id, kind, period, state)
SELECT d.company_id, d.owner_id, d.company_id, 'daily', ('2000-01-01'::date + d.id::int)::text, (ARRAY['submitted', 'accepted'])[1 + d.id % 2]
FROM deal AS d WHERE d.title = 'T' ORDER BY d.id * 7919 % 1009;
INSERT INTO revision (on_kind, on_id, version, company_id, member_id, title, body, sha256)
SELECT 5, r.id, 1, r.company_id, r.author_id, 'R', 'R', sha256('R') FROM report AS r WHERE r.author_id IN (SELECT b.id FROM below AS b);
INSERT INTO task (company_id, on_kind, on_id, title, assignee_id, due_on, due_at, state, created_by)
SELECT d.company_id, 3, d.id, 'U', CASE WHEN d.id / 4 % 5 > 0 THEN d.owner_id ELSE b.id END, '2026-01-01'::date + (d.id * 7919 % 701)::int,
       '2026-01-02'::date + (d.id * 7919 % 701)::int, (ARRAY['open', 'rejected', 'done'])[1 + d.id / 8 % 3], d.owner_id
FROM deal AS d JOIN below AS b ON b.i = 1 + d.id % 60 WHERE d.title = 'T' AND d.id % 4 = 0;
SET LOCAL session_replication_role = origin;
ANALYZE deal;
ANALYZE deal_pulse;
ANALYZE report;
ANALYZE revision;
ANALYZE task;

CREATE FUNCTION pg_temp.rows_read(name text, permission text, "table" text, method text, VARIADIC fields text[] DEFAULT '{}') RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    statement text := pg_temp.variant(method, VARIADIC fields);
    plan      jsonb;
BEGIN
    PERFORM pg_temp.sign(name, permission);
    EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || statement INTO plan;
    RESET ROLE;
    PERFORM pg_temp.leave();
    RETURN (SELECT sum((n ->> 'Actual Loops')::numeric * ((n ->> 'Actual Rows')::numeric + coalesce((n ->> 'Rows Removed by Filter')::numeric, 0)))
            FROM jsonb_path_query(plan, 'strict $.**') AS n WHERE n ->> 'Relation Name' = rows_read."table");
END
$$;
-- A page of each would be 2,907 rows and more.
SELECT cmp_ok(pg_temp.rows_read('tina', 'deal.read', 'deal', 'DealService/ListDeals', VARIADIC fields), '<=', most, 'deals: ' || fields::text)
FROM (VALUES ('{}'::text[], 110), ('{team,true}', 110), ('{team,true,stage,quoted}', 110)) AS v(fields, most);
SELECT cmp_ok(pg_temp.rows_read('tina', 'report.read', 'report', 'ReportService/ListReports', VARIADIC fields), '<=', most, 'reports: ' || fields::text)
FROM (VALUES ('{}'::text[], 200), ('{state,accepted}', 900)) AS v(fields, most);
SELECT cmp_ok(pg_temp.rows_read('tina', 'task.read', 'task', 'TaskService/ListTasks'), '<=', 1300, 'tasks');
SELECT cmp_ok(pg_temp.rows_read('tina', 'deal.read', 'deal_pulse', 'DealService/ListDue', 'team', 'true'), '<=', 700, 'what is due');
UPDATE deal_pulse SET next_due_on = touch_by + 3 WHERE deal_id / 7 % 3 > 0 AND deal_id IN (SELECT d.id FROM deal AS d WHERE d.title = 'T');
ANALYZE deal_pulse;
SELECT cmp_ok(pg_temp.rows_read('tina', 'session', 'deal_pulse', 'TaskService/ListTodo', 'team', 'true'), '<=', 1200, 'what is to do about deals');

SELECT is(pg_temp.paged('tina', 'deal.read', 'id', 3, 'DealService/ListDeals'), (SELECT string_agg(d.id::text, ' ' ORDER BY d.id DESC)
    FROM (SELECT d.id FROM deal AS d WHERE d.title = 'T' ORDER BY d.id DESC LIMIT 153) AS d), 'three pages of deals have the newest');
SELECT is(pg_temp.paged('tina', 'deal.read', 'id', 3, 'DealService/ListDeals', 'team', 'true', 'stage', 'quoted'),
    (SELECT string_agg(d.id::text, ' ' ORDER BY d.id DESC) FROM (SELECT d.id FROM deal AS d WHERE d.title = 'T' AND d.stage = 'quoted'
     ORDER BY d.id DESC LIMIT 153) AS d), 'in a stage');
SELECT is(pg_temp.paged('tina', 'report.read', 'id', 3, 'ReportService/ListReports'), (SELECT string_agg(r.id::text, ' ' ORDER BY r.id DESC)
    FROM (SELECT r.id FROM report AS r WHERE r.author_id IN (SELECT b.id FROM below AS b) ORDER BY r.id DESC LIMIT 153) AS r), 'of reports');
SELECT is(pg_temp.paged('tina', 'report.read', 'id', 3, 'ReportService/ListReports', 'state', 'accepted'),
    (SELECT string_agg(r.id::text, ' ' ORDER BY r.id DESC) FROM (SELECT r.id FROM report AS r WHERE r.author_id IN (SELECT b.id FROM below AS b)
     AND r.state = 'accepted' ORDER BY r.id DESC LIMIT 153) AS r), 'of a state');
SELECT is(pg_temp.paged('tina', 'task.read', 'id', 3, 'TaskService/ListTasks'), (SELECT string_agg(t.id::text, ' ' ORDER BY t.due_at, t.id)
    FROM (SELECT t.id, t.due_at FROM task AS t WHERE t.title = 'U' AND t.state <> 'done' ORDER BY t.due_at, t.id LIMIT 153) AS t),
    'of tasks that they have, or gave');
SELECT is(pg_temp.paged('tina', 'deal.read', 'deal_id', 3, 'DealService/ListDue', 'team', 'true', 'days', '10000'),
    (SELECT string_agg(p.deal_id::text, ' ' ORDER BY p.touch_by, p.deal_id) FROM (SELECT p.deal_id, p.touch_by FROM deal_pulse AS p
     JOIN deal AS d ON d.id = p.deal_id WHERE d.title = 'T' ORDER BY p.touch_by, p.deal_id LIMIT 153) AS p), 'of what is due');

SELECT is(pg_temp.paged('tina', 'session', 'on', 6, 'TaskService/ListTodo', 'team', 'true'), (SELECT string_agg(x.ref, ' ' ORDER BY x.at, x.no, x.id)
    FROM (SELECT * FROM (
        SELECT t.due_at AS at, 1 AS no, t.id, 'task/' || t.id AS ref FROM task AS t JOIN below AS b ON b.id = t.assignee_id WHERE t.state IN ('open', 'rejected')
        UNION ALL
        SELECT day_ends(p.company_id, coalesce(p.next_due_on, p.touch_by)), 3, p.deal_id, 'deal/' || p.deal_id FROM deal_pulse AS p JOIN below AS b ON b.id = p.member_id
        WHERE p.next_due_on IS NOT NULL OR p.touch_by < today(p.company_id)) AS x
    ORDER BY x.at, x.no, x.id LIMIT 306) AS x), 'six pages of what is to do');

-- The other side: acme with 300 vendors, which gamma has as well, three contracts with each, a payment and a duty to each of these.
SET LOCAL session_replication_role = replica;
INSERT INTO company (slug, name) SELECT 'v' || i, 'V' || i FROM generate_series(1, 300) AS i;
INSERT INTO partnership (principal_id, vendor_id, shares, span)
SELECT p.id, o.id, '{(,)}', 1 FROM company AS o, company AS p WHERE o.slug ~ '^v[0-9]' AND p.slug IN ('acme', 'gamma') ORDER BY o.id, p.id;
INSERT INTO contract (company_id, vendor_id, kind, title, state, version, from_at)
SELECT pg_temp.company('acme'), o.id, 'sales', 'M' || i, 'active', 1, now() - interval '1 day'
FROM generate_series(1, 3) AS i, company AS o WHERE o.slug ~ '^v[0-9]';
INSERT INTO payment (company_id, vendor_id, contract_id, contract_version, position, term, payer, amount, currency, due_on, due_at, state, turn)
SELECT c.company_id, c.vendor_id, c.id, 1, 1, 1, 'principal', 1, 'CNY', '2026-01-01'::date + (c.id % 300)::int,
       '2026-01-02'::date + (c.id % 300)::int, 'due', 'principal' FROM contract AS c WHERE c.title LIKE 'M%';
INSERT INTO task (company_id, kind, on_kind, on_id, title, vendor_id, side, acceptance, due_on, due_at, shared_span, created_by)
SELECT c.company_id, 'duty', kind('contract'), c.id, 'Plan', c.vendor_id, 'vendor', true, '2026-01-01'::date + (c.id % 300)::int,
       '2026-01-02'::date + (c.id % 300)::int, 1, pg_temp.member('boss') FROM contract AS c WHERE c.title LIKE 'M%';
SET LOCAL session_replication_role = origin;
ANALYZE contract;
ANALYZE partnership;
ANALYZE payment;
ANALYZE task;
SELECT is(pg_temp.walks('boss', 'contract.read', 'contract', 'ContractService/ListContracts'), 'contract_of_company 51/0',
    'contracts of a principal: a page of them');
SELECT is(pg_temp.walks('boss', 'contract.read', 'payment', 'PaymentService/ListPayments'), 'payment_of_company 17/0',
    'payments of a principal: a page of three states');
SELECT is(pg_temp.walks('boss', 'task.read', 'task', 'TaskService/ListTasks', 'kind', 'duty'), 'task_of_company_kind 17/0, task_pkey 1/0',
    'duties of a principal: a page');
SELECT is(pg_temp.walks('boss', 'partner.read', 'partnership', 'PartnerService/ListPartners'), 'partnership_of_principal 51/0',
    'partners of a principal: a page of them');
SELECT is(pg_temp.walks('boss', 'partner.read', 'partnership', 'PartnerService/ListPartners', 'page_token', 'x', 'page.after',
    (SELECT 2 * max(id) - 200 FROM partnership)::text), 'partnership_of_principal 51/0', 'the page behind');
SELECT is(pg_temp.walks('bboss', 'partner.read', 'partnership', 'PartnerService/ListPartners'), ' 21/0',
    'partners of a vendor: its own');
-- How often a method's statement asks a function.
CREATE FUNCTION pg_temp.asks(name text, permission text, "function" text, method text, VARIADIC fields text[] DEFAULT '{}') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    statement text := pg_temp.variant(method, VARIADIC fields);
    plan      jsonb;
BEGIN
    PERFORM pg_temp.sign(name, permission);
    EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || statement INTO plan;
    RESET ROLE;
    PERFORM pg_temp.leave();
    RETURN (SELECT string_agg(n ->> 'Actual Loops', ', ') FROM jsonb_path_query(plan, 'strict $.**') AS n
        WHERE jsonb_typeof(n) = 'object' AND n ->> 'Function Name' = asks."function");
END
$$;
SELECT is(pg_temp.asks('boss', 'partner.read', 'tier_asked', 'TierService/EvaluateTiers'), '51', 'tiers that are due: the figures of a page of vendors');
SELECT is(pg_temp.asks('boss', 'partner.read', 'tier_asked', 'TierService/EvaluateTiers', 'page_token', 'x', 'page.after',
    (SELECT max(id) - 200 FROM partnership)::text), '51', 'of the page behind');

SELECT * FROM finish();
ROLLBACK;
