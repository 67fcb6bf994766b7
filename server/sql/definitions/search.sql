-- Searching: everything that people look for by its words, whatever table it is in.
--
-- search_doc has the words, in the form in which they are compared, and who finds them: scopes, such as a company,
-- a member or a partnership. Its index has for each scope keys of its own: a search reads of each scope that the
-- caller reaches what has the letters, and nothing of anybody else's, so that neither what is found nor how long it
-- takes tells of what the caller may not see. What is found is read under the caller's policies: they decide.
--
-- A kind that can be found has a function <kind>_words() and CALL searched('table', …) in its noun's definitions.
-- Its trigger notes in search_todo what was changed; a thread of each server (server/jobs/indexer.c) calls
-- search_keep() as jiayi_job. What waits there is compared word by word meanwhile: it is found at once.

---- What texts are compared as

CREATE OR REPLACE FUNCTION searchable(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF t ~ '^[\x01-\x7f]*$' THEN
        RETURN btrim(regexp_replace(lower(t COLLATE "C"), '[^a-z0-9]+', ' ', 'g'));
    END IF;
    -- NFC at the end, for NFD takes the syllables of Korean apart as well.
    RETURN btrim(regexp_replace(normalize(regexp_replace(normalize(
        replace(lower(jiayi.simplified(normalize(t, NFKC)) COLLATE "und-x-icu"), 'ß', 'ss'), NFD),
        '[\u0300-\u036f]', '', 'g'), NFC), '[^[:alnum:]]+' COLLATE "und-x-icu", ' ', 'g'));
END
$$;
COMMENT ON FUNCTION searchable(text) IS
    'A text as searches compare it: its letters and digits, without case, width, accents and traditional forms of '
    'Chinese, ß as ss, and a blank for whatever is between.';
GRANT EXECUTE ON FUNCTION searchable(text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION search_asked(t text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_agg(DISTINCT g.gram)
    FROM unnest(string_to_array(t, ' ')) AS w(word), generate_series(1, greatest(1, length(w.word) - 1)) AS i,
         LATERAL (VALUES
             (CASE WHEN length(w.word) < 3 OR substr(w.word, i, 2) ~ '[\u2e80-\U0010ffff]' COLLATE "C"
                   THEN substr(w.word, i, 2) END),
             (CASE WHEN length(substr(w.word, i, 3)) = 3 AND substr(w.word, i, 3) !~ '[\u2e80-\U0010ffff]' COLLATE "C"
                   THEN substr(w.word, i, 3) END),
             -- Of a word of two characters these, too: one key alone finds a third of what one person has.
             (CASE WHEN length(w.word) = 2 AND left(w.word, 1) ~ '[\u2e80-\U0010ffff]' COLLATE "C" THEN left(w.word, 1) END),
             (CASE WHEN length(w.word) = 2 AND right(w.word, 1) ~ '[\u2e80-\U0010ffff]' COLLATE "C" THEN right(w.word, 1) END)) AS g(gram)
    WHERE g.gram IS NOT NULL
$$;
COMMENT ON FUNCTION search_asked(text) IS
    'What is looked for, as searchable() made it, as those of search_grams() of which all are in every text that '
    'has it.';
GRANT EXECUTE ON FUNCTION search_asked(text) TO jiayi_app, jiayi_auth;

-- Those that the index is made by are in the migration.
GRANT EXECUTE ON FUNCTION search_grams(text), search_key(text, bigint), search_keys(text, bigint[]) TO jiayi_auth;

---- Who finds what

-- The lower, the less each has in it: see search_key().
CREATE OR REPLACE FUNCTION search_scope(class text, noun int, id bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT id * 1024 + noun * 8
        + CASE class WHEN 'member' THEN 0 WHEN 'part' THEN 1 WHEN 'partner' THEN 2 WHEN 'across' THEN 3
                     WHEN 'company' THEN 4 WHEN 'all' THEN 5 WHEN 'lent' THEN 6 END
$$;
COMMENT ON FUNCTION search_scope(text, int, bigint) IS
    'A number for those who find something because of a noun. company: who sees that company''s; member: that '
    'member, and who sees theirs; all: who sees any of that company''s; partner: a vendor''s people, by that partnership; across: who sees in that '
    'company what other companies share with it, for good; part: that member, who takes part; lent: the partners that act for '
    'that company.';
GRANT EXECUTE ON FUNCTION search_scope(text, int, bigint) TO jiayi_auth;

-- For each thing that is noted, and each comment: names in full instead of a search_path.
CREATE OR REPLACE FUNCTION search_sides(w search_words) RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    noun    int := jiayi.kind_noun(w.on_kind);
    company bigint;
    owners  bigint[];
    vendor  bigint;
    since   int;      -- the version from which on the vendor sees what is said
    other   bigint;   -- the company that sees it for good
    found   bigint[] := '{}';
    house   boolean := false;  -- everybody on either side sees it
    nobodys boolean := false;  -- nobody has it, and who sees any sees it
    all_partners boolean := false; -- so do all of the company's partners
    lent    bigint[];          -- partnerships by which it is seen, where that is not said by vendor
    spans   boolean := w.on_kind IN (jiayi.kind('deal'), jiayi.kind('task'));
    about   jiayi.search_words;
BEGIN
    -- What everybody of a company sees, whatever their role.
    IF w.on_kind IS NULL THEN
        RETURN ARRAY[jiayi.search_scope('company', 0, w.company_id)];
    END IF;
    CASE w.on_kind
    WHEN jiayi.kind('customer') THEN
        SELECT o.company_id, ARRAY[o.owner_id], o.owner_id IS NULL INTO company, owners, nobodys
        FROM jiayi.customer AS o WHERE o.id = w.on_id;
        IF w.audience IS DISTINCT FROM 'internal' THEN
            lent := ARRAY(SELECT DISTINCT p.id FROM jiayi.deal AS d JOIN jiayi.partnership AS p
                ON p.principal_id = d.company_id AND p.vendor_id = d.vendor_id
                WHERE d.customer_id = w.on_id AND d.vendor_id IS NOT NULL);
        END IF;
    WHEN jiayi.kind('deal') THEN
        SELECT o.company_id, ARRAY[o.owner_id], o.vendor_id, o.shared_version INTO company, owners, vendor, since
        FROM jiayi.deal AS o WHERE o.id = w.on_id;
    WHEN jiayi.kind('activity') THEN
        SELECT NULL, NULL, jiayi.kind(CASE WHEN a.deal_id IS NULL THEN 'customer' ELSE 'deal' END),
               coalesce(a.deal_id, a.customer_id), a.company_id, w.author_company_id,
               CASE WHEN 'internal' IN (a.audience, w.audience) THEN 'internal' ELSE 'shared' END,
               a.deal_version, NULL INTO about
        FROM jiayi.activity AS a WHERE a.id = w.on_id;
        RETURN jiayi.search_sides(about);
    WHEN jiayi.kind('case') THEN
        RETURN jiayi.case_scopes(w);
    WHEN jiayi.kind('report') THEN
        SELECT o.company_id, ARRAY[o.author_id], nullif(o.to_company_id, o.company_id) INTO company, owners, other
        FROM jiayi.report AS o WHERE o.id = w.on_id;
    WHEN jiayi.kind('task') THEN
        SELECT o.company_id, ARRAY[o.assignee_id, o.created_by], o.vendor_id, 1 INTO company, owners, vendor, since
        FROM jiayi.task AS o WHERE o.id = w.on_id;
        -- Who sees what it is about sees the task, in its company.
        SELECT NULL, NULL, o.on_kind, o.on_id, o.company_id, o.company_id, 'internal', NULL, NULL INTO about
        FROM jiayi.task AS o WHERE o.id = w.on_id AND o.on_id IS NOT NULL;
        IF about.on_id IS NOT NULL THEN
            found := jiayi.search_sides(about);
        END IF;
    WHEN jiayi.kind('kpi_line') THEN
        SELECT o.company_id, ARRAY[o.member_id], o.vendor_id, 0 INTO company, owners, vendor, since
        FROM jiayi.kpi_line AS o WHERE o.id = w.on_id;
    WHEN jiayi.kind('partner') THEN
        SELECT o.principal_id, o.vendor_id INTO company, other FROM jiayi.partnership AS o WHERE o.id = w.on_id;
        house := true;
    WHEN jiayi.kind('playbook') THEN
        SELECT o.company_id, o.active AND o.shared_version IS NOT NULL INTO company, all_partners
        FROM jiayi.playbook AS o WHERE o.id = w.on_id;
    WHEN jiayi.kind('member') THEN
        SELECT o.company_id INTO company FROM jiayi.member AS o WHERE o.id = w.on_id;
        house := true;
    ELSE
        RETURN '{}'; -- nobody finds it
    END CASE;
    -- Inside a company: words that it said for itself, and of its things all but those of others for themselves.
    IF w.audience = 'internal' AND w.author_company_id <> company THEN
        RETURN ARRAY[jiayi.search_scope('across', noun, w.author_company_id)];
    END IF;
    -- What is not there is not looked for: each of these would set up a statement.
    found := found || jiayi.search_scope('company', CASE WHEN house THEN 0 ELSE noun END, company)
        || jiayi.search_scope('member', noun, owners[1]) || jiayi.search_scope('member', noun, owners[2])
        || CASE WHEN nobodys THEN jiayi.search_scope('all', noun, company) END
        || CASE WHEN w.author_company_id <> company THEN jiayi.search_scope('across', noun, w.author_company_id) END;
    IF spans THEN
        found := found || ARRAY(SELECT jiayi.search_scope('part', noun, p.member_id) FROM jiayi.participant AS p
            WHERE p.on_kind = w.on_kind AND p.on_id = w.on_id AND p.member_company_id = company);
    END IF;
    -- Across the line: of what is shared for a while what the thing's company said in that while.
    IF w.audience IS DISTINCT FROM 'internal' AND (NOT spans OR w.author_company_id IS NULL OR w.author_company_id = company) THEN
        found := found || CASE WHEN house THEN jiayi.search_scope('company', 0, other) ELSE jiayi.search_scope('across', noun, other) END
            || CASE WHEN all_partners THEN jiayi.search_scope('lent', noun, company) END;
        IF lent IS NOT NULL THEN
            found := found || ARRAY(SELECT jiayi.search_scope('partner', noun, p) FROM unnest(lent) AS p);
        END IF;
        IF vendor IS NOT NULL THEN
            found := found || ARRAY(SELECT jiayi.search_scope('partner', noun, p.id) FROM jiayi.partnership AS p
                WHERE p.principal_id = company AND p.vendor_id = vendor AND since <= coalesce(w.version, since));
        END IF;
        IF spans THEN
            found := found || ARRAY(SELECT jiayi.search_scope('part', noun, p.member_id) FROM jiayi.participant AS p
                WHERE p.on_kind = w.on_kind AND p.on_id = w.on_id AND p.member_company_id <> company
                  AND p.from_version <= coalesce(w.version, p.from_version));
        END IF;
    END IF;
    RETURN ARRAY(SELECT DISTINCT s FROM unnest(found) AS s WHERE s IS NOT NULL ORDER BY s);
END
$$;
COMMENT ON FUNCTION search_sides(search_words) IS
    'Who finds something, by what the rows say now: nobody less than the policies let see it, but for what is seen '
    'by way of a thing of another company''s that is about yet another. What is found the policies show or do '
    'not.';
GRANT EXECUTE ON FUNCTION search_sides(search_words) TO jiayi_auth;

CREATE OR REPLACE FUNCTION search_reach(kinds text[], OUT reach bigint[], OUT whole boolean)
LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    n   int;
    far int;
BEGIN
    reach := ARRAY[search_scope('company', 0, me_company())];
    whole := true;
    FOR n IN SELECT DISTINCT v.noun FROM unnest(kinds) AS k(kind) JOIN (VALUES ('deal', 'deal'), ('activity', 'deal'),
            ('customer', 'customer'), ('contact', 'customer'), (NULL, 'customer'), ('report', 'report'), (NULL, 'deal'), (NULL, 'report'), (NULL, 'task'),
            (NULL, 'kpi'), (NULL, 'partner'), (NULL, 'member'), ('playbook', 'playbook'), (NULL, 'playbook'), ('case', 'case'), (NULL, 'case')) AS x(kind, noun)
            -- Tasks, comments and files are about anything.
            ON x.kind = k.kind OR (x.kind IS NULL AND k.kind IN ('task', 'comment', 'file')),
            LATERAL (SELECT noun(x.noun)) AS v(noun)
    LOOP
        far := sight(n);
        whole := whole AND far & 4 <> 0;
        CONTINUE WHEN far = 0;
        reach := reach || search_scope('part', n, me_member());
        IF far & 4 <> 0 THEN
            reach := reach || search_scope('company', n, me_company())
                || ARRAY(SELECT search_scope('lent', n, p) FROM unnest(me_principals()) AS p WHERE n = noun('playbook'));
        ELSE
            reach := reach || search_scope('all', n, me_company())
                || CASE WHEN far & 1 <> 0 THEN search_scope('member', n, me_member()) END
                || ARRAY(SELECT search_scope('member', n, t.member_id) FROM team AS t
                         WHERE t.manager_id = me_member() AND far & 2 <> 0);
        END IF;
        -- Of cases that others opened a vendor's managers see what they have to answer.
        reach := reach || CASE WHEN far & 12 <> 0 OR (far & 2 <> 0 AND n = noun('case')) THEN search_scope('across', n, me_company()) END
            || ARRAY(SELECT search_scope('partner', n, p.id) FROM partnership AS p
                     WHERE p.vendor_id = me_company() AND p.state = 'active' AND p.shares @> now()
                       AND (far & 8 <> 0 OR n = noun('customer')));
    END LOOP;
    reach := array_remove(reach, NULL);
END
$$;
COMMENT ON FUNCTION search_reach(text[]) IS
    'The scopes in which the caller finds something of those kinds; whole: of the own company all that there is of them.';
GRANT EXECUTE ON FUNCTION search_reach(text[]) TO jiayi_auth;

---- Keeping it

CREATE OR REPLACE PROCEDURE searched("table" regclass, event text, condition text DEFAULT NULL,
    noted text DEFAULT NULL)
LANGUAGE plpgsql AS $$
DECLARE
    name text := (SELECT c.relname FROM pg_class AS c WHERE c.oid = "table");
BEGIN
    EXECUTE format('CREATE TRIGGER %I AFTER %s ON %s %s %s EXECUTE FUNCTION jiayi.%I(%L)',
        'searched_' || lower(split_part(event, ' ', 1)), event, "table",
        CASE WHEN event = 'INSERT' AND noted IS NULL THEN 'REFERENCING NEW TABLE AS added FOR EACH STATEMENT' ELSE 'FOR EACH ROW' END,
        'WHEN (' || condition || ')',
        coalesce(noted, CASE event WHEN 'INSERT' THEN 'search_note_added' ELSE 'search_note' END), name);
END
$$;
COMMENT ON PROCEDURE searched(regclass, text, text, text) IS
    'Has what happens to a table''s rows, where that meets the condition, noted for search_keep(): by '
    'search_note(), or a function of the table''s own where the rows are found as something else.';

-- On the hot path: names in full, and one statement.
CREATE OR REPLACE FUNCTION search_note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF jiayi.handing_over() AND TG_ARGV[0] = ANY ('{customer,deal}') THEN
        RETURN NULL; -- hand_over() notes these, all of them at once
    END IF;
    INSERT INTO jiayi.search_todo (kind, on_id, company_id) VALUES (TG_ARGV[0], NEW.id, NEW.company_id);
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION search_note_added() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO jiayi.search_todo (kind, on_id, company_id) SELECT TG_ARGV[0], a.id, a.company_id FROM added AS a;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION search_note_added() IS 'Trigger: the rows that were added are to be put into search_doc.';

COMMENT ON FUNCTION search_note() IS 'Trigger: the row is to be put into search_doc as it is now.';

CREATE OR REPLACE FUNCTION search_words_of(kind text, ids bigint[]) RETURNS SETOF search_words
LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT * FROM jiayi.%I($1)', kind || '_words') USING ids;
END
$$;
COMMENT ON FUNCTION search_words_of(text, bigint[]) IS
    'What those of a kind can be found by, as far as who asks sees them.';
GRANT EXECUTE ON FUNCTION search_words_of(text, bigint[]) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION search_put(kind text, ids bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    WITH made AS MATERIALIZED (
        SELECT w.id, w.at, s.scopes, searchable(w.text) AS text,
               (SELECT max(x >> 10) FROM unnest(s.scopes) AS x WHERE x & 7 = 4 AND x & 1023 <> 4) AS company_id
        FROM search_words_of(search_put.kind, ids) AS w, LATERAL (SELECT search_sides(w) AS scopes OFFSET 0) AS s
    ), old AS MATERIALIZED (
        SELECT d.id, d.scopes, d.text FROM search_doc AS d
        WHERE d.kind = search_put.kind AND d.id IN (SELECT abs(i) FROM unnest(ids) AS i)
    ), gone AS (
        DELETE FROM search_doc AS d WHERE d.kind = search_put.kind AND d.id = ANY (ids)
            AND NOT EXISTS (SELECT FROM made AS m WHERE m.id = d.id)
    ), put AS (
        INSERT INTO search_doc AS d (kind, id, at, scopes, text, company_id)
        SELECT search_put.kind, m.id, m.at, m.scopes, m.text, m.company_id FROM made AS m
        ON CONFLICT (kind, id) DO UPDATE SET at = excluded.at, scopes = excluded.scopes, text = excluded.text,
            company_id = excluded.company_id
        WHERE d.scopes <> excluded.scopes OR d.text <> excluded.text OR d.at <> excluded.at
    )
    -- Who finds a thing finds what is said of it; deals are found by their customers, and lend them.
    INSERT INTO search_todo (kind, on_id, company_id)
    SELECT b.kind, b.id, b.company_id FROM old AS o FULL JOIN made AS m ON m.id = o.id,
    LATERAL (SELECT coalesce(m.id, o.id) AS no) AS x, LATERAL (
        SELECT 'activity' AS kind, a.id, a.company_id FROM activity AS a
        WHERE search_put.kind = 'deal' AND a.deal_id = x.no AND m.scopes <> o.scopes
        UNION ALL
        SELECT 'activity', a.id, a.company_id FROM activity AS a
        WHERE search_put.kind = 'customer' AND a.customer_id = x.no AND m.scopes <> o.scopes
        UNION ALL
        SELECT 'contact', c.id, c.company_id FROM contact AS c
        WHERE search_put.kind = 'customer' AND c.customer_id = x.no AND m.scopes <> o.scopes
        UNION ALL
        SELECT 'comment', c.id, c.company_id FROM comment AS c
        WHERE c.on_kind = kind(search_put.kind) AND c.on_id = x.no AND m.scopes <> o.scopes
        UNION ALL
        SELECT 'file', f.id, f.company_id FROM file AS f
        WHERE f.on_kind = kind(search_put.kind) AND f.on_id = x.no AND m.scopes <> o.scopes
        UNION ALL
        SELECT 'task', t.id, t.company_id FROM task AS t
        WHERE t.on_kind = kind(search_put.kind) AND t.on_id = x.no AND m.scopes <> o.scopes
        UNION ALL
        SELECT 'deal', d.id, d.company_id FROM deal AS d
        WHERE search_put.kind = 'customer' AND d.customer_id = x.no AND m.text IS DISTINCT FROM o.text
          AND o.text IS NOT NULL
        UNION ALL
        SELECT 'customer', d.customer_id, d.company_id FROM deal AS d
        WHERE search_put.kind = 'deal' AND d.id = o.id AND m.scopes <> o.scopes
           OR search_put.kind = 'deal' AND d.id = m.id AND o.id IS NULL AND d.vendor_id IS NOT NULL) AS b;
END
$$;
COMMENT ON FUNCTION search_put(text, bigint[]) IS
    'Puts those of a kind into search_doc as they are now, and notes what has to follow.';
GRANT EXECUTE ON FUNCTION search_put(text, bigint[]) TO jiayi_auth;

-- Of enable_seqscan: as dispatch().
CREATE OR REPLACE FUNCTION search_keep(most int, OUT kept bigint, OUT late_ms bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp SET enable_seqscan = off AS $$
DECLARE
    w   record;
    ids bigint[];
BEGIN
    kept := 0;
    late_ms := coalesce((SELECT extract(epoch FROM clock_timestamp() - t.at) * 1000
                         FROM search_todo AS t ORDER BY t.id LIMIT 1), 0);
    -- One at a time: who has read rows before another's change must not put them there after it.
    IF NOT pg_try_advisory_xact_lock(hashtextextended('jiayi search', 0)) THEN
        RETURN;
    END IF;
    FOR w IN
        WITH taken AS (
            DELETE FROM search_todo AS t
            WHERE t.id = ANY (ARRAY(SELECT x.id FROM search_todo AS x ORDER BY x.id LIMIT most))
            RETURNING t.kind, t.on_id
        )
        SELECT t.kind, array_agg(DISTINCT t.on_id) AS ids FROM taken AS t GROUP BY t.kind
    LOOP
        PERFORM search_put(w.kind, w.ids);
        kept := kept + cardinality(w.ids);
    END LOOP;
    IF kept > 0 THEN
        RETURN;
    END IF;
    SELECT * INTO w FROM search_fill AS f ORDER BY f.kind LIMIT 1;
    IF w.kind IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('SELECT array_agg(x.id) FROM (SELECT t.id FROM jiayi.%I AS t WHERE t.id < $1 '
                   'ORDER BY t.id DESC LIMIT $2) AS x',
                   CASE w.kind WHEN 'partner' THEN 'partnership' WHEN 'case' THEN 'case_file' ELSE w.kind END) INTO ids USING w.below, most;
    IF ids IS NULL THEN
        DELETE FROM search_fill AS f WHERE f.kind = w.kind;
        kept := 1;
    ELSE
        PERFORM search_put(w.kind, ids);
        UPDATE search_fill AS f SET below = (SELECT min(i) FROM unnest(ids) AS i) WHERE f.kind = w.kind;
        kept := cardinality(ids);
    END IF;
END
$$;
COMMENT ON FUNCTION search_keep(int) IS
    'Puts so much of what was changed into search_doc, the oldest first; where nothing was, so much of what was '
    'there before it could be searched. Says how much that was, and how long the first had waited.';
GRANT EXECUTE ON FUNCTION search_keep(int) TO jiayi_job;

CREATE OR REPLACE FUNCTION search_late() RETURNS bigint LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT count(*) FROM search_fill);
END
$$;
COMMENT ON FUNCTION search_late() IS
    'How many kinds of things from before they could be searched are still to be put into search_doc.';
GRANT EXECUTE ON FUNCTION search_late() TO jiayi_app;

---- Finding

CREATE OR REPLACE FUNCTION search_like(t text, OUT likes text[], OUT starts text[]) LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT array_agg('%' || w || '%'),
           coalesce(array_agg('(^|[ \u2e80-\U0010ffff])' || w)
               FILTER (WHERE length(w) < 3 AND w !~ '[\u2e80-\U0010ffff]' COLLATE "C"), '{}')
    FROM unnest(string_to_array(t, ' ')) AS w
$$;
COMMENT ON FUNCTION search_like(text) IS
    'Patterns of what is looked for, as searchable() made it: every word of it is in the text, for LIKE; and what has one letter or two is where a word begins.';
GRANT EXECUTE ON FUNCTION search_like(text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION search_has(t text, likes text[], starts text[]) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT t COLLATE "C" LIKE ALL (likes) AND t COLLATE "C" ~ ALL (starts) $$;
COMMENT ON FUNCTION search_has(text, text[], text[]) IS 'Whether a text, as searchable() made it, is as search_like() says.';
GRANT EXECUTE ON FUNCTION search_has(text, text[], text[]) TO jiayi_app, jiayi_auth;

-- All that waits is looked at, and where that is too much nobody is told half of it. Who has the words is asked first, and only of those
-- who finds them.
CREATE OR REPLACE FUNCTION search_waiting(kinds text[], reach bigint[], likes text[], starts text[])
RETURNS TABLE (kind text, id bigint, at timestamptz)
LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    w record;
    n int := 0;
BEGIN
    FOR w IN
        SELECT x.kind, array_agg(DISTINCT x.on_id) AS ids, count(*) AS n FROM (
            SELECT t.kind, t.on_id FROM unnest(me_company() || me_principals()) AS c(id) CROSS JOIN LATERAL (
                SELECT t.kind, t.on_id FROM search_todo AS t
                WHERE t.company_id = c.id AND t.kind = ANY (kinds) LIMIT 1001) AS t
            LIMIT 1001) AS x
        GROUP BY x.kind
    LOOP
        n := n + w.n;
        IF n > 1000 THEN
            PERFORM refuse('JY014', 'so much was written just now that not all of it can be searched yet; try again in a moment',
                retry_after_ms => 2000);
        END IF;
        RETURN QUERY SELECT w.kind, v.id, v.at FROM search_words_of(w.kind, w.ids) AS v
        WHERE CASE WHEN search_has(searchable(v.text), likes, starts) THEN search_sides(v) && reach END;
    END LOOP;
END
$$;
COMMENT ON FUNCTION search_waiting(text[], bigint[], text[], text[]) IS
    'What is as search_like() says, is within those scopes, and is not in search_doc yet. The call ends where more than 1,000 wait.';
GRANT EXECUTE ON FUNCTION search_waiting(text[], bigint[], text[], text[]) TO jiayi_auth;

-- What is common in a company is found soon by going back from its newest; what is not, by its letters. How common it
-- is shows on the way: who would have to pass 8,000 to fill the page goes by the letters. Only those walk who see whatever
-- they pass.
CREATE OR REPLACE FUNCTION search_newest(kinds text[], likes text[], starts text[], after_at timestamptz, after_kind text,
    after_id bigint, most int, OUT hits search_hit[], OUT enough boolean)
LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    passed int := 0;
    d      record;
BEGIN
    hits := '{}';
    enough := true;
    FOR d IN
        SELECT d.kind, d.id, d.at, d.kind = ANY (kinds) AND search_has(d.text, likes, starts) AS has
        FROM search_doc AS d WHERE d.company_id = me_company() AND (d.at, d.kind, d.id) < (after_at, after_kind, after_id)
        ORDER BY d.at DESC, d.kind DESC, d.id DESC LIMIT 8000
    LOOP
        passed := passed + 1;
        IF d.has THEN
            hits := hits || ROW(d.kind, d.id, d.at)::search_hit;
        END IF;
        EXIT WHEN cardinality(hits) = most;
        enough := passed < 8000 AND (passed < 1000 OR cardinality(hits) * 8000 >= most * passed);
        EXIT WHEN NOT enough;
    END LOOP;
END
$$;
COMMENT ON FUNCTION search_newest(text[], text[], text[], timestamptz, text, bigint, int) IS
    'Of what everybody finds who sees all of the caller''s company the newest that is as search_like() says; enough: it '
    'fills the page, or is all that there is.';
GRANT EXECUTE ON FUNCTION search_newest(text[], text[], text[], timestamptz, text, bigint, int) TO jiayi_auth;

CREATE OR REPLACE FUNCTION search_candidates(asked text, kinds text[], after_at timestamptz, after_kind text,
    after_id bigint, most int)
RETURNS TABLE (kind text, id bigint, at timestamptz)
LANGUAGE plpgsql STABLE ROWS 50 SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    r     record;
    l     record;
    near  record;
    grams text[] := search_asked(asked);
BEGIN
    SELECT * INTO r FROM search_reach(kinds);
    SELECT * INTO l FROM search_like(asked);
    SELECT '{}'::search_hit[] AS hits, false AS enough INTO near;
    IF r.whole THEN
        SELECT * INTO near FROM search_newest(kinds, l.likes, l.starts, after_at, after_kind, after_id, most);
    END IF;
    RETURN QUERY
    SELECT x.kind, x.id, x.at FROM (
        SELECT h.kind, h.id, h.at FROM unnest(near.hits) AS h WHERE near.enough
        UNION
        SELECT d.kind, d.id, d.at FROM (
            SELECT CASE WHEN s & 7 < 2 THEN s & ~1016 ELSE s END AS scope, array_agg(s) AS scopes FROM unnest(r.reach) AS s
            WHERE NOT near.enough OR s & 7 <> 4 OR s & 1023 = 4 GROUP BY 1) AS s
        CROSS JOIN LATERAL (
            SELECT d.kind, d.id, d.at FROM search_doc AS d
            WHERE search_keys(d.text, d.scopes) @> ARRAY(SELECT search_key(g, s.scope) FROM unnest(grams) AS g)
              AND d.scopes && s.scopes
              AND search_has(d.text, l.likes, l.starts) AND d.kind = ANY (kinds)
              AND (d.at < after_at OR (d.at = after_at AND (d.kind, d.id) < (after_kind, after_id)))
            ORDER BY d.at DESC, d.kind DESC, d.id DESC LIMIT most) AS d
        UNION
        SELECT w.kind, w.id, w.at FROM search_waiting(kinds, r.reach, l.likes, l.starts) AS w
        WHERE w.at < after_at OR (w.at = after_at AND (w.kind, w.id) < (after_kind, after_id))) AS x
    ORDER BY x.at DESC, x.kind DESC, x.id DESC LIMIT most;
END
$$;
COMMENT ON FUNCTION search_candidates(text, text[], timestamptz, text, bigint, int) IS
    'What has every word of that text, as searchable() made it, and is within the caller''s reach: the newest first, '
    'after a moment, a kind and a number. The policies say what of it is seen.';
GRANT EXECUTE ON FUNCTION search_candidates(text, text[], timestamptz, text, bigint, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION search_place(t text, word text, OUT first int, OUT last int)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    low text := lower(t COLLATE "und-x-icu");
    n   int := length(t);
    i   int;
BEGIN
    -- Most texts are found as they were written.
    IF length(low) = n AND strpos(low, word) > 0 THEN
        first := strpos(low, word);
        last := first + length(word) - 1;
        RETURN;
    ELSIF strpos(jiayi.searchable(t), word) = 0 THEN
        RETURN;
    END IF;
    -- Else between the shortest beginning that has the word and the latest start of that.
    first := 1;
    last := n;
    WHILE first < last LOOP
        i := (first + last) / 2;
        IF strpos(jiayi.searchable(left(t, i)), word) > 0 THEN
            last := i;
        ELSE
            first := i + 1;
        END IF;
    END LOOP;
    first := 1;
    n := last;
    WHILE first < n LOOP
        i := (first + n + 1) / 2;
        IF strpos(jiayi.searchable(substr(t, i, last - i + 1)), word) > 0 THEN
            first := i;
        ELSE
            n := i - 1;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION search_place(text, text) IS
    'Where a text has what searchable() would make that word of: its first character and its last. NULLs: nowhere.';
GRANT EXECUTE ON FUNCTION search_place(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION search_snippet(t text, asked text, OUT snippet text, OUT match text)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    word  text := split_part(asked, ' ', 1);
    line  text := regexp_replace(btrim(t), '\s+', ' ', 'g');
    begun int := 1;
    place record;
BEGIN
    -- Of what is long only the part where the word has to be is taken to pieces.
    IF length(line) > 1000 THEN
        snippet := jiayi.searchable(line);
        begun := greatest(1, length(line)::bigint * strpos(snippet, word) / length(snippet) - 400);
        line := substr(line, begun::int, 1000);
    END IF;
    SELECT * INTO place FROM jiayi.search_place(line, word);
    match := substr(line, place.first, place.last - place.first + 1);
    place.first := greatest(1, coalesce(place.first, 1) - 12);
    snippet := CASE WHEN begun + place.first > 2 THEN '…' ELSE '' END || substr(line, place.first, 120)
        || CASE WHEN begun > 1 OR length(line) > place.first + 119 THEN '…' ELSE '' END;
END
$$;
COMMENT ON FUNCTION search_snippet(text, text) IS
    'What of a text is shown of where it has the first word of what was asked, as searchable() made it; and that word '
    'as the text has it.';
GRANT EXECUTE ON FUNCTION search_snippet(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION search_found(wanted text, kinds text[], after text, most int)
RETURNS TABLE (ref text, "on" text, text text, match text, company_id bigint, at timestamptz, key text)
LANGUAGE plpgsql STABLE ROWS 50 SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    asked    text := searchable(wanted);
    l        record;
    n        int := 0;
    at_      timestamptz := coalesce(split_part(after, '/', 1)::timestamptz, 'infinity');
    kind_    text := split_part(after, '/', 2);
    id_      bigint := split_part(after, '/', 3)::bigint;
    found    record;
    c        record;
BEGIN
    IF asked = '' THEN
        PERFORM refuse('JY003', 'there is no letter and no digit in what you search for', field => 'text');
    ELSIF search_late() > 0 THEN
        PERFORM refuse('JY014', 'what was written before this server could search is still being prepared; try '
            'again in some minutes', retry_after_ms => 60000);
    END IF;
    IF cardinality(kinds) > 0 IS NOT TRUE THEN
        kinds := ARRAY['customer', 'contact', 'deal', 'activity', 'report', 'comment', 'task', 'file', 'partner',
            'playbook', 'case'];
    END IF;
    SELECT * INTO l FROM search_like(asked);
    LOOP
        SELECT array_agg(s.kind) AS kinds, array_agg(s.id) AS ids, array_agg(s.at) AS ats INTO found
        FROM search_candidates(asked, kinds, at_, kind_, id_, most) AS s;
        EXIT WHEN found.ids IS NULL;
        -- What is seen has to have the words, too: what is not seen tells nothing by what it has.
        FOR c IN
            SELECT f.kind, f.id, f.at, w.on_kind, w.on_id, w.company_id, w.text
            FROM (SELECT f.kind, array_agg(f.id) AS ids FROM unnest(found.kinds, found.ids) AS f(kind, id)
                  GROUP BY f.kind) AS g
            CROSS JOIN LATERAL search_words_of(g.kind, g.ids) AS w
            JOIN unnest(found.kinds, found.ids, found.ats) AS f(kind, id, at) ON f.kind = g.kind AND f.id = w.id
            WHERE search_has(searchable(w.text), l.likes, l.starts)
            ORDER BY f.at DESC, f.kind DESC, f.id DESC
        LOOP
            ref := c.kind || '/' || abs(c.id);
            "on" := nullif(ref(c.on_kind, c.on_id), ref);
            SELECT s.snippet, s.match INTO text, match FROM search_snippet(c.text, asked) AS s;
            company_id := c.company_id;
            at := c.at;
            key := concat_ws('/', c.at, c.kind, c.id);
            RETURN NEXT;
            n := n + 1;
            EXIT WHEN n = most;
        END LOOP;
        EXIT WHEN n = most OR cardinality(found.ids) < most;
        at_ := found.ats[most];
        kind_ := found.kinds[most];
        id_ := found.ids[most];
    END LOOP;
END
$$;
COMMENT ON FUNCTION search_found(text, text[], text, int) IS
    'What the caller finds of those kinds - of all where none is named - that has every word of that text: the newest first, after '
    'the key of what was found before. The call ends where there is nothing to look for, and while it cannot be '
    'found.';
GRANT EXECUTE ON FUNCTION search_found(text, text[], text, int) TO jiayi_app;

-- For lists: of those that have the words they keep what has the text as a whole.
CREATE OR REPLACE FUNCTION deals_found(wanted text, before bigint, filtered boolean) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    asked text := searchable(wanted);
    reach bigint[] := (search_reach('{deal}')).reach;
    grams text[] := search_asked(asked);
    likes text[] := ARRAY['%' || asked || '%'];
    starts text[] := (search_like(asked)).starts;
    found bigint[];
BEGIN
    IF asked = '' THEN
        PERFORM refuse('JY003', 'there is no letter and no digit in what you search for', field => 'search');
    ELSIF search_late() > 0 THEN
        PERFORM refuse('JY014', 'what was written before this server could search is still being prepared; try '
            'again in some minutes', retry_after_ms => 60000);
    END IF;
    SELECT array_agg(x.id) INTO found FROM (
        SELECT d.id FROM (
            SELECT CASE WHEN s & 7 < 2 THEN s & ~1016 ELSE s END AS scope, array_agg(s) AS scopes FROM unnest(reach) AS s
            GROUP BY 1) AS s
        CROSS JOIN LATERAL (
            SELECT d.id FROM search_doc AS d
            WHERE search_keys(d.text, d.scopes) @> ARRAY(SELECT search_key(g, s.scope) FROM unnest(grams) AS g)
              AND d.scopes && s.scopes AND search_has(d.text, likes, starts) AND d.kind = 'deal'
              AND (before IS NULL OR d.id < before)
            ORDER BY d.id DESC LIMIT 2001) AS d
        UNION
        SELECT w.id FROM search_waiting('{deal}', reach, likes, starts) AS w
        WHERE before IS NULL OR w.id < before
        ORDER BY 1 DESC LIMIT 2001) AS x;
    IF filtered AND cardinality(found) > 2000 THEN
        PERFORM refuse('JY008', 'more than %s deals have that text; search for more of it', ROW(2000),
            field => 'search');
    END IF;
    RETURN coalesce(found, '{}');
END
$$;
COMMENT ON FUNCTION deals_found(text, bigint, boolean) IS
    'The deals within the caller''s reach that have that text, in title and customer taken together, the latest '
    'before a number, 2,001 at most. Where they are to be filtered further and are more, the call ends: of what is '
    'beyond nothing would be said.';
GRANT EXECUTE ON FUNCTION deals_found(text, bigint, boolean) TO jiayi_app;

---- Tables

CALL protect('search_doc', NULL);
CALL open_to_auth('search_doc', 'SELECT, INSERT, UPDATE, DELETE');
CALL protect('search_todo', NULL);
CALL open_to_auth('search_todo', 'SELECT, INSERT, DELETE');
CALL protect('search_fill', NULL);
CALL open_to_auth('search_fill', 'SELECT, UPDATE, DELETE');
