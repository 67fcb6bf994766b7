-- The words of a sales manager for the stages that a company begins with; titles that somebody
-- changed stay.
-- definitions: 4771f9e2e64a807943b5201ef86267343e08c2adf539b44fa5f6007cfe812034

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

UPDATE stage AS s SET title = w.title
FROM (VALUES ('negotiating', '谈单中', '商务谈判'), ('deciding', '待决策', '客户决策'),
             ('won', '已成交', '赢单'), ('lost', '流失', '丢单')) AS w(name, before, title)
WHERE s.name = w.name AND s.title = w.before;
