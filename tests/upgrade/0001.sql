INSERT INTO audit_log (company_id, member, method, object, object_id, action, before, after)
VALUES (NULL, 'somebody@old.example', 'jiayi.v1.DealService/MoveDeal', 'deal', '1', 'update',
        '{"stage": "new"}', '{"stage": "合同"}');
