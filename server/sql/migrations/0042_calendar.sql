-- Days that are not what the week says: holidays, and Saturdays that are worked on instead.
-- definitions: 5590f57ee72667055342ae0b7a4143d6c26f1c4ce24d7afc9217645c15341776

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE TABLE calendar_day (
    company_id bigint NOT NULL REFERENCES company,
    day        date NOT NULL,
    working    boolean NOT NULL,
    note       text CONSTRAINT calendar_day_note CHECK (length(note) BETWEEN 1 AND 100),
    PRIMARY KEY (company_id, day)
);
ALTER TABLE calendar_day ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE calendar_day IS
    'A day of a company that is worked on, or is not, whatever day of the week it is. Its people see it.';
COMMENT ON COLUMN calendar_day.company_id IS 'The company.';
COMMENT ON COLUMN calendar_day.day IS 'The day.';
COMMENT ON COLUMN calendar_day.working IS 'Whether it is worked on; else it is a holiday.';
COMMENT ON COLUMN calendar_day.note IS 'Why, such as the name of the holiday.';
