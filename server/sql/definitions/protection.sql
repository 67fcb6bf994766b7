-- What is on every table: the second parts of these files call it.

CREATE OR REPLACE PROCEDURE protect(
    "table" regclass, key text, companies text DEFAULT 'company_id', hidden text DEFAULT '',
    event text DEFAULT 'INSERT OR UPDATE OR DELETE', many boolean DEFAULT false)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', "table");
    EXECUTE format('CREATE POLICY owner ON %s TO jiayi_owner USING (true) WITH CHECK (true)',
        "table");
    IF key IS NULL THEN
        RETURN;
    ELSIF event = 'INSERT' OR many THEN
        EXECUTE format('CREATE TRIGGER audit_added AFTER INSERT ON %s REFERENCING NEW TABLE AS added FOR EACH STATEMENT '
            'EXECUTE FUNCTION jiayi.audit_added(%L, %L, %L)', "table", key, companies, hidden);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audit_added', "table");
    END IF;
    IF event <> 'INSERT' THEN
        EXECUTE format('CREATE TRIGGER audit AFTER %s ON %s FOR EACH ROW EXECUTE FUNCTION jiayi.audit(%L, %L, %L)',
            CASE WHEN many THEN replace(event, 'INSERT OR ', '') ELSE event END, "table", key, companies, hidden);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audit', "table");
    END IF;
END
$$;
COMMENT ON PROCEDURE protect(regclass, text, text, text, text, boolean) IS
    'Called for every table: row-level security, forced, and the audit trigger (none where key is '
    'NULL), in replication as well. Without further policies nobody but the owner sees a row. event is INSERT for a table '
    'that is only ever added to; many: often many rows are added at once. In both cases, with one column each as key and '
    'company, what a statement adds is logged at once.';

CREATE OR REPLACE PROCEDURE only_added("table" regclass, once text DEFAULT NULL)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER evidence BEFORE %s DELETE OR TRUNCATE ON %s '
                   'EXECUTE FUNCTION jiayi.keep_evidence()',
                   CASE WHEN once IS NULL THEN 'UPDATE OR' ELSE '' END, "table");
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER evidence', "table");
    IF once IS NOT NULL THEN
        EXECUTE format('CREATE TRIGGER evidence_once BEFORE UPDATE ON %s FOR EACH ROW '
                       'EXECUTE FUNCTION jiayi.keep_evidence(%L)', "table", once);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER evidence_once', "table");
    END IF;
END
$$;
COMMENT ON PROCEDURE only_added(regclass, text) IS
    'Makes a table''s rows evidence, which is only ever added to. once names a column that may be '
    'given a value where it has none. It holds in replication too: session_replication_role is no '
    'way around it.';

CREATE OR REPLACE PROCEDURE open_to_auth("table" regclass, privileges text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('GRANT %s ON %s TO jiayi_auth', privileges, "table");
    EXECUTE format('CREATE POLICY auth ON %s TO jiayi_auth USING (true) WITH CHECK (true)',
        "table");
END
$$;
COMMENT ON PROCEDURE open_to_auth(regclass, text) IS
    'Opens a table to the functions of jiayi_auth.';
