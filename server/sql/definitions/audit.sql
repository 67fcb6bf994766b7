-- The log of changes: written by a trigger on every table that holds business, in the change's own
-- transaction, and only ever added to. Who may see an entry: the auditors and others with
-- audit.read in the company that it is about, as far as their scope reaches.

CREATE OR REPLACE FUNCTION keep_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'JY009',
        MESSAGE = format('what is in %s is evidence: it can be neither changed nor deleted',
            TG_TABLE_NAME);
END
$$;
COMMENT ON FUNCTION keep_evidence() IS
    'Trigger of tables that are only ever added to. It binds the tables'' owner as well.';

-- Arguments: the key's columns; the columns with the companies that the thing belongs to (none: the
-- caller's company); the columns that are left out. Each is a list with commas.
CREATE OR REPLACE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    hidden  text[] := string_to_array(TG_ARGV[2], ',');
    me      bigint := nullif(current_setting('jiayi.member_id', true), '')::bigint;
    who     text := nullif(current_setting('jiayi.member', true), '');
    old_row jsonb;
    new_row jsonb;
    what    jsonb;
    key     text;
    owners  bigint[];
    one     bigint;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        old_row := to_jsonb(OLD) - hidden;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        new_row := to_jsonb(NEW) - hidden;
    END IF;
    what := coalesce(new_row, old_row);
    key := what ->> TG_ARGV[0];
    IF key IS NULL THEN
        SELECT string_agg(what ->> c.name, '/' ORDER BY c.n) INTO key
        FROM unnest(string_to_array(TG_ARGV[0], ',')) WITH ORDINALITY AS c(name, n);
    END IF;
    IF TG_ARGV[1] = 'company_id' THEN
        owners := ARRAY[(what ->> 'company_id')::bigint];
    ELSE
        SELECT array_agg(DISTINCT (what ->> c.name)::bigint) INTO owners
        FROM unnest(string_to_array(TG_ARGV[1], ',')) AS c(name)
        WHERE what ->> c.name IS NOT NULL;
    END IF;
    IF what ->> 'audience' = 'internal' THEN -- what one side keeps for itself, on either's object
        owners := ARRAY[(what ->> 'author_company_id')::bigint];
    END IF;
    IF owners IS NULL OR owners[1] IS NULL THEN
        owners := ARRAY[nullif(current_setting('jiayi.company_id', true), '')::bigint];
    END IF;
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(o.key, o.value),
               jsonb_object_agg(o.key, new_row -> o.key) INTO old_row, new_row
        FROM jsonb_each(old_row) AS o WHERE o.value IS DISTINCT FROM new_row -> o.key;
        IF old_row IS NULL THEN
            RETURN NULL; -- nothing changed
        END IF;
    END IF;
    IF who IS NULL AND me IS NOT NULL THEN
        SELECT m.email INTO who FROM jiayi.member AS m WHERE m.id = me; -- while signing in
    END IF;
    FOREACH one IN ARRAY owners LOOP
        INSERT INTO jiayi.audit_log (company_id, member_id, member, method, request_id, object,
            object_id, action, before, after)
        VALUES (one, me, who,
                nullif(current_setting('jiayi.method', true), ''),
                    nullif(current_setting('jiayi.request_id', true), ''),
                TG_TABLE_NAME, key, lower(TG_OP), old_row, new_row);
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION audit() IS
    'Trigger that writes the audit log. Every table has it but those that hold no business.';

---- Tables

CALL protect('audit_log', NULL);
CREATE POLICY visible ON audit_log FOR SELECT TO jiayi_app
    USING (company_id = me_company()
           AND (me_sight() & 4 <> 0
                OR (me_sight() & 1 <> 0 AND member_id = me_member())
                OR (me_sight() & 2 <> 0
                    AND member_id = ANY ((SELECT me_team())::bigint[]))));
CALL open_to_auth('audit_log', 'INSERT');
GRANT SELECT ON audit_log TO jiayi_app;
CALL only_added('audit_log');
