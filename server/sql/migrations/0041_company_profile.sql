-- What a company says of itself: where it is on the clock, its money, its working days, and how its
-- people's sessions and entries begin.
-- definitions: 31196f2334f247542e1fcce125464d4fc71942c993c551bc26561756136f7480

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- It takes two more arguments.
DROP FUNCTION IF EXISTS company_create(text, text, text, text, text);

CREATE TABLE company_profile (
    company_id       bigint PRIMARY KEY REFERENCES company,
    time_zone        text NOT NULL DEFAULT 'UTC' CHECK (length(time_zone) BETWEEN 1 AND 60),
    currency         text NOT NULL DEFAULT 'CNY' REFERENCES currency,
    language         text NOT NULL DEFAULT 'zh'
                     CONSTRAINT company_profile_language CHECK (language IN ('zh', 'en', 'sq')),
    working_days     smallint[] NOT NULL DEFAULT '{1,2,3,4,5}'
                     CONSTRAINT company_profile_working_days
                     CHECK (cardinality(working_days) >= 1 AND cardinality(working_days) <= 7
                            AND working_days <@ '{1,2,3,4,5,6,7}'::smallint[]),
    idle_days        smallint NOT NULL DEFAULT 30
                     CONSTRAINT company_profile_idle_days CHECK (idle_days BETWEEN 1 AND 30),
    default_audience text NOT NULL DEFAULT 'usual' CONSTRAINT company_profile_default_audience
                     CHECK (default_audience IN ('usual', 'shared', 'internal')),
    version          int NOT NULL DEFAULT 1,
    updated_at       timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE company_profile ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE company_profile IS
    'What holds for a company as a whole, one row for each, made with it. Its own people see it; who '
    'knows the company, its time zone, currency and language.';
COMMENT ON COLUMN company_profile.company_id IS 'The company.';
COMMENT ON COLUMN company_profile.time_zone IS
    'The time zone, as the IANA calls it, whose midnights its days begin at.';
COMMENT ON COLUMN company_profile.currency IS 'The currency that sums of several are shown in.';
COMMENT ON COLUMN company_profile.language IS 'The language of its own words: zh, en or sq.';
COMMENT ON COLUMN company_profile.working_days IS
    'The days of the week that are worked on, 1 for Monday to 7 for Sunday, in order.';
COMMENT ON COLUMN company_profile.idle_days IS
    'After how many days without use a session ends; shorter limits of the server stay.';
COMMENT ON COLUMN company_profile.default_audience IS
    'Who sees what its people write on shared things where they do not say: shared, internal, or '
    'usual: shared but for links and for notes on market, competitor, need and lesson.';
COMMENT ON COLUMN company_profile.version IS 'Counts the changes, from 1.';
COMMENT ON COLUMN company_profile.updated_at IS 'When it was last changed.';
CREATE TYPE company_profile_view AS (id bigint, slug text, name text, created_at timestamptz, time_zone text,
    currency text, language text, working_days text, idle_days int, default_audience text, version int);
COMMENT ON TYPE company_profile_view IS 'A company with its profile, as calls answer it.';
INSERT INTO company_profile (company_id) SELECT c.id FROM company AS c;

INSERT INTO permission (name, reads, shareable, note, noun_no) VALUES
    ('company.manage', 'company.read', false, 'change the company''s settings', 1);
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, 'company.manage', 'company' FROM role AS r WHERE r.company_id IS NULL AND r.name = 'admin';
