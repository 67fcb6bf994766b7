-- The ledger's entries. CALL witnessed('TABLE') has the function TABLE_witness(), in the table's own file,
-- write an entry for each row of evidence that is added, in the same transaction. Nothing puts the entries
-- in order, hashes or reads them yet. All other changes are covered by the job digest, which writes an entry of
-- the log of changes every hour.
--
-- An entry is an object of fixed names, as the types ledger_... have them, in the form of RFC 8785: so the
-- bytes are the same wherever they are made anew. Moments are in UTC, amounts are strings, and what is
-- absent is null. The nonce, of 122 random bits, keeps a hash that everybody may read from confirming a
-- guess at what was hashed.

CREATE OR REPLACE PROCEDURE witnessed("table" regclass, condition text DEFAULT NULL)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER witness AFTER INSERT ON %s FOR EACH ROW %s '
                   'EXECUTE FUNCTION jiayi.%I()', "table", 'WHEN (' || condition || ')',
                   (SELECT c.relname FROM pg_class AS c WHERE c.oid = "table") || '_witness');
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER witness', "table");
END
$$;
COMMENT ON PROCEDURE witnessed(regclass, text) IS
    'Has TABLE_witness() write an entry of the ledger for each row that is added to a table and meets the '
    'condition, in replication as well.';

-- In PL/pgSQL, so that what is NULL costs nothing.
CREATE OR REPLACE FUNCTION sha256_hex(words text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN encode(sha256(convert_to(words, 'UTF8')), 'hex');
END
$$;
COMMENT ON FUNCTION sha256_hex(text) IS 'The SHA-256 of a text in UTF-8, in hexadecimal.';
GRANT EXECUTE ON FUNCTION sha256_hex(text) TO jiayi_auth;

-- Tables whose rows are entries of the log themselves have a column log_id. What has no value is left out, so
-- that a column that comes later changes no digest.
CREATE OR REPLACE FUNCTION log_digest(company bigint, above bigint, up_to bigint,
    OUT entries bigint, OUT digest bytea)
    LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    sources text := (SELECT string_agg(format('SELECT x.%1$I AS number, %2$L AS source, to_jsonb(x) AS entry '
            'FROM %2$I AS x WHERE x.%3$I IS NOT DISTINCT FROM $1 AND x.%1$I > $2 AND x.%1$I <= $3',
            CASE c.relname WHEN 'audit_log' THEN 'id' ELSE 'log_id' END, c.relname,
            logged_by(c.oid, 'company_id')), ' UNION ALL ' ORDER BY c.relname)
        FROM pg_class AS c WHERE c.relnamespace = 'jiayi'::regnamespace AND c.relkind = 'r'
          AND (c.relname = 'audit_log' OR EXISTS (SELECT FROM pg_attribute AS a
               WHERE a.attrelid = c.oid AND a.attname = 'log_id' AND NOT a.attisdropped)));
    source  text;
    entry   jsonb;
BEGIN
    IF company IS NOT NULL THEN -- so that an index of the company's is walked
        sources := replace(sources, 'IS NOT DISTINCT FROM', '=');
    END IF;
    entries := 0;
    digest := '';
    FOR source, entry IN EXECUTE format('SELECT s.source, s.entry FROM (%s) AS s ORDER BY s.number, s.source', sources)
        USING company, above, up_to
    LOOP
        entries := entries + 1;
        digest := sha256(digest || convert_to(source || ' ' || (SELECT jsonb_object_agg(e.key, e.value)::text
            FROM jsonb_each(entry) AS e WHERE e.value <> 'null'), 'UTF8'));
    END LOOP;
END
$$;
COMMENT ON FUNCTION log_digest(bigint, bigint, bigint) IS
    'How many entries of a company''s log have numbers above the one and up to the other, and a digest of '
    'them in the order of their numbers: the SHA-256 of the digest so far, the name of the table, a space and the row as '
    'JSON. NULL: of those that are of no company.';
GRANT EXECUTE ON FUNCTION log_digest(bigint, bigint, bigint) TO jiayi_auth;

-- Numbers are given out before their transactions are over: what the last run saw given out is complete when
-- every transaction of then is over. A mark that names a transaction of the future comes from another cluster, by a
-- restore, where none of them runs.
CREATE OR REPLACE FUNCTION job_digest(company_id bigint, slot timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    m       log_mark;
    now_    pg_snapshot := pg_current_snapshot();
    made    bigint := 0;
    c       record;
    d       record;
BEGIN
    SELECT * INTO m FROM log_mark FOR UPDATE;
    IF pg_snapshot_xmin(now_) < m.seen_xmax AND m.seen_xmax <= pg_snapshot_xmax(now_) THEN
        RETURN 0;
    END IF;
    FOR c IN SELECT x.id FROM company AS x UNION ALL SELECT NULL ORDER BY 1 LOOP
        SELECT * INTO d FROM log_digest(c.id, m.digested, m.seen);
        CONTINUE WHEN d.entries = 0;
        INSERT INTO ledger_entry (kind, on_kind, on_id, company_id, at, entry)
        SELECT 'audit', 0, m.seen, coalesce(c.id, 0), t.at, convert_to(row_to_json(ROW(t.at AT TIME ZONE 'UTC', c.id,
            d.entries, m.digested, 'audit', gen_random_uuid(), encode(d.digest, 'hex'), m.seen)::ledger_audit)::text, 'UTF8')
        FROM clock_timestamp() AS t(at);
        made := made + 1;
    END LOOP;
    UPDATE log_mark SET digested = m.seen, seen = (SELECT s.last_value FROM audit_log_id_seq AS s),
        seen_xmax = pg_snapshot_xmax(now_);
    RETURN made;
END
$$;
COMMENT ON FUNCTION job_digest(bigint, timestamptz) IS
    'The job that has the ledger cover the log of changes, once an hour: an entry for each company with new '
    'ones, up to what had been given out at the run before.';

---- Tables

CALL protect('log_mark', NULL);
CALL open_to_auth('log_mark', 'SELECT, UPDATE');

CALL protect('ledger_entry', NULL);
CALL open_to_auth('ledger_entry', 'INSERT');
CALL only_added('ledger_entry', 'position');
