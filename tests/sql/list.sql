-- What lists read: no rows of strangers, whose number the time would tell (cases M4 and L12).
\ir fixture.psql
\ir plan.psql
SELECT no_plan();

-- cleo has 2,000 deals, 10 of them shared with beta; dora has as many.
INSERT INTO customer (company_id, name) VALUES (pg_temp.company('acme'), 'C') RETURNING id AS customer \gset
SET LOCAL session_replication_role = replica;
INSERT INTO deal (company_id, title, customer_id, stage, outcome, owner_id, vendor_id, shared_version)
SELECT pg_temp.company('acme'), 'D' || i, :customer, (ARRAY['new', 'quoted'])[1 + i / 2 % 2], 'open',
       pg_temp.member(CASE i % 2 WHEN 0 THEN 'cleo' ELSE 'dora' END),
       CASE WHEN i % 200 = 0 THEN pg_temp.company('beta') END, CASE WHEN i % 200 = 0 THEN 1 END
FROM generate_series(1, 4000) AS i;
INSERT INTO comment (on_kind, on_id, version, company_id, author_company_id, member_id, topic, text, at)
SELECT 3, d.id, 1, d.company_id, CASE WHEN i % 20 = 0 THEN pg_temp.company('beta') ELSE d.company_id END,
       pg_temp.member(CASE WHEN i % 20 = 0 THEN 'vito' ELSE 'cleo' END), CASE i % 10 WHEN 0 THEN 'need' ELSE 'comment' END,
       'said', now() - interval '1 day' * (3000 - i)
FROM generate_series(1, 3000) AS i, (SELECT * FROM deal WHERE vendor_id IS NOT NULL ORDER BY id LIMIT 1) AS d;
INSERT INTO audit_log (company_id, member, object, object_id, action)
SELECT pg_temp.company('acme'), CASE WHEN i % 1000 = 0 THEN 'cleo' ELSE 'dora' END || '@acme.example', 'deal', i::text, 'update'
FROM generate_series(1, 4000) AS i;
INSERT INTO deal_stage (deal_id, seq, company_id, author_company_id, stage, member)
SELECT d.id, 1, d.company_id, d.company_id, 'new', CASE WHEN d.vendor_id IS NULL THEN 'dora' ELSE 'cleo' END || '@acme.example'
FROM deal AS d WHERE d.customer_id = :customer;
SET LOCAL session_replication_role = origin;
ANALYZE comment;
ANALYZE deal;
ANALYZE audit_log;
ANALYZE deal_stage;

SELECT is(pg_temp.reads('vito', 'deal.read', 'deal', 'DealService/ListDeals', 'owner', 'cleo@acme.example', 'stage', 'new'),
    'deal_of_vendor_owner_in_stage 20/0', 'case M4: a vendor''s list by owner and stage reads what is shared with it, nothing else');
SELECT is(pg_temp.reads('vito', 'deal.read', 'deal', 'DealService/ListDeals', 'owner', 'cleo@acme.example'),
    'deal_of_vendor_owner 20/0', 'case M4: by owner');
SELECT is(pg_temp.reads('vito', 'deal.read', 'deal', 'DealService/ListDeals', 'owner', 'dora@acme.example', 'stage', 'new'),
    'deal_of_vendor_owner_in_stage 0/0', 'case M4: of an owner who shares nothing, nothing');
SELECT is(pg_temp.reads('boss', 'audit.read', 'audit_log', 'AuditService/ListAuditEntries', 'member', 'cleo@acme.example'),
    'audit_log_member 4/0', 'case L12: the log of changes by member');
SELECT is(pg_temp.reads('boss', 'audit.read', 'deal_stage', 'AuditService/ListAuditEntries', 'member', 'cleo@acme.example'),
    'deal_stage_log_member 20/0', 'case L12: and of what is its own entry');
SELECT is(pg_temp.reads('boss', 'audit.read', 'deal_stage', 'AuditService/ListAuditEntries', 'since', '2020-01-01'),
    'deal_stage_log 51/0', 'the log of changes reads a page of each table');
SELECT is(pg_temp.reads('boss', 'audit.read', 'deal_stage', 'AuditService/ListAuditEntries', 'object', 'deal',
    'object_id', (SELECT max(d.id)::text FROM deal AS d)),
    'deal_stage_pkey 0/1', 'of a deal: what it has');

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
    'comment_topic_of_author 51/0, comment_topic_of_company 0/0', 'of a vendor''s people: theirs');
SELECT is(pg_temp.reads('boss', 'session', 'comment', 'CommentService/ListComments', 'on', (SELECT 'deal/' || max(on_id) FROM comment)),
    'comment_of 51/0', 'of a thing: a page of it') ;

SELECT * FROM finish();
ROLLBACK;
