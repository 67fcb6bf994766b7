-- Tiers of vendors: by which figures one is due, and which a vendor was put into, when, by whom and why.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE TABLE tier (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint NOT NULL REFERENCES company,
    code       text NOT NULL CONSTRAINT tier_code CHECK (code ~ '^[a-z][a-z0-9_-]{0,39}$'),
    name       text NOT NULL CONSTRAINT tier_name CHECK (length(name) BETWEEN 1 AND 100),
    position   int NOT NULL CONSTRAINT tier_position CHECK (position >= 1 AND position <= 9999),
    note       text CONSTRAINT tier_note CHECK (length(note) BETWEEN 1 AND 500),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT tier_code_unique UNIQUE (company_id, code),
    CONSTRAINT tier_position_unique UNIQUE (company_id, position)
);
ALTER TABLE tier ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE tier IS 'The tiers that a company puts its vendors into. Its people see them whose role has partner.read.';
COMMENT ON COLUMN tier.id IS 'The tier''s number.';
COMMENT ON COLUMN tier.company_id IS 'Whose vendors they are.';
COMMENT ON COLUMN tier.code IS 'What calls name it by.';
COMMENT ON COLUMN tier.name IS 'What people call it.';
COMMENT ON COLUMN tier.position IS 'Its place: 1 is the lowest.';
COMMENT ON COLUMN tier.note IS 'What it means for a vendor.';
COMMENT ON COLUMN tier.updated_at IS 'When it was last changed.';

CREATE TABLE tier_rule (
    tier_id    bigint NOT NULL REFERENCES tier,
    measure    text NOT NULL CONSTRAINT tier_rule_measure CHECK (measure IN ('won', 'won_amount', 'duty_on_time')),
    over       text NOT NULL CONSTRAINT tier_rule_over CHECK (over IN ('month', 'quarter', 'year')),
    at_least   numeric NOT NULL CONSTRAINT tier_rule_at_least CHECK (at_least > 0),
    currency   text REFERENCES currency,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tier_id, measure, over),
    CONSTRAINT tier_rule_currency CHECK ((currency IS NOT NULL) = (measure = 'won_amount')),
    CONSTRAINT tier_rule_share CHECK (measure <> 'duty_on_time' OR at_least <= 1)
);
ALTER TABLE tier_rule ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE tier_rule IS
    'What a vendor has to come to for a tier: all rules of one have to hold. Seen with the tier.';
COMMENT ON COLUMN tier_rule.tier_id IS 'The tier.';
COMMENT ON COLUMN tier_rule.measure IS 'won, won_amount or duty_on_time, as measure() counts them.';
COMMENT ON COLUMN tier_rule.over IS 'Over the last full month, quarter or year.';
COMMENT ON COLUMN tier_rule.at_least IS 'The least figure: deals, an amount in currency, or a share from 0 to 1.';
COMMENT ON COLUMN tier_rule.currency IS 'Of won_amount: deals in this currency count.';
COMMENT ON COLUMN tier_rule.updated_at IS 'When it was last changed.';

CREATE TABLE tier_span (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id     bigint NOT NULL REFERENCES company,
    vendor_id      bigint NOT NULL REFERENCES company,
    partnership_id bigint NOT NULL REFERENCES partnership,
    span           int NOT NULL,
    tier_id        bigint NOT NULL REFERENCES tier,
    code           text NOT NULL,
    name           text NOT NULL,
    from_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    figures        jsonb NOT NULL,
    reason         text NOT NULL CONSTRAINT tier_span_reason CHECK (length(reason) BETWEEN 1 AND 500),
    member_id      bigint NOT NULL REFERENCES member
);
ALTER TABLE tier_span ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE tier_span IS
    'From when a vendor was in which tier, with the figures as they were. Only ever added to. Both sides see it.';
COMMENT ON COLUMN tier_span.id IS 'Its number; the last one counts.';
COMMENT ON COLUMN tier_span.company_id IS 'The principal.';
COMMENT ON COLUMN tier_span.vendor_id IS 'The vendor.';
COMMENT ON COLUMN tier_span.partnership_id IS 'Their partnership.';
COMMENT ON COLUMN tier_span.span IS 'In which of its spans: with another one it begins without a tier.';
COMMENT ON COLUMN tier_span.tier_id IS 'The tier.';
COMMENT ON COLUMN tier_span.code IS 'The tier''s code then; the vendor does not see the tier itself.';
COMMENT ON COLUMN tier_span.name IS 'The tier''s name then.';
COMMENT ON COLUMN tier_span.from_at IS 'From when.';
COMMENT ON COLUMN tier_span.figures IS
    'Each rule of the tier with what the vendor had come to: measure, over, from, to, at_least, currency, value, n, base.';
COMMENT ON COLUMN tier_span.reason IS 'Why.';
COMMENT ON COLUMN tier_span.member_id IS 'Who said so.';
CREATE INDEX tier_span_of ON tier_span (partnership_id, id DESC);

-- What measure() looks at.
CREATE INDEX deal_stage_won_with ON deal_stage (company_id, vendor_id, counted_on)
    WHERE outcome = 'won' AND vendor_id IS NOT NULL;

ALTER TYPE partner_view ADD ATTRIBUTE tier text, ADD ATTRIBUTE tier_name text;

ALTER TABLE task DROP CONSTRAINT task_kind,
    ADD CONSTRAINT task_kind CHECK (kind IN ('todo', 'action', 'milestone', 'training', 'coaching', 'resource', 'check',
        'onboarding', 'duty', 'confirm', 'tier'));
COMMENT ON COLUMN task.kind IS
    'What kind of task it is: todo, action, milestone, training, coaching, resource; or a point of a '
    'checklist, check or onboarding; or a duty of a contract; or confirm: a deal that its vendor says is won; or tier: '
    'a change of a vendor''s tier that is proposed.';
-- A change of tier is proposed once for each partnership at a time.
CREATE UNIQUE INDEX task_tier_once ON task (on_id) WHERE kind = 'tier' AND state = 'open';

INSERT INTO permission (name, reads, shareable, note, noun_no, whole) VALUES
    ('tier.manage', 'partner.read', false, 'define tiers and their rules, and put vendors into them', 29, true);
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, 'tier.manage', 'company' FROM role AS r WHERE r.company_id IS NULL AND r.name = 'admin';

INSERT INTO event_kind (kind, to_manager) VALUES ('tier.changed', false);
-- definitions: 22b39211a6b68ded8b3f6927221599a5a292ba876a1df46be2d2580c63a2eec9
