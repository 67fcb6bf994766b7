-- After tests/bench/data.sql: the log of changes that its deals would have left, for what is asked of the log. All it writes
-- is what DealService/CreateDeal writes for the deal itself.
INSERT INTO jiayi.audit_log (at, company_id, member_id, member, method, request_id, object, object_id, action, after)
SELECT d.created_at, d.company_id, d.owner_id, m.email, 'jiayi.v1.DealService/CreateDeal', md5(d.id::text), 'deal', d.id, 'insert',
       to_jsonb(d)
FROM jiayi.deal AS d
JOIN jiayi.member AS m ON m.id = d.owner_id
ORDER BY d.id;
VACUUM ANALYZE jiayi.audit_log;
