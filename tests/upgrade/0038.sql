INSERT INTO task (company_id, on_kind, on_id, title, text, assignee_id, created_by, due_on, due_at)
SELECT d.company_id, 3, d.id, '发报价', '两页', d.owner_id, d.owner_id, '2026-12-01', '2026-12-02 00:00Z' FROM deal AS d ORDER BY d.id LIMIT 1;
INSERT INTO follow_up (deal_id, company_id, member_id, activity_id, due_on, due_at)
SELECT d.id, d.company_id, d.owner_id, 1, '2026-12-01', '2026-12-02 00:00Z' FROM deal AS d ORDER BY d.id LIMIT 1
ON CONFLICT DO NOTHING;
