-- Comments: words on anything, with or without a decision.

CREATE OR REPLACE FUNCTION comment_lines(c comment) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws(E'\n', jiayi.ref(c.on_kind, c.on_id), c.version, c.company_id,
        c.author_company_id, c.member_id, c.audience, c.topic, c.reply_to, c.decision,
        to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '', c.text)
$$;
COMMENT ON FUNCTION comment_lines(comment) IS
    'A comment in lines: what it is about, the version, the companies of that and of the author, the '
    'author, audience, topic, what it answers, decision, moment in UTC, each left out where absent; an '
    'empty line; the text.';
GRANT EXECUTE ON FUNCTION comment_lines(comment) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION comment_digest(c comment) RETURNS bytea LANGUAGE sql STABLE AS
$$ SELECT sha256(convert_to(jiayi.comment_lines(c), 'UTF8')) $$;
COMMENT ON FUNCTION comment_digest(comment) IS 'The SHA-256 of comment_lines().';
GRANT EXECUTE ON FUNCTION comment_digest(comment) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION comment_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    above record;
BEGIN
    NEW.company_id := object_company(NEW.on_kind, NEW.on_id);
    NEW.version := coalesce(NEW.version, object_version(NEW.on_kind, NEW.on_id));
    SELECT m.company_id INTO NEW.author_company_id FROM member AS m WHERE m.id = NEW.member_id;
    NEW.log_company_id := CASE NEW.audience WHEN 'internal' THEN NEW.author_company_id ELSE NEW.company_id END;
    IF NOT (SELECT k.commentable FROM object_kind AS k WHERE k.no = NEW.on_kind) THEN
        PERFORM refuse('JY003', 'nothing can be said of %s; name one of: %s',
            ROW(ref(NEW.on_kind, NEW.on_id), (SELECT string_agg(k.kind, ', ' ORDER BY k.no)
                FROM object_kind AS k WHERE k.commentable)), field => 'on');
    ELSIF NEW.reply_to IS NOT NULL THEN
        SELECT c.on_kind, c.on_id, c.reply_to INTO above FROM comment AS c WHERE c.id = NEW.reply_to;
        IF above.on_id IS NULL OR (above.on_kind, above.on_id) <> (NEW.on_kind, NEW.on_id) THEN
            PERFORM refuse('JY005', 'there is no comment %s on %s',
                ROW(NEW.reply_to, ref(NEW.on_kind, NEW.on_id)), field => 'reply_to');
        ELSIF above.reply_to IS NOT NULL THEN
            PERFORM refuse('JY003', 'comment %s is an answer itself; answer %s',
                ROW(NEW.reply_to, above.reply_to), field => 'reply_to');
        END IF;
    END IF;
    NEW.digest := comment_digest(NEW);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION comment_guard() IS
    'Trigger: a comment has the companies of its thing and its author, the thing''s version, and a '
    'digest; answers are one level deep.';

-- A function, for few comments are answers, and a sub-select is set up whether there is one or not.
CREATE OR REPLACE FUNCTION comment_seen(id bigint) RETURNS bigint LANGUAGE plpgsql STABLE STRICT AS $$
BEGIN
    RETURN (SELECT c.id FROM jiayi.comment AS c WHERE c.id = comment_seen.id);
END
$$;
COMMENT ON FUNCTION comment_seen(bigint) IS 'That number, where the caller sees the comment that has it; NULL where not.';
GRANT EXECUTE ON FUNCTION comment_seen(bigint) TO jiayi_app;

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION comment_shown(c comment) RETURNS TABLE (
    id bigint, "on" text, version int, topic text, reply_to bigint, decision text, text text,
    member text, member_company text, at timestamptz, internal boolean, digest text)
LANGUAGE sql STABLE AS $$
    SELECT c.id, jiayi.ref(c.on_kind, c.on_id), c.version, c.topic,
           -- An answer tells of no comment that is not seen.
           jiayi.comment_seen(c.reply_to),
           c.decision, c.text,
           CASE c.member_id WHEN jiayi.me_member() THEN jiayi.me_email()
               ELSE jiayi.email_of(c.member_id) END,
           CASE WHEN c.author_company_id <> jiayi.me_company()
               THEN jiayi.slug_of(c.author_company_id) END,
           c.at, nullif(c.audience = 'internal', false), encode(c.digest, 'hex')
$$;
COMMENT ON FUNCTION comment_shown(comment) IS 'A comment as calls answer it.';
GRANT EXECUTE ON FUNCTION comment_shown(comment) TO jiayi_app;

CREATE OR REPLACE FUNCTION comment_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF handing_over() THEN
        RETURN NULL; -- there is one message for all
    END IF;
    INSERT INTO event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    SELECT h.company_id, h.partner_id, CASE WHEN c.decision IS NULL THEN 'comment.added' ELSE k.kind || '.' || c.decision END,
           c.on_kind, c.on_id, c.member_id,
           ARRAY[o.owner_id, o.second_id] || CASE WHEN c.decision IS NULL THEN ARRAY(
               SELECT b.member_id FROM comment AS b WHERE b.on_kind = c.on_kind AND b.on_id = c.on_id
                   AND b.id < c.id ORDER BY b.id DESC LIMIT 10)
               || ARRAY(SELECT m.id FROM member AS m
                   WHERE m.company_id IN (c.company_id, c.author_company_id, o.partner_id)
                     AND m.email IN (SELECT lower(x.found[1]) FROM regexp_matches(c.text,
                         '(?:^|[^[:alnum:]._%+-])@([[:alnum:]._%+-]+@[[:alnum:].-]*[[:alnum:]])', 'g') AS x(found)
                         LIMIT 20)) END
    FROM added AS c JOIN object_kind AS k ON k.no = c.on_kind
    CROSS JOIN LATERAL object_sides(c.on_kind, c.on_id) AS o
    CROSS JOIN LATERAL hearers(c.on_kind, c.on_id, c.company_id, c.author_company_id, c.audience, o.partner_id) AS h
    WHERE c.decision IS NULL OR c.on_kind = kind('report'); -- of tasks their state tells
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION comment_tell() IS
    'Trigger: tells whom a thing belongs to, who said something of it lately, and whose address is in '
    'the words behind an @; of a decision, whom it belongs to.';

CREATE OR REPLACE FUNCTION comment_witness() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO ledger_entry (kind, on_kind, on_id, version, company_id, partner_id, at, entry)
    SELECT 'decision', NEW.on_kind, NEW.on_id, NEW.version, w.company_id, w.partner_id, NEW.at,
           convert_to(row_to_json(ROW(NEW.at AT TIME ZONE 'UTC', NEW.member_id, NEW.id, w.company_id,
               NEW.decision, encode(NEW.digest, 'hex'), 'decision', gen_random_uuid(), w.partner_id,
               ref(NEW.on_kind, NEW.on_id), sha256_hex(NEW.text), NEW.version)::ledger_decision)::text,
               'UTF8')
    FROM object_sides(NEW.on_kind, NEW.on_id) AS o, LATERAL (
        SELECT CASE NEW.audience WHEN 'internal' THEN NEW.author_company_id ELSE NEW.company_id
               END AS company_id, CASE NEW.audience WHEN 'shared' THEN o.partner_id END AS partner_id
        ) AS w;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION comment_witness() IS
    'Trigger: the ledger''s entry of a decision. An internal one is of its company alone.';

CREATE OR REPLACE FUNCTION comment_words(ids bigint[]) RETURNS SETOF search_words LANGUAGE sql STABLE AS $$
    SELECT c.id, c.at, c.on_kind, c.on_id, c.company_id, c.author_company_id, c.audience, c.version, c.text
    FROM jiayi.comment AS c WHERE c.id = ANY (ids) AND c.text IS NOT NULL
$$;
COMMENT ON FUNCTION comment_words(bigint[]) IS 'What comments are found by: what was said.';
GRANT EXECUTE ON FUNCTION comment_words(bigint[]) TO jiayi_app, jiayi_auth;

---- Tables

-- The text is evidence where it is; the log has its digest.
CALL protect('comment', NULL);
CALL logged('comment', 'id', hidden => 'text');
CALL shape('comment', 'child', parent => 'deal', key => 'on_kind, on_id', version => 'version', author => 'member_id');
GRANT SELECT ON comment TO jiayi_app;
GRANT INSERT (on_kind, on_id, version, member_id, decision, text, topic, reply_to, audience)
    ON comment TO jiayi_app;
CALL open_to_auth('comment', 'SELECT, INSERT');
CALL only_added('comment');
CALL witnessed('comment', 'NEW.decision IS NOT NULL');
CALL told('comment', 'INSERT');
CREATE TRIGGER guard BEFORE INSERT ON comment FOR EACH ROW EXECUTE FUNCTION comment_guard();
ALTER TABLE comment ENABLE ALWAYS TRIGGER guard;
CALL searched('comment', 'INSERT');
