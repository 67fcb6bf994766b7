-- The ground that everything stands on: the database's roles, the schema, who the caller is, and
-- the audit log.
--
-- jiayi_owner owns the schema and the tables. Nobody signs in as it; migrations run as it.
-- jiayi_auth owns the few functions that must see more than the caller may (SECURITY DEFINER). It
-- has no BYPASSRLS:
--             policies of its own open exactly the tables that those functions need.
-- jiayi_app is what the server's connections are. It owns nothing, and row-level security binds it.
--
-- May be run by a superuser, or by a role with CREATEROLE that owns the database.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['jiayi_owner', 'jiayi_auth', 'jiayi_app'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB %s',
                    name,
                               CASE name WHEN 'jiayi_app' THEN 'LOGIN' ELSE 'NOLOGIN' END);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- another server was faster
            END;
        END IF;
        IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', name);
        END IF;
    END LOOP;
    -- The owner gives functions to jiayi_auth, here and in later migrations.
    IF NOT pg_has_role('jiayi_owner', 'jiayi_auth', 'MEMBER') THEN
        GRANT jiayi_auth TO jiayi_owner;
    END IF;
    EXECUTE format('ALTER ROLE jiayi_app IN DATABASE %I SET search_path = jiayi, pg_catalog',
        current_database());
END
$$;

CREATE SCHEMA IF NOT EXISTS jiayi;
ALTER SCHEMA jiayi OWNER TO jiayi_owner;

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

COMMENT ON SCHEMA jiayi IS 'Everything of jiayid.';
GRANT USAGE ON SCHEMA jiayi TO jiayi_auth, jiayi_app;
ALTER DEFAULT PRIVILEGES FOR ROLE jiayi_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

---- The caller

-- authorize() says who calls, by settings that end with the transaction. Outside of a call each of
-- these functions
-- fails, so that a policy that asks shows nothing. They are one expression each, which the planner
-- puts in their place:
-- for the few rows that an index finds that costs less than a sub-select that is worked out once
-- for a statement.

CREATE FUNCTION me_member() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT current_setting('jiayi.member_id')::bigint $$;
COMMENT ON FUNCTION me_member() IS 'The member who calls.';

CREATE FUNCTION me_company() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT current_setting('jiayi.company_id')::bigint $$;
COMMENT ON FUNCTION me_company() IS 'The company that the caller acts for.';

CREATE FUNCTION me_session() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT current_setting('jiayi.session_id')::bigint $$;
COMMENT ON FUNCTION me_session() IS 'The session of the call.';

CREATE FUNCTION me_operator() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT current_setting('jiayi.is_operator')::boolean $$;
COMMENT ON FUNCTION me_operator() IS 'Whether the caller runs the server.';

CREATE FUNCTION me_permission() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT current_setting('jiayi.permission') $$;
COMMENT ON FUNCTION me_permission() IS 'The permission that the called method needs.';

CREATE FUNCTION me_scope() RETURNS int LANGUAGE sql STABLE AS
$$ SELECT current_setting('jiayi.scope')::int $$;
COMMENT ON FUNCTION me_scope() IS
    'How far that permission of the caller reaches; bits as in table scope.';

CREATE FUNCTION me_sight() RETURNS int LANGUAGE sql STABLE AS
$$ SELECT current_setting('jiayi.read_scope')::int $$;
COMMENT ON FUNCTION me_sight() IS
    'How far the caller sees during the call; bits as in table scope. What may be changed may be '
    'seen.';

CREATE FUNCTION caller() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('jiayi.member_id', true), '')::bigint $$;
COMMENT ON FUNCTION caller() IS
    'The member who calls, or NULL outside of a call: in migrations, init and public methods.';

CREATE FUNCTION refuse(code text, message text, detail text DEFAULT NULL) RETURNS boolean
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = code, MESSAGE = message, DETAIL = coalesce(detail, '');
END
$$;
COMMENT ON FUNCTION refuse(text, text, text) IS
    'Ends the call. The code is JY0nn, nn being a number of google.rpc.Code; the message is for '
    'the caller.';

CREATE FUNCTION check_version(object text, id bigint, current int, seen int) RETURNS boolean
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF seen IS NOT NULL AND seen <> current THEN
        RAISE EXCEPTION USING ERRCODE = 'JY010',
            MESSAGE = format('%s %s is at version %s by now, not %s; look at it again', object, id,
                current, seen),
            DETAIL = 'current_version=' || current;
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION check_version(text, bigint, int, int) IS
    'Stands in the WHERE of an UPDATE: refuses it where the caller saw another version. An UPDATE '
    'that had to wait for another asks again.';

CREATE FUNCTION folded(t text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT lower(normalize(t, NFC) COLLATE "und-x-icu") $$;
COMMENT ON FUNCTION folded(text) IS
    'A text as searches compare it: without case, in one normal form. What is stored stays as it '
    'was written.';

CREATE FUNCTION period_kind(period text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    IF period ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN
        -- make_date refuses what is no date, and year 0.
        PERFORM make_date(left(period, 4)::int, substr(period, 6, 2)::int, right(period, 2)::int);
        RETURN 'day';
    ELSIF period ~ '^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$' THEN
        -- 28 December is always in the last week of its year.
        IF right(period, 2)::int <= extract(week FROM make_date(left(period, 4)::int, 12, 28)) THEN
            RETURN 'week';
        END IF;
    ELSIF period ~ '^[0-9]{4}-Q[1-4]$' AND left(period, 4) <> '0000' THEN
        RETURN 'quarter';
    ELSIF period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$' AND left(period, 4) <> '0000' THEN
        RETURN 'month';
    ELSIF period ~ '^[0-9]{4}$' AND period <> '0000' THEN
        RETURN 'year';
    END IF;
    RETURN NULL;
EXCEPTION WHEN datetime_field_overflow THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION period_kind(text) IS
    'day, week, month, quarter or year, for 2026-11-21, 2026-W47, 2026-11, 2026-Q4, 2026; NULL '
    'for what is no period.';

---- The audit log

-- Every change to every table, written by a trigger in the change's own transaction. Who may see an
-- entry: the auditors
-- and others with audit.read in the company that it is about, as far as their scope reaches.
CREATE TABLE audit_log (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    company_id bigint,
    member_id  bigint,
    member     text,
    method     text,
    request_id text,
    object     text NOT NULL,
    object_id  text NOT NULL,
    action     text NOT NULL CHECK (action IN ('insert', 'update', 'delete')),
    before     jsonb,
    after      jsonb
);
COMMENT ON TABLE audit_log IS
    'Every change: who, when, through which call, before and after. Only ever added to. It refers '
    'to nothing, so that it outlasts what it is about.';
COMMENT ON COLUMN audit_log.id IS 'Counts the entries.';
COMMENT ON COLUMN audit_log.at IS 'When the transaction of the change began.';
COMMENT ON COLUMN audit_log.company_id IS
    'The company that the changed thing belongs to; what belongs to two has two entries.';
COMMENT ON COLUMN audit_log.member_id IS 'Who made the change; NULL where the server did.';
COMMENT ON COLUMN audit_log.member IS 'That member''s e-mail address at the time.';
COMMENT ON COLUMN audit_log.method IS 'The method of the call.';
COMMENT ON COLUMN audit_log.request_id IS 'The call''s request_id, in hexadecimal.';
COMMENT ON COLUMN audit_log.object IS 'What kind of thing was changed: the table''s name.';
COMMENT ON COLUMN audit_log.object_id IS 'Which one: its key, parts separated by slashes.';
COMMENT ON COLUMN audit_log.action IS 'insert, update or delete.';
COMMENT ON COLUMN audit_log.before IS
    'The row before, without secrets; of an update only the columns that changed.';
COMMENT ON COLUMN audit_log.after IS
    'The row after, without secrets; of an update only the columns that changed.';

-- A company's log from the newest on; and that of one thing.
CREATE INDEX audit_log_company ON audit_log (company_id, id DESC);
CREATE INDEX audit_log_object ON audit_log (company_id, object, object_id, id DESC);

CREATE FUNCTION keep_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'JY009',
        MESSAGE = format('what is in %s is evidence: it can be neither changed nor deleted',
            TG_TABLE_NAME);
END
$$;
COMMENT ON FUNCTION keep_evidence() IS
    'Trigger of tables that are only ever added to. It binds the tables'' owner as well.';

-- Arguments: the key's columns; the columns with the companies that the thing belongs to (none: the
-- caller's company); the
-- columns that are left out. Each is a list with commas.
CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    hidden  text[] := string_to_array(TG_ARGV[2], ',');
    me      bigint := nullif(current_setting('jiayi.member_id', true), '')::bigint;
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
    FOREACH one IN ARRAY owners LOOP
        INSERT INTO jiayi.audit_log (company_id, member_id, member, method, request_id, object,
            object_id, action, before, after)
        VALUES (one, me, (SELECT m.email FROM jiayi.member AS m WHERE m.id = me),
                nullif(current_setting('jiayi.method', true), ''),
                    nullif(current_setting('jiayi.request_id', true), ''),
                TG_TABLE_NAME, key, lower(TG_OP), old_row, new_row);
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION audit() IS
    'Trigger that writes the audit log. Every table has it but those that hold no business.';

CREATE PROCEDURE protect("table" regclass, key text, companies text DEFAULT 'company_id',
    hidden text DEFAULT '',
                         event text DEFAULT 'INSERT OR UPDATE OR DELETE')
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', "table");
    EXECUTE format('CREATE POLICY owner ON %s TO jiayi_owner USING (true) WITH CHECK (true)',
        "table");
    IF key IS NOT NULL THEN
        EXECUTE format('CREATE TRIGGER audit AFTER %s ON %s FOR EACH ROW '
                       'EXECUTE FUNCTION jiayi.audit(%L, %L, %L)',
                       event, "table", key, companies, hidden);
    END IF;
END
$$;
COMMENT ON PROCEDURE protect(regclass, text, text, text, text) IS
    'Every migration calls this for a table that it makes: row-level security, forced, and the '
    'audit trigger (none where key is NULL). Without further policies nobody but the owner sees a '
    'row.';

CREATE PROCEDURE open_to_auth("table" regclass, privileges text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('GRANT %s ON %s TO jiayi_auth', privileges, "table");
    EXECUTE format('CREATE POLICY auth ON %s TO jiayi_auth USING (true) WITH CHECK (true)',
        "table");
END
$$;
COMMENT ON PROCEDURE open_to_auth(regclass, text) IS
    'Opens a table to the functions of jiayi_auth.';

CREATE PROCEDURE give_to_auth(VARIADIC functions regprocedure[])
LANGUAGE plpgsql AS $$
DECLARE
    f regprocedure;
BEGIN
    GRANT CREATE ON SCHEMA jiayi TO jiayi_auth;
    FOREACH f IN ARRAY functions LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO jiayi_auth', f);
    END LOOP;
    REVOKE CREATE ON SCHEMA jiayi FROM jiayi_auth;
END
$$;
COMMENT ON PROCEDURE give_to_auth(regprocedure[]) IS
    'Makes jiayi_auth the owner of SECURITY DEFINER functions.';

CALL protect('audit_log', NULL);
CALL open_to_auth('audit_log', 'INSERT');
CREATE TRIGGER evidence BEFORE UPDATE OR DELETE OR TRUNCATE
    ON audit_log EXECUTE FUNCTION keep_evidence();
GRANT SELECT ON audit_log TO jiayi_app;

GRANT EXECUTE ON FUNCTION me_member(), me_company(), me_session(), me_operator(),
    me_permission(), me_scope(),
    me_sight(), caller(), refuse(text, text, text), check_version(text, bigint, int, int),
        folded(text), period_kind(text)
    TO jiayi_app, jiayi_auth;
CALL give_to_auth('audit()');
