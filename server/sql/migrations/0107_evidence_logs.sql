-- Follow-ups, comments, revisions, links, what was recorded of KPIs, and rates are their own entries in the log of changes,
-- as moves are: what was written twice is written once.
-- definitions: da719abc033a9584ed51e4a8c35c7abffe910466a20020a26d0eaf91200d71ab

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- Functions that go

DROP FUNCTION IF EXISTS deal_stage_entry(deal_stage) CASCADE;

---- Evidence that is its own entry

CREATE TYPE log_entry AS (id bigint, at timestamptz, company_id bigint, member_id bigint, member text, method text,
    request_id text, object text, object_id text, action text, before jsonb, after jsonb, number bigint);
COMMENT ON TYPE log_entry IS
    'A row of evidence as an entry of the log: the columns of audit_log, and the number of what it is about, by which an index finds it.';

-- Rows that are there get no number: audit_log has their entries.
DO $$
DECLARE
    name  text;
    whose text;
BEGIN
    FOREACH name IN ARRAY ARRAY['activity', 'comment', 'link', 'revision', 'kpi_record', 'rate'] LOOP
        EXECUTE format('ALTER TABLE %I ADD COLUMN log_id bigint, ADD COLUMN member text, ADD COLUMN method text,
            ADD COLUMN request_id text', name);
        EXECUTE format('ALTER TABLE %I ALTER COLUMN log_id SET DEFAULT nextval(''audit_log_id_seq''),
            ALTER COLUMN member SET DEFAULT nullif(split_part(current_setting(''jiayi.call'', true), '' '', 4), ''''),
            ALTER COLUMN method SET DEFAULT nullif(current_setting(''jiayi.method'', true), ''''),
            ALTER COLUMN request_id SET DEFAULT nullif(current_setting(''jiayi.request_id'', true), '''')', name);
        EXECUTE format('COMMENT ON COLUMN %I.log_id IS
            ''Its number in the log of changes, from the sequence of audit_log; NULL: audit_log has the entry.''', name);
        EXECUTE format('COMMENT ON COLUMN %I.member IS ''The address of who did it, as it was then; NULL: the server.''', name);
        EXECUTE format('COMMENT ON COLUMN %I.method IS ''The method of the call.''', name);
        EXECUTE format('COMMENT ON COLUMN %I.request_id IS ''The call''''s request_id, in hexadecimal.''', name);
        whose := 'company_id';
        IF name IN ('activity', 'comment', 'link') THEN
            whose := 'log_company_id';
            EXECUTE format('ALTER TABLE %I ADD COLUMN log_company_id bigint', name);
            EXECUTE format('COMMENT ON COLUMN %I.log_company_id IS
                ''In whose log it is: what one side keeps for itself in its own.''', name);
        END IF;
        -- Who accepts a contract adds the revision that another one signed, who imports adds what others did.
        IF name IN ('activity', 'revision') THEN
            EXECUTE format('ALTER TABLE %I ADD COLUMN log_member_id bigint', name);
            EXECUTE format('ALTER TABLE %I ALTER COLUMN log_member_id
                SET DEFAULT nullif(current_setting(''jiayi.member_id'', true), '''')::bigint', name);
            EXECUTE format('COMMENT ON COLUMN %I.log_member_id IS
                ''Who did it, which may be another than who is said to have; NULL: the server.''', name);
        END IF;
        EXECUTE format('CREATE INDEX %1$s_log ON %1$I (%2$I, log_id DESC)', name, whose);
        EXECUTE format('CREATE INDEX %1$s_log_member ON %1$I (%2$I, member, log_id DESC)', name, whose);
    END LOOP;
END
$$;
-- What evidence of a thing that is named by kind and number is looked for by.
CREATE INDEX revision_number ON revision (on_id);
