-- Targets and evaluations of KPIs, signatures, clauses, points of reviews, internal reasons, handovers, points of checklists and
-- definitions: a9d45351696239d95196148a7c3e07dcbe3b80f44e02fa721b2de4eb52b99216
-- merges of customers are their own entries in the log of changes, as other evidence is.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- Functions that go

DROP PROCEDURE IF EXISTS logged(regclass, text, text, text);

---- Evidence that is its own entry

-- Rows that are there get no number: audit_log has their entries.
DO $$
DECLARE
    name  text;
    whose text;
BEGIN
    FOREACH name IN ARRAY ARRAY['kpi_target', 'kpi_evaluation', 'signature', 'clause', 'contract_review', 'deal_reason', 'handover',
        'checklist_item', 'customer_merge'] LOOP
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
        IF name IN ('clause', 'checklist_item', 'deal_reason') THEN
            whose := 'log_company_id';
            EXECUTE format('ALTER TABLE %I ADD COLUMN log_company_id bigint', name);
            EXECUTE format('ALTER TABLE %I ALTER COLUMN log_company_id
                SET DEFAULT nullif(current_setting(''jiayi.company_id'', true), '''')::bigint', name);
            EXECUTE format('COMMENT ON COLUMN %I.log_company_id IS ''In whose log it is.''', name);
        END IF;
        -- Who accepts an invitation adds the signature of who invited.
        IF name IN ('clause', 'checklist_item', 'deal_reason', 'signature') THEN
            EXECUTE format('ALTER TABLE %I ADD COLUMN log_member_id bigint', name);
            EXECUTE format('ALTER TABLE %I ALTER COLUMN log_member_id
                SET DEFAULT nullif(current_setting(''jiayi.member_id'', true), '''')::bigint', name);
            EXECUTE format('COMMENT ON COLUMN %I.log_member_id IS ''Who did it; NULL: the server.''', name);
        END IF;
        IF name IN ('clause', 'checklist_item') THEN
            EXECUTE format('ALTER TABLE %I ADD COLUMN log_at timestamptz', name);
            EXECUTE format('ALTER TABLE %I ALTER COLUMN log_at SET DEFAULT clock_timestamp()', name);
            EXECUTE format('COMMENT ON COLUMN %I.log_at IS ''When it was added; NULL: audit_log has the entry.''', name);
        END IF;
        EXECUTE format('CREATE INDEX %1$s_log ON %1$I (%2$I, log_id DESC)', name, whose);
        EXECUTE format('CREATE INDEX %1$s_log_member ON %1$I (%2$I, member, log_id DESC)', name, whose);
    END LOOP;
END
$$;
