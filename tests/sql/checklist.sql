-- Checklists: who sees them and who changes them, by whatever statement.
\ir fixture.psql
SELECT no_plan();

SELECT pg_temp.act('boss', 'checklist.manage', pg_temp.method('ChecklistService/DefineChecklist', 'code', 'visit', 'name', 'Visit',
    'purpose', 'stage', 'items', '[{"title": "One"}, {"title": "Two", "days": "2", "required": true}]')) AS id \gset
SELECT is(pg_temp.sees('cleo', 'session', 'i.title FROM checklist_item AS i JOIN checklist AS c ON c.id = i.checklist_id WHERE c.code = ''visit''') || pg_temp.sees('gboss', 'session', 'i.title FROM checklist_item AS i JOIN checklist AS c ON c.id = i.checklist_id WHERE c.code = ''visit''')
    || pg_temp.sees('vito', 'session', 'code FROM checklist WHERE code = ''visit'''), 'One,Two', 'the company sees it, nobody else');
SELECT pg_temp.refused('cleo', 'task.create', format('UPDATE checklist SET name = ''x'' WHERE id = %s RETURNING 1', :id), '42501', NULL,
    'who starts it does not change it');
SELECT pg_temp.refused('cleo', 'task.create', 'INSERT INTO checklist (company_id, code, name, purpose) VALUES (me_company(), ''x'', ''x'', ''stage'')
    RETURNING 1', '42501', NULL, 'nor makes one');
SELECT pg_temp.refused('boss', 'checklist.manage', format('INSERT INTO checklist (company_id, code, name, purpose) VALUES (%s, ''x'', ''x'', ''stage'')
    RETURNING 1', pg_temp.company('gamma')), '42501', NULL, 'nor for another company');
SELECT pg_temp.refused('boss', 'checklist.manage', format('INSERT INTO checklist_item (checklist_id, version, position, title, required, criterion, side)
    VALUES (%s, 7, 1, ''x'', false, false, ''ours'') RETURNING 1', :id), '42501', NULL, 'points come with a version');
SELECT throws_ok('UPDATE checklist_item SET title = ''x''', 'JY009', NULL, 'and stay');

SELECT * FROM finish();
ROLLBACK;
