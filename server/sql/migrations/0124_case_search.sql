-- Cases are found by their words, and what was said in them.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

INSERT INTO search_fill (kind, below) SELECT 'case', max(id) + 1 FROM case_file HAVING max(id) IS NOT NULL;
INSERT INTO search_todo (kind, on_id, company_id) SELECT 'comment', c.id, c.company_id FROM comment AS c WHERE c.on_kind = 9;
INSERT INTO search_todo (kind, on_id, company_id) SELECT 'file', f.id, f.company_id FROM file AS f WHERE f.on_kind = 9;
