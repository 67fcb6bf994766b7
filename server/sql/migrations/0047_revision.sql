-- Revisions of anything: the versions of reports become one kind of them.
-- definitions: e5c41a712940612fadc5a04deaadf76eeb9986c0434447d38c8afadd1b3a115a

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- Functions that go

DROP FUNCTION IF EXISTS report_version_hash() CASCADE;
DROP FUNCTION IF EXISTS report_version_tell() CASCADE;

ALTER TABLE report_version RENAME TO revision;
ALTER TABLE revision DISABLE TRIGGER USER;
ALTER TABLE revision DROP CONSTRAINT report_version_report_id_fkey, DROP CONSTRAINT report_version_pkey;
ALTER TABLE revision RENAME CONSTRAINT report_version_title_check TO revision_title;
ALTER TABLE revision RENAME CONSTRAINT report_version_body_check TO revision_body;
ALTER TABLE revision RENAME COLUMN report_id TO on_id;
ALTER TABLE revision ADD COLUMN on_kind smallint NOT NULL DEFAULT 5 REFERENCES object_kind,
    ADD COLUMN company_id bigint, ADD COLUMN member_id bigint REFERENCES member,
    ADD PRIMARY KEY (on_kind, on_id, version);
-- Only its author submits a report, whatever version.
UPDATE revision AS v SET company_id = r.company_id, member_id = r.author_id
FROM report AS r WHERE r.id = v.on_id;
ALTER TABLE revision ALTER COLUMN on_kind DROP DEFAULT,
    ALTER COLUMN company_id SET NOT NULL, ALTER COLUMN member_id SET NOT NULL;
ALTER TABLE revision ENABLE TRIGGER USER;

COMMENT ON TABLE revision IS
    'A text of a thing as it was submitted. Only ever added to: nobody can change or delete it. Who '
    'sees the thing sees it.';
COMMENT ON COLUMN revision.on_kind IS 'What it is the text of: the kind of thing.';
COMMENT ON COLUMN revision.on_id IS 'Its number.';
COMMENT ON COLUMN revision.version IS 'Counts from 1.';
COMMENT ON COLUMN revision.company_id IS 'The thing''s company, copied by a trigger.';
COMMENT ON COLUMN revision.member_id IS 'Who submitted it.';
COMMENT ON COLUMN revision.digest IS
    'The SHA-256 of the version with all that decides what it is, as report_digest() works it out of a '
    'report; NULL for versions of which only the text''s was taken.';
