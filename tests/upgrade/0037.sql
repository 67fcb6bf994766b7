INSERT INTO file (company_id, author_company_id, audience, on_kind, on_id, version, name, bytes, sha256, member_id)
SELECT d.company_id, d.company_id, 'shared', 3, d.id, 1, '报价.pdf', 7, sha256('a quote'), d.owner_id
FROM deal AS d ORDER BY d.id LIMIT 1;
INSERT INTO file_chunk (file_id, seq, data) SELECT f.id, 0, 'a quote' FROM file AS f;
UPDATE file SET state = 'complete', completed_at = clock_timestamp();
