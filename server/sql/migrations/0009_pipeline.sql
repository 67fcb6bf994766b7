-- Companies that were there before deals were (migration 4) got no pipeline, and so could not create a deal. They get the
-- default one now; those that have one keep it.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

INSERT INTO stage (company_id, name, title, position, outcome, goal, probability, max_days)
SELECT c.id, s.name, s.title, s.position, s.outcome, s.goal, s.probability, s.max_days
FROM company AS c, (VALUES
    ('new', '新线索', 1, 'open', 'Learn whether there is a need, and who decides.', 10, 3),
    ('contacted', '已联系', 2, 'open', 'Understand the need, the budget and the time.', 20, 7),
    ('quoted', '已报价', 3, 'open', 'Have the customer judge a written offer.', 40, 14),
    ('negotiating', '谈单中', 4, 'open', 'Agree on scope, price and terms.', 60, 21),
    ('deciding', '待决策', 5, 'open', 'Help those who decide to say yes.', 80, 14),
    ('won', '已成交', 6, 'won', 'Deliver what was promised.', 100, NULL),
    ('lost', '流失', 7, 'lost', 'Know why, and stay in touch.', 0, NULL)
) AS s(name, title, position, outcome, goal, probability, max_days)
WHERE NOT c.is_system AND NOT EXISTS (SELECT FROM stage AS x WHERE x.company_id = c.id)
ORDER BY c.id, s.position;
