-- Files: put on a thing in chunks, evidence once they are complete.

CREATE OR REPLACE FUNCTION file_chunk_size() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 262144 $$;
COMMENT ON FUNCTION file_chunk_size() IS 'The bytes of each chunk but the last.';
GRANT EXECUTE ON FUNCTION file_chunk_size() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION file_chunks(f file) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT ((f.bytes - 1) / 262144)::int + 1 $$;
COMMENT ON FUNCTION file_chunks(file) IS 'How many chunks it has when it is complete.';
GRANT EXECUTE ON FUNCTION file_chunks(file) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION file_next(f file, added int) RETURNS int LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT min(s.seq) FROM generate_series(0, jiayi.file_chunks(f) - 1) AS s(seq)
        WHERE s.seq IS DISTINCT FROM added AND NOT EXISTS (SELECT FROM jiayi.file_chunk AS c
            WHERE c.file_id = f.id AND c.seq = s.seq));
END
$$;
COMMENT ON FUNCTION file_next(file, int) IS
    'The first chunk that is missing, besides the one that this statement adds; NULL: none.';
GRANT EXECUTE ON FUNCTION file_next(file, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION file_quota(company bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT 10737418240 $$;
COMMENT ON FUNCTION file_quota(bigint) IS
    'How many bytes a company''s files may take in all; a file counts for 64 KiB at least.';
GRANT EXECUTE ON FUNCTION file_quota(bigint) TO jiayi_app, jiayi_auth;

-- After the row, so that an upload that goes on is not counted twice.
CREATE OR REPLACE FUNCTION file_quota_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    room bigint := file_quota(NEW.author_company_id);
BEGIN
    IF (SELECT sum(greatest(f.bytes, 65536)) FROM file AS f
            WHERE f.author_company_id = NEW.author_company_id) > room THEN
        PERFORM refuse('JY008', 'your company''s files may take %s MiB in all; there is no room for %s',
            ROW(room / 1048576, NEW.name));
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION file_quota_guard() IS
    'Trigger: what a company''s people put anywhere stays within its quota.';

CREATE OR REPLACE FUNCTION file_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.state = 'complete' THEN
        IF TG_OP = 'UPDATE' THEN
            PERFORM check_transition('file', '', OLD.id::text, OLD.state, NEW.state, 'author');
        END IF;
        PERFORM refuse('JY009', 'what is in %s is evidence: it can be neither changed nor deleted',
            ROW(TG_TABLE_NAME));
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSIF TG_OP = 'UPDATE' AND NOT object_visible(NEW.on_kind, NEW.on_id) THEN
        PERFORM refuse('JY005', 'there is no %s that you can see', ROW(ref(NEW.on_kind, NEW.on_id)));
    ELSIF TG_OP = 'UPDATE' AND NEW.state <> OLD.state THEN
        PERFORM check_transition('file', '', OLD.id::text, OLD.state, NEW.state, 'author');
        NEW.completed_at := clock_timestamp();
        RETURN NEW;
    END IF;
    NEW.version := object_version(NEW.on_kind, NEW.on_id);
    IF TG_OP = 'UPDATE' THEN
        RETURN NEW;
    END IF;
    NEW.company_id := object_company(NEW.on_kind, NEW.on_id);
    SELECT m.company_id INTO NEW.author_company_id FROM member AS m WHERE m.id = NEW.member_id;
    IF NOT (SELECT k.attachable FROM object_kind AS k WHERE k.no = NEW.on_kind) THEN
        PERFORM refuse('JY003', 'no file can be put on %s; name one of: %s',
            ROW(ref(NEW.on_kind, NEW.on_id), (SELECT string_agg(k.kind, ', ' ORDER BY k.no)
                FROM object_kind AS k WHERE k.attachable)), field => 'on');
    ELSIF NEW.name IN ('.', '..') OR NEW.name ~ '[/\x01-\x1f\x7f]' THEN
        PERFORM refuse('JY003', '"%s" is no name of a file; give one without / and control characters',
            ROW(NEW.name), field => 'name');
    ELSIF octet_length(NEW.name) > 255 THEN
        PERFORM refuse('JY003', 'the name has %s bytes, at most %s are allowed',
            ROW(octet_length(NEW.name), 255), field => 'name');
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION file_guard() IS
    'Trigger: a file has the companies of its thing and its author, and the thing''s version; once '
    'complete, it stays.';

CREATE OR REPLACE FUNCTION file_chunk_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    f    file;
    size bigint;
BEGIN
    SELECT x.* INTO f FROM file AS x WHERE x.id = coalesce(NEW.file_id, OLD.file_id);
    IF TG_OP = 'UPDATE' OR f.state = 'complete' THEN
        PERFORM refuse('JY009', 'file %s is complete: its chunks stay as they are', ROW(f.id));
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSIF NEW.seq >= file_chunks(f) THEN
        PERFORM refuse('JY003', 'file %s has %s chunks, from 0 on; there is no chunk %s',
            ROW(f.id, file_chunks(f), NEW.seq), field => 'seq');
    END IF;
    size := least(file_chunk_size(), f.bytes - NEW.seq::bigint * file_chunk_size());
    IF length(NEW.data) <> size THEN
        PERFORM refuse('JY003', 'chunk %s of file %s has %s bytes, not %s',
            ROW(NEW.seq, f.id, size, length(NEW.data)), field => 'data');
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION file_chunk_guard() IS
    'Trigger: chunks are added to what is uploading, each as long as it has to be; none is changed, and '
    'none deleted of what is complete.';

CREATE OR REPLACE FUNCTION file_complete(file_id bigint) RETURNS SETOF file LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    f       file;
    missing int;
BEGIN
    SELECT x.* INTO f FROM file AS x WHERE x.id = file_complete.file_id;
    missing := CASE WHEN f.state = 'uploading' THEN file_next(f, NULL) END;
    IF f.id IS NULL THEN
        PERFORM refuse('JY005', 'there is no %s %s that you can see',
            ROW(word('object', 'file'), file_complete.file_id));
    ELSIF missing IS NOT NULL THEN
        PERFORM refuse('JY009', 'chunk %s of file %s has not arrived', ROW(missing, f.id));
    ELSIF f.state = 'uploading'
          AND f.sha256 <> (SELECT sha256(string_agg(c.data, '' ORDER BY c.seq)) FROM file_chunk AS c
              WHERE c.file_id = f.id) THEN
        DELETE FROM file AS x WHERE x.id = f.id;
        RETURN;
    END IF;
    RETURN QUERY UPDATE file AS x SET state = 'complete' WHERE x.id = f.id RETURNING x.*;
END
$$;
COMMENT ON FUNCTION file_complete(bigint) IS
    'The file, complete. Where its chunks do not have its SHA-256 it is deleted, and there is no row.';
GRANT EXECUTE ON FUNCTION file_complete(bigint) TO jiayi_app;

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION file_shown(f file, added int) RETURNS TABLE (
    id bigint, "on" text, version int, name text, bytes bigint, sha256 text, chunks int, state text,
    next_chunk int, member text, member_company text, at timestamptz, internal boolean)
LANGUAGE sql STABLE AS $$
    SELECT f.id, jiayi.ref(f.on_kind, f.on_id), f.version, f.name, f.bytes, encode(f.sha256, 'hex'),
           jiayi.file_chunks(f), f.state,
           CASE f.state WHEN 'uploading' THEN jiayi.file_next(f, added) END,
           CASE f.member_id WHEN jiayi.me_member() THEN jiayi.me_email()
               ELSE jiayi.email_of(f.member_id) END,
           CASE WHEN f.author_company_id <> jiayi.me_company()
               THEN jiayi.slug_of(f.author_company_id) END,
           coalesce(f.completed_at, f.begun_at), nullif(f.audience = 'internal', false)
$$;
COMMENT ON FUNCTION file_shown(file, int) IS
    'A file as calls answer it; a chunk that the calling statement adds is there already.';
GRANT EXECUTE ON FUNCTION file_shown(file, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION file_words(ids bigint[]) RETURNS SETOF search_words LANGUAGE sql STABLE AS $$
    SELECT f.id, f.completed_at, f.on_kind, f.on_id, f.company_id, f.author_company_id, f.audience, f.version, f.name
    FROM jiayi.file AS f WHERE f.id = ANY (ids) AND f.state = 'complete'
$$;
COMMENT ON FUNCTION file_words(bigint[]) IS 'What files are found by: their names.';
GRANT EXECUTE ON FUNCTION file_words(bigint[]) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION file_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM followers_tell('file.added', NEW.on_kind, NEW.on_id, NEW.company_id, NEW.author_company_id, NEW.audience,
        NEW.member_id);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION file_tell() IS 'Trigger: tells those who follow a thing that it has a file more.';

---- Tables

CALL protect('file', 'id');
-- As on comment, once it is complete.
CALL shape('file', 'child', parent => 'deal', key => 'on_kind, on_id', version => 'version', author => 'member_id',
    first => 'WHEN state = ''uploading'' THEN member_id = me_member()', one_by_one => true);
CREATE POLICY own_update ON file FOR UPDATE TO jiayi_app
    USING (true) WITH CHECK (member_id = me_member());
CREATE POLICY own_delete ON file FOR DELETE TO jiayi_app
    USING (member_id = me_member() AND state = 'uploading');
GRANT SELECT, DELETE ON file TO jiayi_app;
GRANT INSERT (on_kind, on_id, name, bytes, sha256, audience, member_id), UPDATE (state, begun_at)
    ON file TO jiayi_app;
CALL open_to_auth('file', 'SELECT, DELETE');
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON file
    FOR EACH ROW EXECUTE FUNCTION file_guard();
ALTER TABLE file ENABLE ALWAYS TRIGGER guard;
CREATE TRIGGER evidence BEFORE TRUNCATE ON file EXECUTE FUNCTION keep_evidence();
ALTER TABLE file ENABLE ALWAYS TRIGGER evidence;
CREATE TRIGGER quota AFTER INSERT ON file FOR EACH ROW EXECUTE FUNCTION file_quota_guard();
CALL told('file', 'UPDATE OF state', 'NEW.state <> OLD.state');
CALL searched('file', 'UPDATE OF state');

-- The file's row is in the log, with the SHA-256 of its chunks.
CALL protect('file_chunk', NULL);
CALL shape('file_chunk', 'child', parent => 'file', key => 'file_id');
CREATE POLICY own_insert ON file_chunk FOR INSERT TO jiayi_app
    WITH CHECK (EXISTS (SELECT FROM file AS f WHERE f.id = file_chunk.file_id
                        AND f.state = 'uploading'));
GRANT SELECT, INSERT ON file_chunk TO jiayi_app;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON file_chunk
    FOR EACH ROW EXECUTE FUNCTION file_chunk_guard();
ALTER TABLE file_chunk ENABLE ALWAYS TRIGGER guard;
CREATE TRIGGER evidence BEFORE TRUNCATE ON file_chunk EXECUTE FUNCTION keep_evidence();
ALTER TABLE file_chunk ENABLE ALWAYS TRIGGER evidence;
