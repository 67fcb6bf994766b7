-- A company's own days for cases, evidence that is handed over again as it is later, and what of a conflict reaches whom.
-- definitions: 49706d14f32bbd570bcbdfcfbc6061b5f3132bbecd1c4369eab26c9c82491b5e
SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE TABLE case_target (
    company_id bigint NOT NULL REFERENCES company,
    kind       text NOT NULL CONSTRAINT case_target_kind
               CHECK (kind IN ('conflict', 'breach', 'dispute', 'complaint', 'support', 'suggestion')),
    severity   smallint NOT NULL CONSTRAINT case_target_severity CHECK (severity >= 0 AND severity <= 4),
    days       smallint NOT NULL CONSTRAINT case_target_days CHECK (days >= 1 AND days <= 250),
    PRIMARY KEY (company_id, kind, severity),
    CONSTRAINT case_target_severe CHECK ((severity > 0) = (kind IN ('complaint', 'support')))
);
ALTER TABLE case_target ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE case_target IS
    'Within how many working days a company has its cases answered, where it says otherwise than case_standard() does. Its people '
    'see it.';
COMMENT ON COLUMN case_target.company_id IS 'Whose cases.';
COMMENT ON COLUMN case_target.kind IS 'Of which kind.';
COMMENT ON COLUMN case_target.severity IS 'How severe, 1 to 4; 0: of kinds that know none.';
COMMENT ON COLUMN case_target.days IS 'The working days.';

-- Evidence is of a version: a later one is other evidence.
ALTER TABLE link DROP CONSTRAINT link_once,
    ADD CONSTRAINT link_once UNIQUE NULLS NOT DISTINCT (from_kind, from_id, to_kind, to_id, role, author_company_id, to_version);

DROP FUNCTION IF EXISTS case_days(text, int);
DROP FUNCTION IF EXISTS case_statements(case_file, int);
