INSERT INTO checklist (company_id, code, name, purpose) SELECT c.id, 'visit', '拜访', 'stage' FROM company AS c WHERE c.slug = 'acme';
INSERT INTO checklist_item (checklist_id, version, position, title, required, criterion, side, days)
SELECT c.id, 1, 1, '确认预算', true, false, 'ours', 2 FROM checklist AS c;
