-- To-do lists: what they read, and that next steps are kept beside the activities.
\ir fixture.psql
\ir plan.psql
SELECT no_plan();

CREATE FUNCTION pg_temp.log(name text, deal bigint, next text, due date) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'deal.log', pg_temp.method('DealService/LogActivity', 'deal_id', $2::text, 'kind', 'call', 'text', 't',
        'next', $3, 'due', $4::text))
$$;
-- The next steps that there are: whose side, who takes it, when.
CREATE FUNCTION pg_temp.steps(deal bigint) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(concat_ws(' ', c.slug, m.name, f.next_due_on), ', ' ORDER BY c.slug), '')
    FROM jiayi.deal_pulse AS f JOIN jiayi.company AS c ON c.id = f.company_id JOIN jiayi.member AS m ON m.id = f.member_id
    WHERE f.deal_id = $1 AND f.open AND f.next_due_on IS NOT NULL
$$;
SELECT pg_temp.deal('cleo', 'one', true) AS one \gset
SELECT pg_temp.log('ben', :one, 'visit', '2027-01-05'), pg_temp.log('vito', :one, 'ask', '2027-01-04') \g /dev/null
SELECT is(pg_temp.steps(:one), 'acme cleo 2027-01-05, beta vito 2027-01-04', 'each side has its own: the owner''s, and whoever logged it');
SELECT is(pg_temp.sees('vito', 'session', 'next_due_on FROM deal_pulse') || '/' || pg_temp.sees('cleo', 'session', 'next_due_on FROM deal_pulse') || '/'
    || pg_temp.sees('dora', 'session', 'next_due_on FROM deal_pulse') || pg_temp.sees('gina', 'session', 'next_due_on FROM deal_pulse'),
    '2027-01-04/2027-01-05/', 'and sees its own alone');
SELECT pg_temp.log('cleo', :one, 'later', '2027-02-01') \g /dev/null
SELECT is(pg_temp.steps(:one), 'acme cleo 2027-02-01, beta vito 2027-01-04', 'the newest counts');
UPDATE deal SET owner_id = pg_temp.member('dora') WHERE id = :one;
SELECT is(pg_temp.steps(:one), 'acme dora 2027-02-01, beta vito 2027-01-04', 'it goes with the deal');
UPDATE deal SET stage = 'lost', lost_code = 'other', stage_reason = 'r' WHERE id = :one;
SELECT is(pg_temp.steps(:one), '', 'and ends with it');
UPDATE deal SET stage = 'new' WHERE id = :one;
SELECT is(pg_temp.steps(:one), 'acme dora 2027-02-01, beta vito 2027-01-04', 'and is there again');
UPDATE deal SET vendor_id = NULL WHERE id = :one;
SELECT is(pg_temp.steps(:one), 'acme dora 2027-02-01', 'and the vendor''s with the sharing');
UPDATE deal SET vendor_id = pg_temp.company('beta') WHERE id = :one;
SELECT is(pg_temp.steps(:one), 'acme dora 2027-02-01', 'what was before does not come back');
SELECT pg_temp.log('dora', :one, NULL, NULL) \g /dev/null
SELECT is(pg_temp.steps(:one), 'acme dora 2027-02-01', 'a follow-up that says nothing of what comes next leaves it');
SELECT is(count(*)::int, 0, 'nobody writes them') FROM information_schema.role_table_grants
WHERE table_name = 'deal_pulse' AND grantee = 'jiayi_app' AND privilege_type <> 'SELECT';

-- What it reads: of thousands a page at most in each arm, and nothing in vain.
INSERT INTO customer (company_id, name) VALUES (pg_temp.company('acme'), 'C') RETURNING id AS customer \gset
SET LOCAL session_replication_role = replica;
INSERT INTO task (company_id, title, assignee_id, created_by, state, due_at)
SELECT pg_temp.company('acme'), 'T' || i, pg_temp.member(CASE i % 2 WHEN 0 THEN 'cleo' ELSE 'dora' END), pg_temp.member('boss'),
       CASE i % 10 / 2 WHEN 0 THEN 'open' WHEN 1 THEN 'delivered' ELSE 'done' END, now() + i * interval '1 hour'
FROM generate_series(1, 4000) AS i;
INSERT INTO deal (company_id, title, customer_id, stage, outcome, owner_id)
SELECT pg_temp.company('acme'), 'D' || i, :customer, 'new', 'open', pg_temp.member(CASE i % 2 WHEN 0 THEN 'cleo' ELSE 'dora' END)
FROM generate_series(1, 2000) AS i;
INSERT INTO activity (deal_id, company_id, author_company_id, deal_version, member_id, kind, text, next_step, due_on)
SELECT d.id, d.company_id, d.company_id, 1, d.owner_id, 'call', 't', 'n', '2027-01-01'::date + d.id::int % 100 FROM deal AS d WHERE d.title LIKE 'D%';
-- One in five has no next step: half of these are forgotten, the others were touched today. One in twenty has a step that was
-- due before any of them was forgotten.
INSERT INTO deal_pulse (deal_id, company_id, deal_company_id, member_id, open, stage_on, stay_days, touched_on, step_id, next_step, next_due_on, touch_by)
SELECT a.deal_id, a.company_id, a.company_id, a.member_id, true, today(a.company_id), 14,
       t."on", a.id, a.next_step, t.due, least(t.due, t."on" + 14)
FROM activity AS a, LATERAL (SELECT CASE WHEN a.deal_id % 20 IN (0, 5) THEN '2026-01-01' ELSE today(a.company_id) END,
    CASE WHEN a.deal_id % 20 IN (1, 2) THEN '2026-01-02' WHEN a.deal_id % 5 <> 0 THEN a.due_on END) AS t("on", due) WHERE a.next_step = 'n';
INSERT INTO report (company_id, author_id, to_company_id, kind, period, state)
SELECT pg_temp.company(CASE i % 4 WHEN 0 THEN 'beta' ELSE 'acme' END),
       pg_temp.member((ARRAY['vito', 'cleo', 'dora', 'ben'])[1 + i % 4]), pg_temp.company('acme'), 'daily', '2026-11-20',
       CASE i / 4 % 4 WHEN 0 THEN 'returned' ELSE 'submitted' END
FROM generate_series(1, 4000) AS i;
SET LOCAL session_replication_role = origin;
ANALYZE task; ANALYZE deal; ANALYZE activity; ANALYZE deal_pulse; ANALYZE report;
SELECT is(pg_temp.reads('cleo', 'session', 'task', 'TaskService/ListTodo'), 'task_of_assignee 26/0, task_of_creator 0/0, task_of_vendor 0/0, task_pkey 0/0', 'tasks');
SELECT is(pg_temp.reads('cleo', 'session', 'deal_pulse', 'TaskService/ListTodo'), 'deal_pulse_pkey 1/0, deal_pulse_step 51/0, deal_pulse_untouched 51/0', 'next steps, and what was forgotten');
SELECT is(pg_temp.reads('cleo', 'session', 'report', 'TaskService/ListTodo'), 'report_pkey 0/0, report_waiting_by_author 51/0', 'a salesperson''s reports');
SELECT is(pg_temp.reads('ben', 'session', 'report', 'TaskService/ListTodo'), 'report_pkey 1/0, report_waiting_by_author 51/0, report_waiting_by_author 51/0, report_waiting_from_partner 51/0', 'those that a manager reviews');
SELECT is(pg_temp.reads('boss', 'session', 'report', 'TaskService/ListTodo'), 'report_pkey 1/0, report_waiting_by_author 0/0, report_waiting_from_partner 51/0, report_waiting_in_company 51/0', 'those that the company reviews');
SELECT alike(pg_temp.reads('cleo', 'session', 'task', 'TaskService/ListTodo', 'page.after', to_char(now() + interval '300 hours', 'YYYY-MM-DD HH24:MI:SSOF') || '/1/0'), 'task_of_assignee 26/0, task_of_creator 0/0, task_of_vendor 0/0, task_pkey%',
    'a later page begins where it is asked to');

-- What a principal gave and nobody has yet: a page of each state, for who may do it.
SET LOCAL session_replication_role = replica;
INSERT INTO task (company_id, title, vendor_id, shared_span, side, created_by, assignee_id, state, due_at)
SELECT pg_temp.company('acme'), 'V' || i, pg_temp.company('beta'), 1, 'vendor', pg_temp.member('boss'),
       CASE WHEN i % 20 <> 0 THEN pg_temp.member('vito') END, CASE WHEN i % 4 = 0 THEN 'open' ELSE 'done' END, now() + i * interval '1 hour'
FROM generate_series(1, 4000) AS i;
SET LOCAL session_replication_role = origin;
ANALYZE task;
SELECT is(pg_temp.reads('vito', 'session', 'task', 'TaskService/ListTodo'), 'task_of_assignee 13/0, task_of_creator 0/0, task_of_nobody 26/0, task_of_vendor 0/0, task_pkey 0/0', 'of the company''s work that nobody has yet a page');
SELECT pg_temp.join_company('aldo', 'beta', 'auditor') \g /dev/null
SELECT is(pg_temp.reads('aldo', 'session', 'task', 'TaskService/ListTodo'), 'task_of_assignee 0/0, task_of_creator 0/0, task_of_vendor 0/0', 'and for who only reads tasks nothing');

SELECT * FROM finish();
ROLLBACK;
