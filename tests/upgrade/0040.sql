INSERT INTO event (company_id, kind, on_kind, on_id, actor_id, member_ids, data, position)
SELECT d.company_id, 'deal.moved', 3, d.id, d.owner_id, ARRAY[d.owner_id], '{"from": "new", "to": "quoted"}', 1
FROM deal AS d ORDER BY d.id LIMIT 1;
INSERT INTO inbox (member_id, event_id, at, kind, on_kind, on_id, data)
SELECT e.actor_id, e.id, e.at, e.kind, e.on_kind, e.on_id, e.data FROM event AS e;
INSERT INTO subscription (member_id, on_kind, on_id) SELECT d.owner_id, 3, d.id FROM deal AS d ORDER BY d.id LIMIT 1;
