INSERT INTO deal_reason (deal_id, seq, company_id, author_company_id, text)
SELECT s.deal_id, s.seq, s.company_id, pg_temp.company('beta'), '他们没有预算'
FROM deal_stage AS s ORDER BY s.deal_id, s.seq LIMIT 1;
