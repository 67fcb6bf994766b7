-- The log of changes: written by a trigger on every table that holds business, in the change's own
-- transaction, and only ever added to. What is only ever added to by itself need not be written twice:
-- rows of evidence that came with logged() are their entries, numbered by the same sequence; audit_entries() has all.
-- Who may see an entry: the auditors and others with audit.read in the company that it is about, as far as their scope reaches.

CREATE OR REPLACE FUNCTION keep_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_LEVEL = 'ROW' THEN
        IF to_jsonb(OLD) -> TG_ARGV[0] = 'null' AND to_jsonb(NEW) - TG_ARGV[0] = to_jsonb(OLD) - TG_ARGV[0]
        THEN
            RETURN NEW;
        END IF;
    END IF;
    PERFORM jiayi.refuse('JY009', 'what is in %s is evidence: it can be neither changed nor deleted',
        ROW(jiayi.object_word(TG_TABLE_NAME)));
END
$$;
COMMENT ON FUNCTION keep_evidence() IS
    'Trigger of tables that are only ever added to. It binds the tables'' owner as well.';

-- Arguments: the key's columns, three at most; the columns with the companies that the thing belongs
-- to, two at most (none: the caller's company); the columns that are left out. Each is a list with commas.
CREATE OR REPLACE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    hidden  text[] := CASE WHEN TG_ARGV[2] <> '' THEN string_to_array(TG_ARGV[2], ',') END;
    me      bigint := nullif(current_setting('jiayi.member_id', true), '')::bigint;
    who     text := nullif(split_part(current_setting('jiayi.call', true), ' ', 4), '');
    old_row jsonb;
    new_row jsonb;
    what    jsonb;
    key     text;
    owners  bigint[];
    one     bigint;
BEGIN
    IF TG_OP = 'UPDATE' AND jiayi.handing_over() AND TG_TABLE_NAME = ANY ('{customer,deal}') THEN
        RETURN NULL; -- hand_over() logs these, all of them at once
    END IF;
    IF TG_OP <> 'INSERT' THEN
        old_row := CASE TG_ARGV[2] WHEN '' THEN to_jsonb(OLD) ELSE to_jsonb(OLD) - hidden END;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        new_row := CASE TG_ARGV[2] WHEN '' THEN to_jsonb(NEW) ELSE to_jsonb(NEW) - hidden END;
    END IF;
    what := coalesce(new_row, old_row);
    key := what ->> TG_ARGV[0];
    IF key IS NULL THEN
        key := concat_ws('/', what ->> split_part(TG_ARGV[0], ',', 1),
            what ->> split_part(TG_ARGV[0], ',', 2), what ->> split_part(TG_ARGV[0], ',', 3));
    END IF;
    owners := ARRAY[(what ->> TG_ARGV[1])::bigint];
    IF owners[1] IS NULL AND TG_ARGV[1] LIKE '%,%' THEN
        owners := ARRAY[(what ->> split_part(TG_ARGV[1], ',', 1))::bigint];
        IF (what ->> split_part(TG_ARGV[1], ',', 2))::bigint <> owners[1] THEN
            owners := owners || (what ->> split_part(TG_ARGV[1], ',', 2))::bigint;
        END IF;
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

-- Of what is often added many at a time: one statement for all of them. Arguments as above, but one column for the key, and
-- one for the company.
CREATE OR REPLACE FUNCTION audit_added() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    me  bigint := nullif(current_setting('jiayi.member_id', true), '')::bigint;
    who text := nullif(split_part(current_setting('jiayi.call', true), ' ', 4), '');
BEGIN
    IF who IS NULL AND me IS NOT NULL THEN
        SELECT m.email INTO who FROM jiayi.member AS m WHERE m.id = me;
    END IF;
    INSERT INTO jiayi.audit_log (company_id, member_id, member, method, request_id, object, object_id, action, before, after)
    SELECT coalesce((CASE w.row ->> 'audience' WHEN 'internal' THEN w.row ->> 'author_company_id' ELSE w.row ->> TG_ARGV[1] END)::bigint,
               nullif(current_setting('jiayi.company_id', true), '')::bigint),
           me, who, nullif(current_setting('jiayi.method', true), ''), nullif(current_setting('jiayi.request_id', true), ''),
           TG_TABLE_NAME, w.row ->> TG_ARGV[0], 'insert', NULL, w.row
    FROM (SELECT to_jsonb(a) - string_to_array(TG_ARGV[2], ',') AS row FROM added AS a) AS w;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION audit_added() IS
    'Trigger that writes the audit log of what a statement adds, of all its rows at once.';

CREATE OR REPLACE FUNCTION audit_object_seen(object text, object_id text) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    number bigint := substring(object_id FROM '^([0-9]{1,18})(?:/|$)')::bigint;
BEGIN
    CASE
    WHEN object IN ('deal', 'deal_stage') THEN
        RETURN EXISTS (SELECT FROM deal AS d WHERE d.id = number);
    WHEN object = 'activity' THEN
        RETURN EXISTS (SELECT FROM activity AS a WHERE a.id = number);
    WHEN object IN ('report', 'report_version') THEN
        RETURN EXISTS (SELECT FROM report AS r WHERE r.id = number);
    WHEN object = 'revision' THEN -- kind/id/version
        RETURN object_visible(number::smallint, split_part(object_id, '/', 2)::bigint);
    WHEN object = 'task' THEN
        RETURN EXISTS (SELECT FROM task AS t WHERE t.id = number);
    WHEN object = 'comment' THEN
        RETURN EXISTS (SELECT FROM comment AS c WHERE c.id = number);
    WHEN object = 'link' THEN
        RETURN EXISTS (SELECT FROM link AS l WHERE l.id = number);
    WHEN object = 'file' THEN
        RETURN EXISTS (SELECT FROM file AS f WHERE f.id = number);
    WHEN object = 'playbook' THEN
        RETURN EXISTS (SELECT FROM playbook AS p WHERE p.id = number AND p.company_id = me_company());
    WHEN object = 'tag' THEN
        RETURN object_visible(number::smallint, split_part(object_id, '/', 2)::bigint);
    WHEN object = 'kpi_line' THEN
        RETURN EXISTS (SELECT FROM kpi_line AS l WHERE l.id = number);
    WHEN object = 'customer' THEN
        RETURN EXISTS (SELECT FROM customer AS c WHERE c.id = number AND c.company_id = me_company());
    WHEN object = 'contact' THEN
        RETURN EXISTS (SELECT FROM contact AS k WHERE k.id = number AND k.company_id = me_company());
    WHEN object = 'member' THEN
        RETURN reaches(number, sight(noun('audit')));
    ELSE
        RETURN false;
    END CASE;
END
$$;
COMMENT ON FUNCTION audit_object_seen(text, text) IS
    'Whether the caller sees what an entry of the log is about: a deal, a report, a task, a line of a '
    'KPI with what belongs to them, or a member. Its whole log is then seen as well.';
GRANT EXECUTE ON FUNCTION audit_object_seen(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION audit_key(object text, name text) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found bigint;
BEGIN
    IF name ~ '^[0-9]' THEN
        RETURN name;
    END IF;
    CASE object
    WHEN 'member' THEN
        SELECT m.id INTO found FROM member AS m
        WHERE m.company_id = me_company() AND m.email = lower(audit_key.name);
    WHEN 'role' THEN
        found := role_by_name(audit_key.name); -- one that is built in, too
    WHEN 'kpi' THEN
        SELECT k.id INTO found FROM kpi AS k WHERE k.company_id = me_company() AND k.code = audit_key.name;
    WHEN 'checklist' THEN
        SELECT c.id INTO found FROM checklist AS c
        WHERE c.company_id = me_company() AND c.code = audit_key.name;
    WHEN 'playbook' THEN
        SELECT p.id INTO found FROM playbook AS p
        WHERE p.company_id = me_company() AND p.code = audit_key.name;
    WHEN 'stage' THEN
        RETURN me_company() || '/' || name;
    WHEN 'company', 'company_profile' THEN
        SELECT c.id INTO found FROM company AS c WHERE c.slug = audit_key.name;
    WHEN 'partnership' THEN
        SELECT p.id INTO found FROM partnership AS p JOIN company AS c ON c.slug = audit_key.name
            AND c.id IN (p.principal_id, p.vendor_id) AND c.id <> me_company();
    ELSE
        RETURN name;
    END CASE;
    IF found IS NULL THEN
        PERFORM refuse('JY005', 'no %s %s', ROW(object_word(object), name));
    END IF;
    RETURN found::text;
END
$$;
COMMENT ON FUNCTION audit_key(text, text) IS
    'What the log calls a thing that people know by a name: a member by address, a role by name, a '
    'KPI, a checklist, a stage and a play by code, a company and a partnership by the slug. The call ends where there is none.';
GRANT EXECUTE ON FUNCTION audit_key(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION audit_number(object text, object_id text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT substring(object_id FROM CASE object WHEN 'revision' THEN '^[0-9]+/([0-9]{1,18})/' ELSE '^([0-9]{1,18})(?:/|$)' END)::bigint
$$;
COMMENT ON FUNCTION audit_number(text, text) IS
    'log_entry.number of an entry of evidence: an index has it, which the name of a thing in the log has none.';
GRANT EXECUTE ON FUNCTION audit_number(text, text) TO jiayi_app;

-- The catalogues know, but to ask them takes 2,000 pages of the cache for an entry; so audit_named() has what they say.
CREATE OR REPLACE PROCEDURE audit_named_made() LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE (SELECT format('CREATE OR REPLACE FUNCTION audit_named() RETURNS jsonb LANGUAGE sql IMMUTABLE AS %L',
            format('SELECT %L::jsonb', jsonb_object_agg(n.called, n.named)))
        FROM (SELECT DISTINCT ON (w.called) w.called, f.relname AS named
              FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_class AS f ON f.oid = k.confrelid
              JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey),
              LATERAL (VALUES (c.relname || '.' || a.attname), (a.attname::text)) AS w(called)
              WHERE k.contype = 'f' AND k.connamespace = 'jiayi'::regnamespace
              ORDER BY w.called, cardinality(k.conkey), f.relname) AS n);
    COMMENT ON FUNCTION audit_named() IS
        'By foreign keys, the table whose rows a column names: by its table and name, and by its name alone.';
    GRANT EXECUTE ON FUNCTION audit_named() TO jiayi_app;
END
$$;
COMMENT ON PROCEDURE audit_named_made() IS 'Makes audit_named() of the foreign keys that there are.';

CREATE OR REPLACE FUNCTION audit_names(object text, key text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    called text := key;
    found  text;
BEGIN
    WHILE found IS NULL AND called IS NOT NULL LOOP
        found := coalesce(jiayi.audit_named() ->> (object || '.' || called), jiayi.audit_named() ->> called);
        called := substring(called FROM '^[^_]+_(.+_.+)$');
    END LOOP;
    RETURN found;
END
$$;
COMMENT ON FUNCTION audit_names(text, text) IS
    'The table whose rows the numbers of a column name: by a foreign key of its own table, else by that of a column elsewhere '
    'which is called so, or as its name ends. NULL: none.';
GRANT EXECUTE ON FUNCTION audit_names(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION audit_value(object text, key text, value jsonb) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    said text := value #>> '{}';
BEGIN
    IF said = '' OR said = 'infinity' THEN
        RETURN NULL;
    ELSIF jsonb_typeof(value) = 'array' THEN
        RETURN (SELECT string_agg(e.one, ', ') FROM jsonb_array_elements_text(value) AS e(one));
    ELSIF key ~ '_(id|by)$' AND said ~ '^[0-9]{1,18}$' THEN
        RETURN coalesce(audit_name(audit_names(object, key), said), said);
    ELSIF key ~ '_at$' AND said ~ '^[0-9]{4,}-[0-9]{2}-[0-9]{2}T' THEN
        RETURN to_char(said::timestamptz AT TIME ZONE company_zone(me_company()), 'YYYY-MM-DD HH24:MI:SS');
    END IF;
    RETURN said;
END
$$;
COMMENT ON FUNCTION audit_value(text, text, jsonb) IS
    'A value of a row for people: names in place of numbers, moments as the clocks of the caller''s company show them.';
GRANT EXECUTE ON FUNCTION audit_value(text, text, jsonb) TO jiayi_app;

CREATE OR REPLACE FUNCTION audit_said(object text, "row" jsonb) RETURNS TABLE (name text, value text) LANGUAGE sql STABLE AS $$
    SELECT replace(regexp_replace(f.key, '_id$', ''), '_', ' '), v.value
    FROM (SELECT r.key, r.value FROM jsonb_each("row") AS r WHERE jsonb_typeof(r.value) <> 'object'
          UNION ALL -- what is in one column as well, but for what there is none of
          SELECT i.key, i.value FROM jsonb_each("row") AS r,
              jsonb_each(CASE jsonb_typeof(r.value) WHEN 'object' THEN r.value ELSE '{}' END) AS i
          WHERE i.value <> '0') AS f
    CROSS JOIN LATERAL (SELECT CASE WHEN "row" ? (regexp_replace(f.key, '_id$', '_kind')) AND f.key ~ '_id$'
        THEN jiayi.ref(("row" ->> regexp_replace(f.key, '_id$', '_kind'))::smallint, ("row" ->> f.key)::bigint)
        ELSE jiayi.audit_value(object, f.key, f.value) END) AS v(value)
    WHERE f.key NOT IN ('id', 'at', 'version', 'created_at', 'updated_at', 'search_key', 'customer_name')
      -- A reference is told once; digests, and whose log it is, tell people nothing.
      AND NOT (f.key ~ '_kind$' AND "row" ? regexp_replace(f.key, '_kind$', '_id'))
      AND v.value !~ '^\\x[0-9a-f]{64}' AND NOT (f.key ~ 'company_id$' AND f.value = to_jsonb(jiayi.me_company()))
      -- The moment at which the day is over that stands there as well.
      AND NOT (f.key = 'due_at' AND "row" ? 'due_on')
$$;
COMMENT ON FUNCTION audit_said(text, jsonb) IS 'What a row says, for people.';
GRANT EXECUTE ON FUNCTION audit_said(text, jsonb) TO jiayi_app;

CREATE OR REPLACE FUNCTION audit_change(object text, before jsonb, after jsonb) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN before IS NULL OR after IS NULL THEN
        (SELECT string_agg(s.name || ': ' || s.value, '; ' ORDER BY s.name)
         FROM jiayi.audit_said(object, coalesce(after, before)) AS s WHERE s.value <> 'false')
    ELSE
        (SELECT string_agg(name || ': ' || coalesce(b.value, '-') || ' → ' || coalesce(a.value, '-'), '; ' ORDER BY name)
         FROM jiayi.audit_said(object, before) AS b FULL JOIN jiayi.audit_said(object, after) AS a USING (name))
    END
$$;
COMMENT ON FUNCTION audit_change(text, jsonb, jsonb) IS
    'A change for people: what was changed from what to what; of a new or deleted row what it has.';
GRANT EXECUTE ON FUNCTION audit_change(text, jsonb, jsonb) TO jiayi_app;

CREATE OR REPLACE FUNCTION audit_name(object text, object_id text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    number bigint := substring(object_id FROM '^([0-9]{1,18})(?:/|$)')::bigint;
BEGIN
    RETURN CASE object
        WHEN 'member' THEN email_of(number)
        WHEN 'company' THEN slug_of(number)
        WHEN 'company_profile' THEN slug_of(number)
        WHEN 'revision' THEN object_title(number::smallint, split_part(object_id, '/', 2)::bigint)
        WHEN 'checklist' THEN (SELECT c.code FROM checklist AS c WHERE c.id = number)
        WHEN 'file' THEN (SELECT f.name FROM file AS f WHERE f.id = number)
        WHEN 'role' THEN (SELECT r.name FROM role AS r WHERE r.id = number)
        WHEN 'kpi' THEN (SELECT k.code FROM kpi AS k WHERE k.id = number)
        WHEN 'tier' THEN (SELECT t.name FROM tier AS t WHERE t.id = number)
        ELSE object_title(kind(CASE object WHEN 'deal_stage' THEN 'deal' WHEN 'partnership' THEN 'partner'
            WHEN 'case_file' THEN 'case' ELSE object END), number)
        END;
END
$$;
COMMENT ON FUNCTION audit_name(text, text) IS
    'What people call the thing that an entry of the log is about; NULL where it has no name or the '
    'caller does not see it.';
GRANT EXECUTE ON FUNCTION audit_name(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION audit_made(member_id bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    sight int := jiayi.sight(jiayi.noun('audit'));
BEGIN
    RETURN sight & 4 <> 0
        OR (sight & 1 <> 0 AND member_id = jiayi.me_member())
        OR (sight & 2 <> 0 AND jiayi.in_reach(member_id));
END
$$;
COMMENT ON FUNCTION audit_made(bigint) IS
    'Whether the caller sees an entry of the own company''s log for who made the change.';
GRANT EXECUTE ON FUNCTION audit_made(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION audit_seen(member_id bigint, object text, object_id text) RETURNS boolean
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jiayi.audit_made(member_id)
        -- Who sees a thing sees its whole log, whoever made the change.
        OR (jiayi.me_noun() = jiayi.noun('audit') AND jiayi.audit_object_seen(object, object_id));
END
$$;
COMMENT ON FUNCTION audit_seen(bigint, text, text) IS
    'Whether the caller sees an entry of the own company''s log, by who made the change and what it '
    'is about.';
GRANT EXECUTE ON FUNCTION audit_seen(bigint, text, text) TO jiayi_app;

-- Evidence that is its own entry
--
-- A table whose rows are entries has the columns log_id, member, method and request_id, with defaults; log_company_id, by
-- its guard, where not all of them are in the log of company_id; and log_member_id where member_id is not always who did it.
-- TABLE_log() has them as entries; evidence() all of them, for a list to walk each table's index (company, log_id DESC). So
-- both are of one SELECT for each table, without a condition and with the columns of an index as they are, which the planner
-- makes branches of one merge of.
CREATE OR REPLACE FUNCTION logged_by("table" regclass, what text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT a.attname FROM pg_attribute AS a WHERE a.attrelid = "table" AND a.attname = 'log_' || what), what)
$$;
COMMENT ON FUNCTION logged_by(regclass, text) IS
    'Which column of a table whose rows are entries of the log says in whose it is (company_id), or who did it (member_id).';
GRANT EXECUTE ON FUNCTION logged_by(regclass, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION log_seen("table" regclass) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('me_noun() = noun(''audit'') AND %s = me_company() AND audit_made(%s)', logged_by("table", 'company_id'),
        logged_by("table", 'member_id'))
    FROM pg_attribute AS a WHERE a.attrelid = "table" AND a.attname = 'log_id'
$$;
COMMENT ON FUNCTION log_seen(regclass) IS
    'The condition by which rows that are entries of the log are seen in calls about it. NULL: they are none.';

CREATE OR REPLACE PROCEDURE logged("table" regclass, key text, at text DEFAULT 'at', hidden text DEFAULT '',
    by_hand boolean DEFAULT false)
LANGUAGE plpgsql AS $$
DECLARE
    name  text := (SELECT c.relname FROM pg_class AS c WHERE c.oid = "table");
BEGIN
    EXECUTE format('CREATE OR REPLACE FUNCTION %I() RETURNS SETOF log_entry LANGUAGE sql STABLE AS %L', name || '_log',
        format('SELECT s.log_id, s.%I, s.%I, s.%I, s.member, s.method, s.request_id, %L, concat_ws(''/'', s.%s), '
               '''insert'', NULL::jsonb, to_jsonb(s) - %L::text[], s.%I FROM jiayi.%I AS s', at, logged_by("table", 'company_id'),
               logged_by("table", 'member_id'), name, replace(key, ',', ', s.'),
               string_to_array(hidden, ',') || '{log_id,log_at,log_company_id,log_member_id,member,method,request_id}',
               CASE WHEN key LIKE 'on_kind,%' THEN 'on_id' ELSE split_part(key, ',', 1) END, name));
    EXECUTE format('COMMENT ON FUNCTION %I() IS %L', name || '_log', 'What rows of evidence are in the log of changes: ' || name || '.');
    EXECUTE format('GRANT EXECUTE ON FUNCTION %I() TO jiayi_app', name || '_log');
    CALL evidence_made();
    IF by_hand THEN
        EXECUTE format('CREATE POLICY log ON %s FOR SELECT TO jiayi_app USING (%s)', "table", log_seen("table"));
        EXECUTE format('COMMENT ON POLICY log ON %s IS ''log''', "table");
    END IF;
END
$$;
COMMENT ON PROCEDURE logged(regclass, text, text, text, boolean) IS
    'Has rows of evidence be their own entries in the log of changes: by the columns of their key, when, and without what is hidden. '
    'Such a table has no audit trigger; its shape opens it to calls about the log, or where its policy is by hand another one.';

CREATE OR REPLACE PROCEDURE evidence_made() LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE (SELECT format('CREATE OR REPLACE FUNCTION evidence() RETURNS SETOF log_entry LANGUAGE sql STABLE AS %L',
            string_agg(format('SELECT * FROM jiayi.%I()', p.proname), ' UNION ALL ' ORDER BY p.proname))
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'log_id'
        JOIN pg_proc AS p ON p.pronamespace = c.relnamespace AND p.proname = c.relname || '_log'
        WHERE c.relnamespace = 'jiayi'::regnamespace);
    COMMENT ON FUNCTION evidence() IS
        'The rows of evidence that are entries of the log of changes, in no order; those without an id have theirs in audit_log.';
    GRANT EXECUTE ON FUNCTION evidence() TO jiayi_app;
END
$$;
COMMENT ON PROCEDURE evidence_made() IS 'Makes evidence() of each TABLE_log() that there is.';

CREATE OR REPLACE FUNCTION audit_entries() RETURNS SETOF audit_log LANGUAGE sql STABLE AS $$
    SELECT a.* FROM jiayi.audit_log AS a
    UNION ALL
    SELECT e.id, e.at, e.company_id, e.member_id, e.member, e.method, e.request_id, e.object, e.object_id, e.action, e.before,
        e.after FROM jiayi.evidence() AS e WHERE e.id IS NOT NULL
$$;
COMMENT ON FUNCTION audit_entries() IS
    'The whole log of changes, in no order: audit_log, and the evidence that is its own entry. Evidence '
    'from before that was so has no log_id, and its entries in audit_log.';
GRANT EXECUTE ON FUNCTION audit_entries() TO jiayi_app;

---- Tables

CALL audit_named_made();
CALL protect('audit_log', NULL);
-- What somebody of another company keeps inside that company is not in this one's log either.
CREATE POLICY visible ON audit_log FOR SELECT TO jiayi_app
    USING (company_id = me_company()
           AND ((object = 'deal_reason' OR after ->> 'audience' = 'internal')
                    AND after ->> 'author_company_id' <> me_company()::text) IS NOT TRUE
           AND audit_seen(member_id, object, object_id));
CALL open_to_auth('audit_log', 'SELECT, INSERT');
GRANT SELECT ON audit_log TO jiayi_app;
CALL only_added('audit_log');
-- For rows that calls add and that are entries.
GRANT USAGE, SELECT ON SEQUENCE audit_log_id_seq TO jiayi_auth;
GRANT USAGE ON SEQUENCE audit_log_id_seq TO jiayi_app;
