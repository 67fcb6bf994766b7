-- What a deal takes - people, machines, money from inside and outside - and what more a stage may ask for.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

ALTER TABLE stage DROP CONSTRAINT stage_requires,
    ADD CONSTRAINT stage_requires CHECK (requires <@ '{amount,vendor,close_on,contact,need}'::text[]
        AND cardinality(requires) >= 1);
COMMENT ON COLUMN stage.requires IS
    'What a deal has to have before it goes on from here: amount, vendor, close_on, contact, and need, that somebody said '
    'what the customer needs; NULL: nothing.';

CREATE TABLE resource (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    deal_id           bigint NOT NULL REFERENCES deal,
    company_id        bigint NOT NULL,
    author_company_id bigint NOT NULL,
    deal_version      int,
    audience          text NOT NULL DEFAULT 'internal' CONSTRAINT resource_audience CHECK (audience IN ('shared', 'internal')),
    member_id         bigint REFERENCES member,
    what              text NOT NULL CONSTRAINT resource_what CHECK (length(what) BETWEEN 1 AND 200),
    side              text NOT NULL CONSTRAINT resource_side CHECK (side IN ('inside', 'outside')),
    quantity          numeric CONSTRAINT resource_quantity CHECK (quantity > 0),
    unit              text CONSTRAINT resource_unit CHECK (length(unit) BETWEEN 1 AND 20),
    amount            numeric CONSTRAINT resource_amount CHECK (amount >= 0),
    currency          char(3) REFERENCES currency,
    from_on           date,
    to_on             date,
    provider          text CONSTRAINT resource_provider CHECK (length(provider) BETWEEN 1 AND 200),
    state             text NOT NULL DEFAULT 'planned' CONSTRAINT resource_state
                          CHECK (state IN ('planned', 'committed', 'released')),
    version           int NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT resource_cost CHECK ((amount IS NULL) = (currency IS NULL)),
    CONSTRAINT resource_days CHECK (to_on IS NULL OR from_on IS NULL OR to_on >= from_on)
);
ALTER TABLE resource ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE resource IS
    'What a deal takes: people, machines, money, from inside or outside. Who sees the deal in its company sees it; its vendor '
    'what is shared with it.';
COMMENT ON COLUMN resource.id IS 'The resource''s number.';
COMMENT ON COLUMN resource.deal_id IS 'The deal.';
COMMENT ON COLUMN resource.company_id IS 'The deal''s company, copied.';
COMMENT ON COLUMN resource.author_company_id IS 'The company of who added it: the deal''s.';
COMMENT ON COLUMN resource.deal_version IS 'The deal''s version when it was added.';
COMMENT ON COLUMN resource.audience IS 'internal: only the company sees it; shared: the vendor to whom the deal is given, too.';
COMMENT ON COLUMN resource.member_id IS 'Who added it.';
COMMENT ON COLUMN resource.what IS 'What it is.';
COMMENT ON COLUMN resource.side IS 'inside: the company''s own; outside: somebody else''s.';
COMMENT ON COLUMN resource.quantity IS 'How much of it, in units; NULL: nobody said.';
COMMENT ON COLUMN resource.unit IS 'The unit, such as days.';
COMMENT ON COLUMN resource.amount IS 'What it costs in all; NULL: nobody said.';
COMMENT ON COLUMN resource.currency IS 'In which currency.';
COMMENT ON COLUMN resource.from_on IS 'The first day on which it is needed.';
COMMENT ON COLUMN resource.to_on IS 'The last one.';
COMMENT ON COLUMN resource.provider IS 'Who gives it.';
COMMENT ON COLUMN resource.state IS 'planned, committed (somebody gave their word) or released (not needed any more).';
COMMENT ON COLUMN resource.version IS 'Counts the changes, from 1.';
COMMENT ON COLUMN resource.created_at IS 'When it was added.';
COMMENT ON COLUMN resource.updated_at IS 'When it was last changed.';
CREATE INDEX resource_of_deal ON resource (deal_id, id DESC);

INSERT INTO transition (object, variant, from_state, to_state, side, permission, needs) VALUES
    ('resource', '', 'planned', 'committed', 'ours', 'deal.update', 'none'),
    ('resource', '', 'planned', 'released', 'ours', 'deal.update', 'none'),
    ('resource', '', 'committed', 'released', 'ours', 'deal.update', 'none'),
    ('resource', '', 'committed', 'planned', 'ours', 'deal.update', 'none'),
    ('resource', '', 'released', 'planned', 'ours', 'deal.update', 'none');
