-- Tasks: who sees which, what lists read, and what cannot be by whatever way.
\ir fixture.psql
\ir plan.psql
SELECT no_plan();

INSERT INTO company (slug, name) VALUES ('rival', 'Rival');
SELECT pg_temp.join_company('rita', 'rival', 'vendor') \g /dev/null
SELECT pg_temp.partners('acme', 'rival') \g /dev/null

CREATE FUNCTION pg_temp.task(name text, title text, VARIADIC more text[] DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'task.create', pg_temp.method('TaskService/CreateTask', VARIADIC ARRAY['title', $2] || $3))
$$;
CREATE FUNCTION pg_temp.tasks(name text) RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(pg_temp.act($1, 'task.read', 'SELECT string_agg(title, '' '' ORDER BY id) FROM task'), '') $$;
CREATE FUNCTION pg_temp.told(name text) RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(pg_temp.act($1, 'session', 'SELECT string_agg(text, '' '' ORDER BY id) FROM comment'), '') $$;

SELECT pg_temp.deal('dora', 'doras') AS doras \gset
SELECT pg_temp.task('cleo', 'own') AS own, pg_temp.task('anna', 'given', 'owner', 'cleo@acme.example') AS given,
    pg_temp.task('cleo', 'for-beta', 'vendor', 'beta', 'acceptance', 'true') AS beta,
    pg_temp.task('cleo', 'for-rival', 'vendor', 'rival') AS rival,
    pg_temp.task('boss', 'on-deal', 'on', 'deal/' || :doras) AS on_deal \gset
SELECT is(pg_temp.tasks('cleo'), 'own given for-beta for-rival', 'who has it and who gave it');
SELECT is(pg_temp.tasks('ben'), 'own given for-beta for-rival', 'those above');
SELECT is(pg_temp.tasks('dora'), 'on-deal', 'who sees what it is about');
SELECT is(pg_temp.tasks('boss'), 'own given for-beta for-rival on-deal', 'the company');
SELECT is(pg_temp.tasks('vito') || '/' || pg_temp.tasks('rita') || '/' || pg_temp.tasks('gina'), 'for-beta/for-rival/',
    'each partner its own, and a rival nothing of it');

-- What is said of a partner's task is between the two.
SELECT pg_temp.act('vito', 'task.update', pg_temp.method('TaskService/DeliverTask', 'task_id', :'beta', 'text', 'delivered')),
    pg_temp.act('cleo', 'task.update', pg_temp.method('TaskService/RejectTask', 'task_id', :'beta', 'text', 'rejected')),
    pg_temp.act('rita', 'task.update', pg_temp.method('TaskService/CompleteTask', 'task_id', :'rival', 'text', 'rivals')) \g /dev/null
SELECT is(pg_temp.told('vito') || '/' || pg_temp.told('rita') || '/' || pg_temp.told('cleo'), 'delivered rejected/rivals/delivered rejected rivals',
    'comments go with the task');
UPDATE partnership SET state = 'suspended' WHERE vendor_id = pg_temp.company('beta');
SELECT is(pg_temp.tasks('vito') || '/' || pg_temp.told('vito'), '/delivered', 'while the partnership rests what one''s own people said');
UPDATE partnership SET state = 'active' WHERE vendor_id = pg_temp.company('beta');

-- Statements that slipped in get no further.
SELECT pg_temp.refused('cleo', 'task.update', 'UPDATE task SET vendor_id = NULL RETURNING 1', '42501', NULL, 'no task goes to another partner');
SELECT pg_temp.refused('cleo', 'task.create', format('INSERT INTO task (company_id, title, created_by) VALUES (%s, ''x'', me_member()) RETURNING 1',
    pg_temp.company('beta')), '42501', NULL, 'nobody creates tasks of another company');
SELECT pg_temp.refused('cleo', 'task.create', format('INSERT INTO task (company_id, title, created_by) VALUES (me_company(), ''x'', %s) RETURNING 1',
    pg_temp.member('boss')), '42501', NULL, 'nor in another''s name');
SELECT pg_temp.refused('vito', 'task.update', format('UPDATE task SET state = ''accepted'' WHERE id = %s RETURNING 1', :beta), 'JY009', NULL,
    'what was not delivered is not accepted');
SELECT is(pg_temp.act('rita', 'task.update', format('UPDATE task SET state = ''cancelled'' WHERE id = %s RETURNING 1', :beta)), NULL, 'a rival reaches none');
SELECT pg_temp.refused('ewa', 'task.update', format('UPDATE task SET state = ''done'' WHERE id = %s RETURNING 1', :own), 'JY007', NULL, 'who may only read');

-- What lists read: a page of each state at most (rows in the mean), and nothing in vain. Days are the company's.
SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date AS today \gset
SET LOCAL session_replication_role = replica;
INSERT INTO task (company_id, title, assignee_id, created_by, vendor_id, shared_span, side, state, due_at, on_kind, on_id)
SELECT pg_temp.company('acme'), 'T' || i, m, m, CASE WHEN i % 200 = 0 THEN pg_temp.company('beta') END, 1, 'ours',
       CASE WHEN i % 10 = 0 THEN 'open' ELSE 'done' END, :'today'::timestamp AT TIME ZONE 'Asia/Shanghai' + i * interval '1 hour',
       CASE WHEN i % 400 = 1 THEN 3 END, CASE WHEN i % 400 = 1 THEN :doras END
FROM generate_series(1, 4000) AS i, LATERAL (SELECT pg_temp.member(CASE i % 4 WHEN 0 THEN 'cleo' WHEN 1 THEN 'dora' ELSE 'boss' END)) AS x(m);
SET LOCAL session_replication_role = origin;
ANALYZE task;
SELECT is(pg_temp.reads('cleo', 'task.read', 'task', 'TaskService/ListTasks'), 'task_of_assignee 17/0, task_of_creator 0/0, task_of_vendor 0/0, task_pkey 1/0', 'a salesperson''s list');
SELECT is(pg_temp.reads('boss', 'task.read', 'task', 'TaskService/ListTasks'), 'task_of_company 17/0, task_of_vendor 0/0, task_pkey 1/0', 'the company''s');
SELECT is(pg_temp.reads('vito', 'task.read', 'task', 'TaskService/ListTasks'), 'task_of_company 0/0, task_of_creator 0/0, task_of_vendor 7/0, task_pkey 1/0', 'a partner''s');
SELECT is(pg_temp.reads('boss', 'task.read', 'task', 'TaskService/ListTasks', 'owner', 'cleo@acme.example'), 'task_of_assignee 17/0, task_of_vendor 0/0, task_pkey 1/0', 'by owner');
SELECT is(pg_temp.reads('dora', 'task.read', 'task', 'TaskService/ListTasks', 'on', 'deal/' || :doras, 'state', 'done'), 'task_of 10/0, task_pkey 1/0', 'of a thing');

-- Of a partner's tasks there are so few that either index will do.
SELECT matches(pg_temp.reads('boss', 'task.read', 'task', 'TaskService/ListTasks', 'kind', 'coaching'), '^task_of_company_kind 0/0, task_of_vendor(_kind)? 0/0$', 'a kind of which there are none');
SELECT is(pg_temp.reads('boss', 'task.read', 'task', 'TaskService/ListTasks', 'due_by', (:'today'::date + 3)::text), 'task_of_company 3/0, task_of_vendor 0/0, task_pkey 1/0', 'by a day');
SELECT is(pg_temp.reads('boss', 'task.read', 'task', 'TaskService/ListTasks', 'page_token', 'x', 'page.after', (:'today'::timestamp AT TIME ZONE 'Asia/Shanghai' + interval '3910 hours') || '/1'), 'task_of_company 5/0, task_of_vendor 0/0, task_pkey 1/0', 'the last page');

SELECT * FROM finish();
ROLLBACK;
