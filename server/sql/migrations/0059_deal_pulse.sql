-- When and with what outcome a follow-up happened, that its next step was done; and what of each deal waits.
-- definitions: 5dc60713e2c6e2cfb4475cc5465831c8a898902af6df3d01892957966243190d

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- It takes one more argument.
DROP FUNCTION IF EXISTS company_update(text, text, text, text, text, int, text, int);
DROP FUNCTION IF EXISTS company_settings(bigint);
DROP FUNCTION IF EXISTS activity_shown(activity);

ALTER TABLE company_profile ADD COLUMN backdate_days smallint NOT NULL DEFAULT 7
    CONSTRAINT company_profile_backdate_days CHECK (backdate_days >= 0 AND backdate_days <= 366);
COMMENT ON COLUMN company_profile.backdate_days IS
    'What happened at most so many days ago counts on its own day; what is older, on the day on which it '
    'is logged.';
ALTER TYPE company_profile_view ADD ATTRIBUTE backdate_days int;

---- Follow-ups

ALTER TABLE activity
    ADD COLUMN happened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ADD COLUMN counted_on date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    ADD COLUMN late boolean NOT NULL DEFAULT false,
    ADD COLUMN outcome text CONSTRAINT activity_outcome
        CHECK (outcome IN ('reached', 'not_reached', 'positive', 'negative')),
    ADD COLUMN done_id bigint REFERENCES activity,
    DROP CONSTRAINT activity_kind_check,
    ADD CONSTRAINT activity_kind CHECK (kind IN ('call', 'visit', 'meeting', 'presentation', 'quote',
        'note', 'message', 'thanks', 'done')),
    ADD CONSTRAINT activity_done CHECK ((kind = 'done') = (done_id IS NOT NULL));
ALTER TABLE activity DISABLE TRIGGER USER;
UPDATE activity AS a SET happened_at = a.at, counted_on = (a.at AT TIME ZONE p.time_zone)::date
FROM company_profile AS p WHERE p.company_id = a.company_id;
ALTER TABLE activity ENABLE TRIGGER USER;
COMMENT ON COLUMN activity.kind IS
    'call, visit, meeting, presentation, quote, note, message, thanks; or done: the next step of another '
    'one was.';
COMMENT ON COLUMN activity.happened_at IS 'When it happened, as who logged it says; else when it was logged.';
COMMENT ON COLUMN activity.counted_on IS
    'The day on which it counts, of the deal''s company, worked out when it is logged: its own, or, of '
    'what is older than company_profile.backdate_days, that on which it was logged.';
COMMENT ON COLUMN activity.late IS 'It was logged too late to count on its own day.';
COMMENT ON COLUMN activity.outcome IS
    'What came of it: reached, not_reached, positive or negative; NULL: nothing was said.';
COMMENT ON COLUMN activity.done_id IS
    'Of kind done: the follow-up whose next step was done; a next step is done once.';
CREATE UNIQUE INDEX activity_done_unique ON activity (done_id) WHERE done_id IS NOT NULL;

---- What of deals waits

CREATE TABLE deal_pulse (
    deal_id         bigint NOT NULL,
    company_id      bigint NOT NULL,
    deal_company_id bigint NOT NULL,
    member_id       bigint,
    open            boolean NOT NULL,
    stage_on        date NOT NULL,
    stay_days       int,
    touched_on      date,
    touches         int NOT NULL DEFAULT 0,
    step_id         bigint,
    next_due_on     date,
    touch_by        date NOT NULL GENERATED ALWAYS AS (least(next_due_on,
                        coalesce(touched_on, stage_on) + coalesce(stay_days, 14))) STORED,
    PRIMARY KEY (deal_id, company_id)
);
ALTER TABLE deal_pulse ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE deal_pulse IS
    'How a deal is looked after, for each side, its company and its vendor: repeats what deals, their '
    'history and the follow-ups say, so that who has to do something is found by the day. Kept by '
    'triggers; seen by that side, with the deal.';
COMMENT ON COLUMN deal_pulse.deal_id IS 'The deal.';
COMMENT ON COLUMN deal_pulse.company_id IS 'The company whose side it is: the deal''s, or its vendor.';
COMMENT ON COLUMN deal_pulse.deal_company_id IS 'The deal''s company, copied.';
COMMENT ON COLUMN deal_pulse.member_id IS
    'Who has to look after it: the deal''s owner; on the vendor''s side who logged something last; NULL: '
    'nobody there has yet.';
COMMENT ON COLUMN deal_pulse.open IS 'The deal is neither won nor lost.';
COMMENT ON COLUMN deal_pulse.stage_on IS
    'The day on which the deal came into its stage, or, if that is later, to that side.';
COMMENT ON COLUMN deal_pulse.stay_days IS 'The stage''s max_days, copied; NULL: it has none, and 14 count.';
COMMENT ON COLUMN deal_pulse.touched_on IS
    'The day of the latest follow-up that the side sees; NULL: there was none.';
COMMENT ON COLUMN deal_pulse.touches IS 'How many follow-ups there were.';
COMMENT ON COLUMN deal_pulse.step_id IS
    'The side''s newest activity, if it says what comes next and that has not been done; else NULL.';
COMMENT ON COLUMN deal_pulse.next_due_on IS 'By when that is due; NULL: on no day.';
COMMENT ON COLUMN deal_pulse.touch_by IS
    'The day by whose end somebody has to do something: the next step''s, or when nothing was done for '
    'as long as the deal may stay in its stage, whichever comes first.';
INSERT INTO deal_pulse (deal_id, company_id, deal_company_id, member_id, open, stage_on, stay_days,
    touched_on, touches, step_id, next_due_on)
SELECT d.id, s.company_id, d.company_id, CASE s.company_id WHEN d.company_id THEN d.owner_id ELSE a.member_id END,
       d.outcome = 'open', (coalesce(m.entered_at, d.created_at) AT TIME ZONE p.time_zone)::date, g.max_days,
       t.touched_on, t.touches, CASE WHEN a.next_step IS NOT NULL THEN a.id END, a.due_on
FROM deal AS d
CROSS JOIN LATERAL (VALUES (d.company_id), (d.vendor_id)) AS s(company_id)
JOIN company_profile AS p ON p.company_id = s.company_id
JOIN stage AS g ON g.company_id = d.company_id AND g.name = d.stage
LEFT JOIN LATERAL (SELECT h.entered_at FROM deal_stage AS h
    WHERE h.deal_id = d.id AND h.kind IN ('move', 'undo') ORDER BY h.seq DESC LIMIT 1) AS m ON true
LEFT JOIN LATERAL (SELECT x.* FROM activity AS x
    WHERE x.deal_id = d.id AND x.author_company_id = s.company_id
      AND (s.company_id = d.company_id OR x.deal_version >= d.shared_version)
    ORDER BY x.id DESC LIMIT 1) AS a ON true
CROSS JOIN LATERAL (SELECT max(x.counted_on) AS touched_on, count(*)::int AS touches FROM activity AS x
    WHERE x.deal_id = d.id AND (x.audience = 'shared' OR x.author_company_id = s.company_id)
      AND (s.company_id = d.company_id OR x.deal_version >= d.shared_version)) AS t;
-- Of who has to do something; of a company, of its own deals or of a principal's; next steps by their day.
CREATE INDEX deal_pulse_of_member ON deal_pulse (member_id, company_id, touch_by, deal_id) WHERE open;
CREATE INDEX deal_pulse_of_company ON deal_pulse (company_id, deal_company_id, touch_by, deal_id) WHERE open;
CREATE INDEX deal_pulse_step ON deal_pulse (member_id, company_id, next_due_on, deal_id)
    WHERE open AND next_due_on IS NOT NULL;

DROP TABLE follow_up;
DROP FUNCTION IF EXISTS follow_up_logged() CASCADE;
DROP FUNCTION IF EXISTS follow_up_renew() CASCADE;
