INSERT INTO handover (company_id, from_id, to_id, note, counts)
SELECT a.company_id, a.id, b.id, 'Over.', '{"deals": 1}' FROM member AS a JOIN member AS b ON b.company_id = a.company_id AND b.id > a.id LIMIT 1;
