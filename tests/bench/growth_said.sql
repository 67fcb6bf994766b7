-- Part of growth.sql: the deals' histories, tasks, what was said, and what people were told.

\set ON_ERROR_STOP on
SET search_path = jiayi, pg_catalog;
SET maintenance_work_mem = '1GB';
SET synchronous_commit = off;
SET session_replication_role = replica;

BEGIN;
CLUSTER deal_stage USING deal_stage_pkey;
INSERT INTO deal_stage (deal_id, seq, company_id, author_company_id, stage, entered_at, member_id)
SELECT id, 1, company_id, company_id, stage, created_at, owner_id FROM deal;
SELECT definition FROM bench.dropped WHERE relation = 'deal_stage'::regclass \gexec
COMMIT;

BEGIN;
CLUSTER task USING task_pkey;
INSERT INTO task (company_id, on_kind, on_id, title, assignee_id, vendor_id, shared_span, side, acceptance, due_on, due_at, state, done_by, done_at,
    created_by, created_at, updated_at, state_since)
SELECT d.company_id, kind('deal'), d.id, 'Prepare the offer', t.assignee_id, t.vendor_id, 1, CASE WHEN t.vendor_id IS NULL THEN 'ours' ELSE 'vendor' END,
       t.state = 'delivered', t.due_on, (t.due_on + 1)::timestamp AT TIME ZONE 'UTC', t.state, CASE WHEN t.state <> 'open' THEN t.assignee_id END,
       CASE WHEN t.state <> 'open' THEN d.updated_at END, coalesce(o.manager_id, o.member_id), d.created_at, d.updated_at, d.updated_at
FROM deal AS d JOIN bench.owner AS o ON o.member_id = d.owner_id, bench.nth(d.id, :deals) AS n,
     (SELECT member_id AS vendor_member FROM bench.who WHERE slug = 'vendor') AS v,
     LATERAL (SELECT CASE WHEN n % 8 = 1 OR (n % 8 = 5 AND d.vendor_id IS NOT NULL) THEN 'open' WHEN n % 40 = 3 THEN 'delivered' ELSE 'done' END,
                     CASE WHEN n % 8 = 5 THEN d.vendor_id END,
                     CASE WHEN n % 8 = 5 AND d.vendor_id IS NOT NULL THEN vendor_member ELSE d.owner_id END,
                     current_date - 21 + (n * 11 % 64)::int) AS t(state, vendor_id, assignee_id, due_on)
WHERE n % 2 = 1;
SELECT definition FROM bench.dropped WHERE relation = 'task'::regclass \gexec
COMMIT;

BEGIN;
CLUSTER comment USING comment_pkey;
INSERT INTO comment (on_kind, on_id, version, company_id, log_company_id, author_company_id, member_id, text, at, topic, digest)
SELECT kind('deal'), d.id, 1, d.company_id, d.company_id, d.company_id, d.owner_id, 'They need it by the end of the quarter.', d.updated_at, 'comment',
       sha256(d.id::text::bytea)
FROM deal AS d, generate_series(1, 60) AS i WHERE bench.nth(d.id, :deals) % 120 = 0
ORDER BY i, d.id;
SELECT definition FROM bench.dropped WHERE relation = 'comment'::regclass \gexec
COMMIT;

-- Each event has been told: assigned, moved and shared, in the order of the deals.
BEGIN;
CLUSTER event USING event_pkey;
INSERT INTO event (id, xid, position, at, company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids, data)
OVERRIDING SYSTEM VALUE
SELECT 3 * d.id + e.no, '1', 3 * d.id + e.no, d.updated_at, d.company_id, d.vendor_id, e.kind, kind('deal'), d.id, e.actor_id, ARRAY[e.told_id], e.data::jsonb
FROM deal AS d JOIN bench.owner AS o ON o.member_id = d.owner_id, bench.nth(d.id, :deals) AS n,
     (SELECT member_id AS vendor_member FROM bench.who WHERE slug = 'vendor') AS v,
     LATERAL (VALUES (0, 'deal.assigned', o.manager_id, o.member_id, NULL),
                     (1, 'deal.moved', o.member_id, CASE WHEN n % 2 = 0 THEN o.manager_id END, '{"from": "new", "to": "contacted"}'),
                     (2, 'deal.shared', o.member_id, CASE WHEN d.vendor_id IS NOT NULL THEN v.vendor_member END, NULL)
     ) AS e(no, kind, actor_id, told_id, data)
WHERE e.told_id IS NOT NULL;
SELECT setval(pg_get_serial_sequence('event', 'id'), 3 * :deals + 3), setval('event_position', 3 * :deals + 3) \g /dev/null
SELECT definition FROM bench.dropped WHERE relation = 'event'::regclass \gexec
COMMIT;

BEGIN;
CLUSTER inbox USING inbox_pkey;
INSERT INTO inbox (member_id, event_id, at, kind, on_kind, on_id, actor_id, data, read_at)
SELECT e.member_ids[1], e.id, e.at, e.kind, e.on_kind, e.on_id, e.actor_id, e.data, CASE WHEN bench.nth(e.on_id, :deals) % 10 > 0 THEN e.at END
FROM event AS e ORDER BY e.id;
SELECT definition FROM bench.dropped WHERE relation = 'inbox'::regclass \gexec
COMMIT;

