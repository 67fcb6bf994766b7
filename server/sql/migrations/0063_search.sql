-- Searching: what people look for by its words, in one table with an index of their letters.
-- definitions: 0

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- The index is made by these: who changes one makes the index anew, by a migration

-- Characters from U+2E80 on, those of Chinese, Japanese and Korean, are words or parts of words by themselves:
-- two of them tell as much as three letters.
CREATE FUNCTION search_grams(t text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    grams text[] := '{}';
    a     text := ' ';
    b     text := ' ';
    c     text;
    aw    boolean := false;
    bw    boolean := false;
    cw    boolean;
BEGIN
    FOREACH c IN ARRAY string_to_array(t, NULL) LOOP
        IF c <> ' ' THEN
            cw := ascii(c) > 11903;
            grams := grams || c;
            IF b <> ' ' THEN
                grams := grams || (b || c);
                IF a <> ' ' AND NOT (aw OR bw OR cw) THEN
                    grams := grams || (a || b || c);
                END IF;
            END IF;
        END IF;
        a := b;
        b := c;
        aw := bw;
        bw := cw;
    END LOOP;
    RETURN grams;
END
$$;
COMMENT ON FUNCTION search_grams(text) IS
    'What a text can be found by, as searchable() made it: each letter and digit, each two that are beside one '
    'another, and each three, but for those with characters of Chinese, Japanese or Korean in them.';

-- What is in scope of one person, or of one partnership, is little: there letters share few keys, so that each
-- key has a list worth having.
CREATE FUNCTION search_key(gram text, scope bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT hashint8extended(hashtext(gram) & CASE WHEN scope & 7 < 2 THEN 127 WHEN scope & 7 < 4 THEN 1023 ELSE 8191 END, scope)
$$;
COMMENT ON FUNCTION search_key(text, bigint) IS
    'The key by which what has those letters is found in that scope (see search_scope()). Scopes have no key in '
    'common, so that who looks in one touches nothing of another; several grams have one, so that who finds by '
    'it compares the text as well.';

CREATE FUNCTION search_keys(t text, scopes bigint[]) RETURNS bigint[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
COST 10000 AS $$
    SELECT array_agg(jiayi.search_key(g, s)) FROM unnest(jiayi.search_grams(t)) AS g, unnest(scopes) AS s
$$;
COMMENT ON FUNCTION search_keys(text, bigint[]) IS 'The keys by which a text is found, in each of the scopes.';

---- Tables

CREATE TABLE search_doc (
    kind   text NOT NULL,
    id     bigint NOT NULL,
    at     timestamptz NOT NULL,
    scopes bigint[] NOT NULL,
    text   text COLLATE "C" NOT NULL,
    CONSTRAINT search_doc_pkey PRIMARY KEY (kind, id)
);
ALTER TABLE search_doc ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE search_doc IS
    'What searches look through, made of other tables by search_keep(). Seen by functions of jiayi_auth alone.';
COMMENT ON COLUMN search_doc.kind IS 'What it is, such as deal or comment.';
COMMENT ON COLUMN search_doc.id IS 'Its number; of a partnership as the vendor sees it, the negative one.';
COMMENT ON COLUMN search_doc.at IS 'When it was said or made: the newest is found first.';
COMMENT ON COLUMN search_doc.scopes IS 'Who finds it, as search_scope() says that.';
COMMENT ON COLUMN search_doc.text IS 'Its words, as searchable() compares them.';
CREATE INDEX search_doc_keys ON search_doc USING gin (search_keys(text, scopes)) WITH (fastupdate = off);
-- Statistics of keys would tell the planner nothing, and take minutes.
ALTER INDEX search_doc_keys ALTER COLUMN 1 SET STATISTICS 0;

CREATE TABLE search_todo (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL,
    on_id      bigint NOT NULL,
    company_id bigint NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE search_todo ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE search_todo IS
    'What was changed and is not in search_doc yet, written by triggers in the transaction in which it was '
    'changed. Seen by functions of jiayi_auth alone.';
COMMENT ON COLUMN search_todo.id IS 'Its number.';
COMMENT ON COLUMN search_todo.kind IS 'What was changed, as in search_doc.';
COMMENT ON COLUMN search_todo.on_id IS 'Its number.';
COMMENT ON COLUMN search_todo.company_id IS 'The company whose it is.';
COMMENT ON COLUMN search_todo.at IS 'When that transaction began.';
CREATE INDEX search_todo_of_company ON search_todo (company_id, id DESC);

CREATE TABLE search_fill (
    kind  text PRIMARY KEY,
    below bigint NOT NULL
);
ALTER TABLE search_fill ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE search_fill IS
    'What was there before it could be searched, and is still to be put into search_doc, the newest first. Seen by '
    'functions of jiayi_auth alone.';
COMMENT ON COLUMN search_fill.kind IS 'What it is, as in search_doc.';
COMMENT ON COLUMN search_fill.below IS 'What has a lower number is still to be put there.';
INSERT INTO search_fill (kind, below)
SELECT f.kind, f.below FROM (
    SELECT 'customer' AS kind, max(id) + 1 AS below FROM customer
    UNION ALL SELECT 'contact', max(id) + 1 FROM contact
    UNION ALL SELECT 'deal', max(id) + 1 FROM deal
    UNION ALL SELECT 'activity', max(id) + 1 FROM activity
    UNION ALL SELECT 'report', max(id) + 1 FROM report
    UNION ALL SELECT 'comment', max(id) + 1 FROM comment
    UNION ALL SELECT 'task', max(id) + 1 FROM task
    UNION ALL SELECT 'file', max(id) + 1 FROM file
    UNION ALL SELECT 'partner', max(id) + 1 FROM partnership) AS f
WHERE f.below IS NOT NULL;

CREATE TYPE search_words AS (
    id bigint, at timestamptz, on_kind smallint, on_id bigint, company_id bigint, author_company_id bigint,
    audience text, version int, text text
);
COMMENT ON TYPE search_words IS
    'Something that can be found, as the functions <kind>_words() give it: what it is about, of which company that '
    'is, and whose people said it for whom at which version of that, where they said it of something; and its '
    'words.';
