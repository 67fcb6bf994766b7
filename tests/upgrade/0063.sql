INSERT INTO search_doc (kind, id, at, scopes, text)
SELECT 'deal', d.id, d.created_at, ARRAY[d.company_id * 1024 + 44], 'deal' FROM deal AS d;
INSERT INTO search_todo (kind, on_id, company_id) SELECT 'deal', d.id, d.company_id FROM deal AS d;
INSERT INTO search_fill (kind, below) VALUES ('customer', 1) ON CONFLICT DO NOTHING;
