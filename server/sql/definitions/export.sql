-- Exports: all that a company has, as it was at one moment. The server makes one in the background
-- (server/jobs/exporter.c): on one connection it reads in a transaction that sees nothing else than that
-- moment and writes nothing, on another it puts away piece after piece, so that neither holds up anybody.
--
-- What is in it follows from the tables: seven kinds as rows that an import takes, and every table that
-- has a company's rows, for reading. A new table is in it by its columns, by an arm of export_rule(), or
-- it stands in export_left_out() with the reason; a test sees to that. It may be in an export what a
-- policy shows to who sees all of the company; a test compares the two.

CREATE OR REPLACE FUNCTION export_moment(at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') $$;
COMMENT ON FUNCTION export_moment(timestamptz) IS 'A moment as the format TIME has it, to the microsecond.';
GRANT EXECUTE ON FUNCTION export_moment(timestamptz) TO jiayi_auth;

---- What is left out

CREATE OR REPLACE FUNCTION export_left_out() RETURNS TABLE (name text, reason text) LANGUAGE sql STABLE AS $$
    VALUES ('call_record', 'what repeated calls are answered; kept for two days'),
        ('credential', 'secret: passwords'), ('device', 'secret: known devices'), ('join_code', 'secret: one-time codes'),
        ('member_totp', 'secret: second factors'), ('recovery_code', 'secret: second factors'),
        ('server_key', 'secret: of the server'), ('session', 'secret: sign-ins and tokens'),
        ('inbox', 'of one person each'), ('subscription', 'of one person each'),
        ('person', 'which memberships are one person''s is that person''s'),
        ('registration_check', 'what partners asked for, by digests that nobody reads'),
        ('registration_key', 'worked out from registrations'), ('comment_reach', 'worked out from comments'), ('deal_pulse', 'worked out from deals'),
        ('team', 'worked out from members'), ('team_span', 'worked out from members'),
        ('search_doc', 'worked out from texts'), ('search_fill', 'worked out from texts'),
        ('search_todo', 'worked out from texts'),
        ('event', 'what people were told, on the way to them'), ('ledger_entry', 'digests of rows; the server''s proof'),
        ('log_mark', 'digests of rows; the server''s proof'),
        ('file_chunk', 'the bytes of files: they are in the folder files'),
        ('export', 'this'), ('export_file', 'this'), ('export_piece', 'this'),
        ('job', 'of the server'), ('job_run', 'of the server'), ('throttle', 'of the server'),
        ('schema_definition', 'of the server'), ('schema_migration', 'of the server'),
        ('currency', 'the same for all companies'), ('event_kind', 'the same for all companies'),
        ('mail_service', 'the same for all companies'), ('object_kind', 'the same for all companies'),
        ('permission', 'the same for all companies'), ('scope', 'the same for all companies'),
        ('transition', 'the same for all companies')
$$;
COMMENT ON FUNCTION export_left_out() IS 'The tables that no export has, and why.';
GRANT EXECUTE ON FUNCTION export_left_out() TO jiayi_auth;

CREATE OR REPLACE FUNCTION export_hidden(name text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT name = ANY (ARRAY['name_key', 'registration_key', 'phone_key', 'person_id', 'linked_at', 'grants', 'sights',
        'wider', 'shared_span', 'span', 'shared_version', 'twin', 'digest', 'log_id', 'log_at', 'log_company_id', 'log_member_id', 'salt', 'reminded'])
$$;
COMMENT ON FUNCTION export_hidden(text) IS
    'Whether columns of that name stay behind: what the server works out for itself, and what is a person''s own.';
GRANT EXECUTE ON FUNCTION export_hidden(text) TO jiayi_auth;

---- Tables, for reading

CREATE OR REPLACE FUNCTION export_rule("table" text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        -- Two sides have these, each its own drafts besides. Of a conflict a vendor has what it said itself.
        CASE "table"
        WHEN 'company' THEN 'x.id = $1'
        WHEN 'partnership' THEN '$1 IN (x.principal_id, x.vendor_id)'
        WHEN 'invitation' THEN 'x.principal_id = $1'
        WHEN 'contract' THEN '$1 IN (x.company_id, x.vendor_id) AND (x.audience = ''shared'' OR x.author_company_id = $1)'
        WHEN 'contract_version' THEN
            '$1 IN (x.company_id, x.vendor_id) AND (x.audience = ''shared'' OR x.author_company_id = $1)'
        WHEN 'case_file' THEN
            'x.company_id = $1 OR x.opened_company_id = $1 OR (x.vendor_id = $1 AND x.kind <> ''conflict'')'
        WHEN 'registration' THEN '$1 IN (x.company_id, x.vendor_id)'
        WHEN 'payment' THEN '$1 IN (x.company_id, x.vendor_id)'
        WHEN 'report' THEN '$1 IN (x.company_id, x.to_company_id)'
        WHEN 'revision' THEN 'x.company_id = $1 OR (x.on_kind = jiayi.kind(''report'') AND EXISTS (SELECT FROM jiayi.report AS p
            WHERE p.id = x.on_id AND p.to_company_id = $1))'
        WHEN 'signature' THEN 'x.company_id = $1 OR (x.on_kind = jiayi.kind(''contract'') AND EXISTS (SELECT FROM jiayi.contract AS p
            WHERE p.id = x.on_id AND $1 IN (p.company_id, p.vendor_id)))'
        -- Rows of rows.
        WHEN 'clause' THEN 'EXISTS (SELECT FROM jiayi.contract_version AS p WHERE p.contract_id = x.contract_id
            AND p.version = x.version AND $1 IN (p.company_id, p.vendor_id) AND (p.audience = ''shared'' OR p.author_company_id = $1))'
        WHEN 'checklist_item' THEN
            'EXISTS (SELECT FROM jiayi.checklist AS p WHERE p.id = x.checklist_id AND p.company_id = $1)'
        WHEN 'tier_rule' THEN 'EXISTS (SELECT FROM jiayi.tier AS p WHERE p.id = x.tier_id AND p.company_id = $1)'
        WHEN 'member_key' THEN 'EXISTS (SELECT FROM jiayi.member AS p WHERE p.id = x.member_id AND p.company_id = $1)'
        WHEN 'role_permission' THEN 'EXISTS (SELECT FROM jiayi.role AS p WHERE p.id = x.role_id AND p.company_id = $1)'
        -- Each side's own reasons.
        WHEN 'deal_reason' THEN 'x.author_company_id = $1'
        WHEN 'file' THEN 'x.state = ''complete'' AND (x.author_company_id = $1 OR (x.company_id = $1 AND x.audience = ''shared''))'
        WHEN 'participant' THEN '$1 IN (x.company_id, x.member_company_id)'
        WHEN 'audit_log' THEN 'x.company_id = $1 AND ((x.object = ''deal_reason'' OR x.after ->> ''audience'' = ''internal'')
            AND x.after ->> ''author_company_id'' <> $1::text) IS NOT TRUE' END,
        -- What a company's people wrote is theirs, on whosever thing; what others keep among themselves is not.
        (SELECT CASE WHEN 'author_company_id' = ANY (c.names) THEN
                    CASE WHEN 'audience' = ANY (c.names)
                        THEN 'x.author_company_id = $1 OR (x.company_id = $1 AND x.audience = ''shared'')'
                        ELSE '$1 IN (x.company_id, x.author_company_id)' END
                WHEN 'company_id' = ANY (c.names) THEN 'x.company_id = $1' END
         FROM (SELECT array_agg(a.attname::text) AS names FROM pg_attribute AS a
               WHERE a.attrelid = ('jiayi.' || quote_ident("table"))::regclass AND a.attnum > 0 AND NOT a.attisdropped) AS c))
    WHERE "table" NOT IN (SELECT l.name FROM jiayi.export_left_out() AS l)
$$;
COMMENT ON FUNCTION export_rule(text) IS
    'Which rows of a table are in a company''s export, as a condition on x; the company is $1. NULL: none of that table.';
GRANT EXECUTE ON FUNCTION export_rule(text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION export_cells("table" text) RETURNS TABLE (name text, cell text, beside text)
LANGUAGE sql STABLE AS $$
    WITH col AS (
        SELECT a.attname::text AS name, a.attnum AS n, format_type(a.atttypid, NULL) AS type,
            coalesce((SELECT k.confrelid::regclass::text FROM pg_constraint AS k
                WHERE k.conrelid = a.attrelid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum] LIMIT 1),
                -- Where a foreign key would cost too much.
                CASE WHEN a.atttypid <> 'bigint'::regtype THEN NULL
                     WHEN a.attname ~ '^(owner|vendor_owner|member|author|manager|assignee)_id$' THEN 'member'
                     WHEN a.attname ~ '(^|_)(company|vendor|principal)_id$' THEN 'company' END) AS refers
        FROM pg_attribute AS a
        WHERE a.attrelid = ('jiayi.' || quote_ident("table"))::regclass AND a.attnum > 0 AND NOT a.attisdropped
          AND NOT jiayi.export_hidden(a.attname::text)
    )
    SELECT CASE WHEN s.word IS NULL OR EXISTS (SELECT FROM col AS o WHERE o.name = s.short) THEN c.name ELSE s.short END,
        CASE WHEN "table" = 'case_file' AND c.name IN ('vendor_id', 'other_vendor_id')
                THEN format('CASE WHEN $1 IN (x.company_id, x.%I) THEN j%s.slug END', c.name, c.n)
             WHEN s.word IS NOT NULL THEN format('j%s.%s', c.n, s.word)
             WHEN c.type = 'bytea' THEN format('encode(x.%I, ''hex'')', c.name)
             WHEN c.type = 'timestamp with time zone' THEN format('jiayi.export_moment(x.%I)', c.name)
             WHEN c.type = 'numeric' THEN format('x.%I::text', c.name)
             ELSE format('x.%I', c.name) END,
        CASE WHEN s.word IS NOT NULL
            THEN format('LEFT JOIN jiayi.%s AS j%s ON j%2$s.%s = x.%I', s.refers, c.n, s.key, c.name) END
    FROM col AS c CROSS JOIN LATERAL (SELECT regexp_replace(c.name, '_id$', '') AS short, w.*
        FROM (VALUES ('member', 'email', 'id'), ('company', 'slug', 'id'), ('role', 'name', 'id'),
            ('object_kind', 'kind', 'no')) AS w(refers, word, key)
        WHERE w.refers = regexp_replace(c.refers, '^jiayi\.', '')
        UNION ALL SELECT regexp_replace(c.name, '_id$', ''), NULL, NULL, NULL
        ORDER BY word NULLS LAST LIMIT 1) AS s
    ORDER BY c.n
$$;
COMMENT ON FUNCTION export_cells(text) IS
    'The columns of a table as an export has them: people by address, companies by short name. cell is an expression of '
    'x and of what is joined beside it.';
GRANT EXECUTE ON FUNCTION export_cells(text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION export_query("table" text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('SELECT %s(row_to_json(y))::text FROM (SELECT %s FROM jiayi.%I AS x %s WHERE %s ORDER BY %s) AS y',
        -- NULL inside a value stays.
        CASE WHEN EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = t.oid AND a.atttypid IN ('jsonb'::regtype, 'json'::regtype))
            THEN '' ELSE 'json_strip_nulls' END,
        string_agg(format('%s AS %I', c.cell, c.name), ', '), "table", string_agg(c.beside, ' '), jiayi.export_rule("table"),
        coalesce((SELECT string_agg(format('x.%I', a.attname), ', ' ORDER BY array_position(i.indkey::int[], a.attnum::int))
            FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int[])
            WHERE i.indrelid = t.oid AND i.indisprimary), 'x'))
    FROM (SELECT ('jiayi.' || quote_ident("table"))::regclass::oid AS oid) AS t, jiayi.export_cells("table") AS c
    GROUP BY t.oid
$$;
COMMENT ON FUNCTION export_query(text) IS
    'The rows of a table that are in the export of the company $1, each as a JSON object, by their key.';
GRANT EXECUTE ON FUNCTION export_query(text) TO jiayi_auth;

---- Kinds, to be imported again

CREATE OR REPLACE FUNCTION export_new_key(salt bytea, kind text, id bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(substr(sha256(salt || convert_to(kind || '/' || id, 'UTF8')), 1, 16), 'hex')
$$;
COMMENT ON FUNCTION export_new_key(bytea, text, bigint) IS 'The key that an export gives to what has none: always the same one.';
GRANT EXECUTE ON FUNCTION export_new_key(bytea, text, bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION export_key(e export, kind text, id bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN id IS NOT NULL THEN coalesce((SELECT r.key FROM jiayi.external_ref AS r
        WHERE r.company_id = e.company_id AND r.kind = export_key.kind AND r.on_id = export_key.id AND r.source = 'jiayi'
        ORDER BY r.key LIMIT 1), jiayi.export_new_key(e.salt, kind, id)) END;
END
$$;
COMMENT ON FUNCTION export_key(export, text, bigint) IS 'The key that a thing of the company has in exports.';
GRANT EXECUTE ON FUNCTION export_key(export, text, bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION export_is_task(t task) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT t.vendor_id IS NULL AND NOT t.acceptance AND t.state IN ('open', 'done', 'cancelled')
       AND t.kind IN ('todo', 'action', 'milestone', 'training', 'coaching', 'resource')
       AND (t.on_kind IS NULL OR t.on_kind = jiayi.kind('deal'))
$$;
COMMENT ON FUNCTION export_is_task(task) IS
    'Whether a row says all of a task: one of the company alone that needs no acceptance, on a deal or on nothing.';
GRANT EXECUTE ON FUNCTION export_is_task(task) TO jiayi_auth;

CREATE OR REPLACE FUNCTION export_kinds() RETURNS TABLE (no int, kind text, columns text[]) LANGUAGE sql STABLE AS $$
    VALUES (1, 'customers', ARRAY['key', 'name', 'owner', 'registration_no', 'registration_country', 'website', 'address',
            'phone', 'size', 'state', 'distinct', 'created']),
        (2, 'contacts', ARRAY['key', 'customer', 'name', 'title', 'function', 'email', 'phone', 'wechat', 'note', 'state']),
        (3, 'deals', ARRAY['key', 'title', 'customer', 'amount', 'currency', 'stage', 'reason', 'lost_code', 'lost_to',
            'owner', 'vendor', 'created', 'closed', 'close_on', 'contact']),
        (4, 'followups', ARRAY['key', 'deal', 'customer', 'kind', 'text', 'at', 'member', 'next', 'due', 'outcome', 'internal', 'contact']),
        (5, 'tasks', ARRAY['key', 'title', 'text', 'kind', 'deal', 'owner', 'due', 'state', 'done', 'required', 'created']),
        (6, 'kpi_records', ARRAY['key', 'code', 'period', 'member', 'value', 'text', 'name', 'unit', 'direction']),
        (7, 'rates', ARRAY['key', 'from', 'to', 'rate', 'day', 'source'])
$$;
COMMENT ON FUNCTION export_kinds() IS
    'The kinds of rows that can be imported again, in the order in which they are, and their columns.';
GRANT EXECUTE ON FUNCTION export_kinds() TO jiayi_auth;

CREATE OR REPLACE FUNCTION export_open_kind(e export, kind text) RETURNS refcursor LANGUAGE plpgsql AS $$
DECLARE
    c refcursor := 'export';
BEGIN
    CASE export_open_kind.kind
    WHEN 'customers' THEN OPEN c FOR
        SELECT json_strip_nulls(json_build_object('key', export_key(e, export_open_kind.kind, x.id), 'name', x.name,
            'owner', coalesce(o.email, '-'), 'registration_no', x.registration_no,
            'registration_country', x.registration_country, 'website', x.website, 'address', x.address, 'phone', x.phone,
            'size', x.size, 'state', x.state, 'distinct', nullif(x.twin IS NOT NULL, false),
            'created', export_moment(x.created_at)))::text
        FROM customer AS x LEFT JOIN member AS o ON o.id = x.owner_id
        WHERE x.company_id = e.company_id AND x.state <> 'merged' ORDER BY x.id;
    WHEN 'contacts' THEN OPEN c FOR
        SELECT json_strip_nulls(json_build_object('key', export_key(e, export_open_kind.kind, x.id),
            'customer', export_key(e, 'customers', x.customer_id), 'name', x.name, 'title', x.title, 'function', x.function,
            'email', x.email, 'phone', x.phone, 'wechat', x.wechat, 'note', x.note, 'state', x.state))::text
        FROM contact AS x WHERE x.company_id = e.company_id ORDER BY x.id;
    WHEN 'deals' THEN OPEN c FOR
        SELECT json_strip_nulls(json_build_object('key', export_key(e, export_open_kind.kind, x.id), 'title', x.title,
            'customer', x.customer_name, 'amount', x.amount::text, 'currency', x.currency, 'stage', x.stage,
            'reason', coalesce(s.reason, r.text), 'lost_code', x.lost_code, 'lost_to', x.lost_to, 'owner', o.email,
            'vendor', v.slug, 'created', export_moment(x.created_at), 'closed', export_moment(x.closed_at),
            'close_on', x.close_on, 'contact', export_key(e, 'contacts', x.contact_id)))::text
        FROM deal AS x LEFT JOIN member AS o ON o.id = x.owner_id LEFT JOIN company AS v ON v.id = x.vendor_id
        LEFT JOIN deal_stage AS s ON x.outcome = 'lost' AND s.deal_id = x.id AND s.seq = x.closed_version
        LEFT JOIN deal_reason AS r ON r.deal_id = s.deal_id AND r.seq = s.seq AND r.author_company_id = e.company_id
        WHERE x.company_id = e.company_id ORDER BY x.id;
    WHEN 'followups' THEN OPEN c FOR
        SELECT json_strip_nulls(json_build_object('key', export_key(e, export_open_kind.kind, x.id), 'deal', export_key(e, 'deals', x.deal_id),
            'customer', export_key(e, 'customers', x.customer_id), 'kind', x.kind, 'text', x.text,
            'at', export_moment(x.happened_at), 'member', o.email, 'next', x.next_step, 'due', x.due_on,
            'outcome', x.outcome, 'internal', nullif(x.audience = 'internal', false),
            'contact', export_key(e, 'contacts', x.contact_id)))::text
        FROM activity AS x LEFT JOIN member AS o ON o.id = x.member_id
        WHERE x.company_id = e.company_id AND x.author_company_id = e.company_id ORDER BY x.id;
    WHEN 'tasks' THEN OPEN c FOR
        SELECT json_strip_nulls(json_build_object('key', export_key(e, export_open_kind.kind, x.id), 'title', x.title, 'text', x.text,
            'kind', x.kind, 'deal', CASE WHEN x.on_kind IS NOT NULL THEN export_key(e, 'deals', x.on_id) END,
            'owner', o.email, 'due', x.due_on, 'state', x.state, 'done', export_moment(x.done_at),
            'required', nullif(x.required, false), 'created', export_moment(x.created_at)))::text
        FROM task AS x LEFT JOIN member AS o ON o.id = x.assignee_id
        WHERE x.company_id = e.company_id AND export_is_task(x) ORDER BY x.id;
    WHEN 'kpi_records' THEN OPEN c FOR
        SELECT json_strip_nulls(json_build_object('key', export_key(e, export_open_kind.kind, x.id), 'code', k.code, 'period', l.period,
            'member', o.email, 'value', x.value::text, 'text', x.text, 'name', k.name, 'unit', k.unit,
            'direction', k.direction))::text
        FROM kpi_record AS x JOIN kpi_line AS l ON l.id = x.line_id JOIN kpi AS k ON k.id = l.kpi_id
        JOIN member AS o ON o.id = l.member_id
        WHERE x.company_id = e.company_id ORDER BY x.id;
    WHEN 'rates' THEN OPEN c FOR
        SELECT json_strip_nulls(json_build_object('key', export_key(e, export_open_kind.kind, x.id), 'from', x.from_currency,
            'to', x.to_currency, 'rate', x.rate::text, 'day', x.day, 'source', x.source))::text
        FROM rate AS x WHERE x.company_id = e.company_id ORDER BY x.id;
    END CASE;
    RETURN c;
END
$$;
COMMENT ON FUNCTION export_open_kind(export, text) IS
    'Opens the rows of a kind that are in an export, each as a JSON object: those that say all of what they are.';
GRANT EXECUTE ON FUNCTION export_open_kind(export, text) TO jiayi_auth;

---- Making one

CREATE OR REPLACE FUNCTION export_files() RETURNS TABLE (no int, name text, kind text, columns text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
    SELECT k.no, k.kind, k.kind, k.columns FROM export_kinds() AS k
    UNION ALL
    SELECT (8 + row_number() OVER (ORDER BY t.relname))::int, t.relname::text, NULL,
        ARRAY(SELECT c.name FROM export_cells(t.relname::text) AS c)
    FROM pg_class AS t
    WHERE t.relnamespace = 'jiayi'::regnamespace AND t.relkind = 'r' AND export_rule(t.relname::text) IS NOT NULL
    UNION ALL SELECT 8, 'left_out', NULL, ARRAY['name', 'reason']
    ORDER BY 1
$$;
COMMENT ON FUNCTION export_files() IS
    'The files that an export has: kinds, what is left out and why, and tables, which are called as they are.';
GRANT EXECUTE ON FUNCTION export_files() TO jiayi_job;

CREATE OR REPLACE FUNCTION export_take() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    e    export;
    held int;
BEGIN
    FOR e IN SELECT x.* FROM export AS x WHERE x.state = 'running' ORDER BY x.attempts, x.id LOOP
        -- Of all servers on a database one makes it; its connection's end gives it free.
        held := e.id;
        CONTINUE WHEN NOT pg_try_advisory_lock(hashtext('jiayi.export'), held);
        -- Another one may just have ended it.
        UPDATE export AS x SET attempts = x.attempts + 1, n_rows = 0, as_of = NULL,
            state = CASE WHEN x.attempts < 5 THEN 'running' ELSE 'failed' END,
            ended_at = CASE WHEN x.attempts < 5 THEN NULL ELSE clock_timestamp() END
        WHERE x.id = e.id AND x.state = 'running' RETURNING x.* INTO e;
        IF FOUND THEN
            DELETE FROM export_file AS f WHERE f.export_id = e.id;
            IF e.state = 'running' THEN
                RETURN e.id;
            END IF;
        END IF;
        PERFORM pg_advisory_unlock(hashtext('jiayi.export'), held);
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION export_take() IS
    'An export that is to be made, empty, by whoever asks, as long as the connection lasts; NULL: none. What was tried too '
    'often fails.';
GRANT EXECUTE ON FUNCTION export_take() TO jiayi_job;

CREATE OR REPLACE FUNCTION export_open(export_id bigint, name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    e export;
    c refcursor := 'export';
BEGIN
    SELECT x.* INTO STRICT e FROM export AS x WHERE x.id = export_id;
    IF name IN (SELECT k.kind FROM export_kinds() AS k) THEN
        PERFORM export_open_kind(e, name);
    ELSIF name = 'left_out' THEN
        OPEN c FOR SELECT row_to_json(l)::text FROM export_left_out() AS l;
    ELSE
        OPEN c FOR EXECUTE export_query(name) USING e.company_id;
    END IF;
END
$$;
COMMENT ON FUNCTION export_open(bigint, text) IS 'Opens the rows of a file of an export, for export_read() in the same transaction.';
GRANT EXECUTE ON FUNCTION export_open(bigint, text) TO jiayi_job;

CREATE OR REPLACE FUNCTION export_read(OUT data text, OUT n int) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c     refcursor := 'export';
    line  text;
    lines text[] := '{}';
    bytes int := 0;
BEGIN
    WHILE bytes < 200000 LOOP
        FETCH c INTO line;
        EXIT WHEN NOT FOUND;
        lines := lines || line;
        bytes := bytes + octet_length(line) + 1;
    END LOOP;
    n := cardinality(lines);
    IF n = 0 THEN
        CLOSE c;
    END IF;
    data := array_to_string(lines, E'\n');
END
$$;
COMMENT ON FUNCTION export_read() IS
    'The next rows of the file that is open, about 200 kB, a line each, and how many; 0: it is at its end, and closed.';
GRANT EXECUTE ON FUNCTION export_read() TO jiayi_job;

CREATE OR REPLACE FUNCTION export_put(export_id bigint, no int, seq int, data text, n int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_variable
BEGIN
    INSERT INTO export_piece (export_id, no, seq, data) VALUES (export_id, no, seq, data);
    UPDATE export_file AS f SET n_rows = f.n_rows + n, bytes = f.bytes + octet_length(data), pieces = seq + 1
    WHERE f.export_id = export_put.export_id AND f.no = export_put.no;
    UPDATE export AS e SET n_rows = e.n_rows + n WHERE e.id = export_id;
END
$$;
COMMENT ON FUNCTION export_put(bigint, int, int, text, int) IS 'Puts a piece of a file of an export away.';
GRANT EXECUTE ON FUNCTION export_put(bigint, int, int, text, int) TO jiayi_job;

CREATE OR REPLACE FUNCTION export_begin(export_id bigint, no int, name text, kind text, columns text[], at timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_variable
BEGIN
    INSERT INTO export_file (export_id, no, name, kind, columns) VALUES (export_id, no, name, kind, columns);
    UPDATE export AS e SET as_of = at WHERE e.id = export_id AND e.as_of IS NULL;
END
$$;
COMMENT ON FUNCTION export_begin(bigint, int, text, text, text[], timestamptz) IS
    'Begins a file of an export, which shows that moment.';
GRANT EXECUTE ON FUNCTION export_begin(bigint, int, text, text, text[], timestamptz) TO jiayi_job;

CREATE OR REPLACE FUNCTION export_name(export_id bigint, kind text, after bigint) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    e    export;
    last bigint;
BEGIN
    SELECT x.* INTO STRICT e FROM export AS x WHERE x.id = export_id;
    WITH next AS MATERIALIZED (
        SELECT x.id FROM (
            SELECT c.id FROM customer AS c WHERE export_name.kind = 'customers' AND c.company_id = e.company_id AND c.id > after
            UNION ALL SELECT k.id FROM contact AS k WHERE export_name.kind = 'contacts' AND k.company_id = e.company_id AND k.id > after
            UNION ALL SELECT d.id FROM deal AS d WHERE export_name.kind = 'deals' AND d.company_id = e.company_id AND d.id > after
            UNION ALL SELECT a.id FROM activity AS a WHERE export_name.kind = 'followups' AND a.company_id = e.company_id AND a.id > after
            UNION ALL SELECT t.id FROM task AS t WHERE export_name.kind = 'tasks' AND t.company_id = e.company_id AND t.id > after
            UNION ALL SELECT r.id FROM kpi_record AS r WHERE export_name.kind = 'kpi_records' AND r.company_id = e.company_id
                AND r.id > after
            UNION ALL SELECT r.id FROM rate AS r WHERE export_name.kind = 'rates' AND r.company_id = e.company_id AND r.id > after) AS x
        ORDER BY x.id LIMIT 5000
    ), made AS (
        INSERT INTO external_ref (company_id, kind, source, key, on_id)
        SELECT e.company_id, export_name.kind, 'jiayi', export_new_key(e.salt, export_name.kind, s.id), s.id FROM next AS s
        WHERE NOT EXISTS (SELECT FROM external_ref AS r WHERE r.company_id = e.company_id AND r.kind = export_name.kind
            AND r.on_id = s.id AND r.source = 'jiayi')
        ON CONFLICT DO NOTHING
    )
    SELECT max(s.id) INTO last FROM next AS s;
    RETURN last;
END
$$;
COMMENT ON FUNCTION export_name(bigint, text, bigint) IS
    'Keeps the keys that an export gave to things of a kind that had none, some of those whose numbers are after the '
    'given one: the last of these numbers; NULL: all have a key.';
GRANT EXECUTE ON FUNCTION export_name(bigint, text, bigint) TO jiayi_job;

CREATE OR REPLACE FUNCTION export_end(export_id bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    company bigint;
BEGIN
    WITH ended AS (
        UPDATE export AS e SET state = 'done', ended_at = clock_timestamp(), expires_at = clock_timestamp() + interval '1 day'
        WHERE e.id = export_id AND e.state = 'running' RETURNING e.company_id, e.member_id
    ), told AS (
        -- About themselves: in other calls than those of exports nobody sees one.
        INSERT INTO event (company_id, kind, on_kind, on_id, member_ids)
        SELECT e.company_id, 'export.done', kind('member'), e.member_id, ARRAY[e.member_id] FROM ended AS e
    )
    SELECT e.company_id INTO company FROM ended AS e;
    PERFORM pg_advisory_unlock(hashtext('jiayi.export'), export_id::int);
    -- Of one company the files of two are kept: its own last one, and one that somebody still fetches.
    DELETE FROM export_file AS f USING export AS e WHERE f.export_id = e.id AND e.id IN (SELECT o.id FROM export AS o
        WHERE o.company_id = company AND o.state = 'done' AND o.n_rows > 0 ORDER BY o.id DESC OFFSET 2);
END
$$;
COMMENT ON FUNCTION export_end(bigint) IS 'Says that an export is whole, and tells who asked for it.';
GRANT EXECUTE ON FUNCTION export_end(bigint) TO jiayi_job;

---- Calls

CREATE OR REPLACE FUNCTION export_check() RETURNS void LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    missing text := (SELECT string_agg(p.name, ', ' ORDER BY p.name) FROM permission AS p
        WHERE p.name LIKE '%.read' AND p.name <> 'server.read'
          AND NOT EXISTS (SELECT FROM caller_grants() AS g WHERE g.permission = p.name AND g.bits & 4 <> 0));
BEGIN
    IF missing IS NOT NULL THEN
        PERFORM refuse('JY007', 'an export has all of the company; your role lacks, for the whole company: %s', ROW(missing));
    END IF;
END
$$;
COMMENT ON FUNCTION export_check() IS 'The call ends where the caller''s role does not let them see all of the company.';
GRANT EXECUTE ON FUNCTION export_check() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION export_start() RETURNS SETOF export LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM export_check();
    INSERT INTO export (company_id, member_id) SELECT me_company(), me_member() WHERE me_permission() = 'data.export'
    ON CONFLICT (company_id) WHERE state = 'running' DO NOTHING;
    RETURN QUERY SELECT x.* FROM export AS x WHERE x.company_id = me_company() AND x.state = 'running';
END
$$;
COMMENT ON FUNCTION export_start() IS 'Asks for an export of the caller''s company; one that is being made is that one.';
GRANT EXECUTE ON FUNCTION export_start() TO jiayi_app;

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION export_shown(e export) RETURNS TABLE (
    id bigint, state text, rows bigint, as_of timestamptz, member text, began_at timestamptz, ended_at timestamptz,
    expires_at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT e.id, CASE WHEN e.state = 'done' AND NOT EXISTS (SELECT FROM jiayi.export_file AS f WHERE f.export_id = e.id)
               THEN 'expired' ELSE e.state END, e.n_rows, e.as_of, jiayi.email_of(e.member_id), e.began_at, e.ended_at, e.expires_at
$$;
COMMENT ON FUNCTION export_shown(export) IS 'An export as calls answer it.';
GRANT EXECUTE ON FUNCTION export_shown(export) TO jiayi_app;

CREATE OR REPLACE FUNCTION export_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.state <> OLD.state THEN
        PERFORM check_transition('export', '', OLD.id::text, OLD.state, NEW.state, 'server');
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION export_guard() IS 'Trigger: an export that is done, or failed, stays so.';

---- Tables

-- How far it is, is no news.
CALL protect('export', 'id', hidden => 'salt', event => 'INSERT');
CALL shape('export', 'house', noun => 'data');
GRANT SELECT ON export TO jiayi_app;
CALL open_to_auth('export', 'SELECT, INSERT, UPDATE');
CREATE TRIGGER guard BEFORE UPDATE ON export FOR EACH ROW EXECUTE FUNCTION export_guard();

CALL protect('export_file', NULL);
CALL shape('export_file', 'child', parent => 'export', key => 'export_id');
GRANT SELECT ON export_file TO jiayi_app;
CALL open_to_auth('export_file', 'SELECT, INSERT, UPDATE, DELETE');

CALL protect('export_piece', NULL);
CALL shape('export_piece', 'child', parent => 'export', key => 'export_id');
GRANT SELECT ON export_piece TO jiayi_app;
CALL open_to_auth('export_piece', 'SELECT, INSERT, DELETE');
