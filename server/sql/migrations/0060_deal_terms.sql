-- Deals have a day on which they are expected to close, a kind, and at their vendor somebody responsible.
-- definitions: 0000000000000000000000000000000000000000000000000000000000000000

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS deal_shown(deal);

ALTER TABLE deal
    ADD COLUMN close_on date,
    ADD COLUMN kind text NOT NULL DEFAULT 'sale',
    ADD COLUMN vendor_owner_id bigint,
    ADD COLUMN won_on date;
ALTER TABLE deal DISABLE TRIGGER USER;
UPDATE deal AS d SET won_on = (d.closed_at AT TIME ZONE p.time_zone)::date
FROM company_profile AS p WHERE p.company_id = d.company_id AND d.outcome = 'won';
ALTER TABLE deal ENABLE TRIGGER USER;
COMMENT ON COLUMN deal.close_on IS 'The day by which it is expected to be won or lost; NULL: nobody said.';
COMMENT ON COLUMN deal.kind IS 'sale, or project: one with milestones, resources and needs.';
COMMENT ON COLUMN deal.vendor_owner_id IS
    'Who of the vendor is responsible for it, as its people say; NULL: nobody in person.';
COMMENT ON COLUMN deal.won_on IS 'The day on which it was won where its company was then; NULL: it is not won.';
-- Open deals by the day on which they are expected to close, of an owner and of a company.
CREATE INDEX deal_closing_of_owner ON deal (owner_id, close_on, id)
    WHERE outcome = 'open' AND close_on IS NOT NULL;
CREATE INDEX deal_closing_of_company ON deal (company_id, close_on, id)
    WHERE outcome = 'open' AND close_on IS NOT NULL;

-- What comes next, in words; and what there may be beside a deal, so that nobody looks in vain.
ALTER TABLE deal_pulse
    ADD COLUMN next_step text,
    ADD COLUMN beside smallint NOT NULL DEFAULT 0;
COMMENT ON COLUMN deal_pulse.next_step IS 'What comes next, as step_id says it.';
COMMENT ON COLUMN deal_pulse.beside IS
    'What the deal has or had, added up: 1 tags, 2 people who take part, 4 tasks, 8 links.';
UPDATE deal_pulse AS p SET next_step = (SELECT a.next_step FROM activity AS a WHERE a.id = p.step_id),
    beside = CASE WHEN EXISTS (SELECT FROM tag AS t WHERE t.on_kind = 3 AND t.on_id = p.deal_id) THEN 1 ELSE 0 END
        + CASE WHEN EXISTS (SELECT FROM participant AS t WHERE t.on_kind = 3 AND t.on_id = p.deal_id) THEN 2 ELSE 0 END
        + CASE WHEN EXISTS (SELECT FROM task AS t WHERE t.on_kind = 3 AND t.on_id = p.deal_id) THEN 4 ELSE 0 END
        + CASE WHEN EXISTS (SELECT FROM link AS t WHERE (t.from_kind = 3 AND t.from_id = p.deal_id)
              OR (t.to_kind = 3 AND t.to_id = p.deal_id)) THEN 8 ELSE 0 END;
