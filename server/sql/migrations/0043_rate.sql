-- What currencies are worth in one another, by the day.
-- definitions: 0

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE TABLE rate (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id    bigint NOT NULL REFERENCES company,
    from_currency text NOT NULL REFERENCES currency,
    to_currency   text NOT NULL REFERENCES currency,
    day           date NOT NULL,
    rate          numeric NOT NULL CONSTRAINT rate_rate CHECK (rate > 0),
    source        text CONSTRAINT rate_source CHECK (length(source) BETWEEN 1 AND 100),
    member_id     bigint NOT NULL REFERENCES member,
    at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT rate_two CHECK (from_currency <> to_currency)
);
ALTER TABLE rate ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE rate IS
    'A rate of exchange as a company reckons with it. Only ever added to: a correction is a later row of '
    'the same day. Its people see it.';
COMMENT ON COLUMN rate.id IS 'Orders the rates of a day: the last one counts.';
COMMENT ON COLUMN rate.company_id IS 'The company.';
COMMENT ON COLUMN rate.from_currency IS 'What is changed.';
COMMENT ON COLUMN rate.to_currency IS 'Into what.';
COMMENT ON COLUMN rate.day IS 'From which day on, until there is another.';
COMMENT ON COLUMN rate.rate IS 'How many units of the one for one of the other; at most 12 digits count.';
COMMENT ON COLUMN rate.source IS 'Where it was found.';
COMMENT ON COLUMN rate.member_id IS 'Who gave it.';
COMMENT ON COLUMN rate.at IS 'When.';
-- The rate of a day; and all of them, the newest first.
CREATE INDEX rate_of ON rate (company_id, from_currency, to_currency, day DESC, id DESC);
CREATE INDEX rate_of_company ON rate (company_id, day DESC, id DESC);

-- Which permissions are about the company as a whole no longer follows from their names.
ALTER TABLE permission DISABLE TRIGGER USER;
ALTER TABLE permission ALTER COLUMN whole DROP EXPRESSION;
ALTER TABLE permission ALTER COLUMN whole SET DEFAULT false;
ALTER TABLE permission ENABLE TRIGGER USER;

INSERT INTO permission (name, reads, shareable, note, noun_no, whole) VALUES
    ('rate.read', 'rate.read', false, 'see rates of exchange', 17, true),
    ('rate.manage', 'rate.read', false, 'give rates of exchange', 17, true);
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, p.name, 'company' FROM role AS r, permission AS p
WHERE r.company_id IS NULL AND (p.name = 'rate.manage' AND r.name = 'admin'
    OR p.name = 'rate.read' AND r.name IN ('admin', 'manager', 'salesperson', 'partner', 'vendor', 'auditor'));
