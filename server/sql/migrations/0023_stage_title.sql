-- The words of a sales manager for the stages that a company begins with; titles that somebody
-- changed stay.
-- definitions: 9c1969373d043e308d666228fed5f68019f98edb022c16b6996799dfb25e89e0

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

UPDATE stage AS s SET title = w.title
FROM (VALUES ('negotiating', '谈单中', '商务谈判'), ('deciding', '待决策', '客户决策'),
             ('won', '已成交', '赢单'), ('lost', '流失', '丢单')) AS w(name, before, title)
WHERE s.name = w.name AND s.title = w.before;
