-- Of a move less is worked out anew: touch_by is no generated column any more, and deal_pulse knows whether somebody
-- follows the deal.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

ALTER TABLE deal_pulse ALTER COLUMN touch_by DROP EXPRESSION;

COMMENT ON COLUMN deal_pulse.beside IS
    'What the deal has or had, added up: 1 tags, 2 people who take part, 4 tasks, 8 links, 16 people who follow it.';
UPDATE deal_pulse AS p SET beside = p.beside | 16
WHERE EXISTS (SELECT FROM subscription AS s WHERE s.on_kind = 3 AND s.on_id = p.deal_id);
