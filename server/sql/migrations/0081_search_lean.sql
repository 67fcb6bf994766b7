-- Searching: fewer keys, made six times as quickly; what is common is found by walking; plays are found.
-- definitions: 83c3617edae46a4eaa8d123d30788f722eb51fc0a3b3ace8852e9c80ac8fcc9b

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- The index is made by these: who changes one makes the index anew, by a migration

DROP INDEX search_doc_keys;

-- Characters from U+2E80 on, those of Chinese, Japanese and Korean, are words or parts of words by themselves:
-- two of them tell as much as three letters. One or two letters inside a word tell nothing.
CREATE OR REPLACE FUNCTION search_grams(t text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    grams text[] := '{}';
    a     text;
    b     text := ' ';
    c     text;
    aw    boolean := true; -- whether it is no letter: a blank, or a word by itself
    bw    boolean := true;
    cw    boolean;
BEGIN
    FOREACH c IN ARRAY string_to_array(t, NULL) LOOP
        cw := c = ' ' OR ascii(c) > 11903;
        IF c = ' ' THEN
            NULL;
        ELSIF b = ' ' THEN
            grams := grams || c;
        ELSIF cw OR bw THEN
            grams := grams || c || (b || c);
        ELSIF aw THEN
            grams := grams || (b || c);
        ELSE
            grams := grams || (a || b || c);
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
    'What a text can be found by, as searchable() made it: each three letters and digits that are beside one another, '
    'the first one and two of a word; each character of Chinese, Japanese or Korean, and each two with one of them.';

-- It is not STRICT, so that it becomes a part of what calls it. Of a person the noun is left out: so there is one
-- look-up for each, and the scopes that the text has say the rest.
CREATE OR REPLACE FUNCTION search_key(gram text, scope bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT hashint8extended(hashtext(gram) & CASE WHEN scope & 7 < 2 THEN 127 WHEN scope & 7 < 4 THEN 1023 ELSE 8191 END,
        CASE WHEN scope & 7 < 2 THEN scope & ~1016 ELSE scope END)
$$;
COMMENT ON FUNCTION search_key(text, bigint) IS
    'The key by which what has those letters is found in that scope (see search_scope()), of a member for all nouns. Scopes have no key in '
    'common, so that who looks in one touches nothing of another; several grams have one, so that who finds by '
    'it compares the text as well.';

CREATE OR REPLACE FUNCTION search_keys(t text, scopes bigint[]) RETURNS bigint[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
COST 10000 AS $$
    SELECT array_agg(jiayi.search_key(g, s.scope)) FROM unnest(jiayi.search_grams(t)) AS g, (
        SELECT DISTINCT CASE WHEN s & 7 < 2 THEN s & ~1016 ELSE s END AS scope FROM unnest(scopes) AS s) AS s
$$;

---- Tables

ALTER TABLE search_doc ADD COLUMN company_id bigint;
COMMENT ON COLUMN search_doc.company_id IS
    'The company of which everybody finds it who sees all that there is of its noun; NULL: there is none.';
UPDATE search_doc SET company_id = (
    SELECT max(s >> 10) FROM unnest(scopes) AS s WHERE s & 7 = 4 AND s & 1023 <> 4);
CREATE INDEX search_doc_keys ON search_doc USING gin (search_keys(text, scopes)) WITH (fastupdate = off);
-- Statistics of keys would tell the planner nothing, and take minutes.
ALTER INDEX search_doc_keys ALTER COLUMN 1 SET STATISTICS 0;
CREATE INDEX search_doc_newest ON search_doc (company_id, at, kind, id);

-- Plays that there are.
INSERT INTO search_fill (kind, below) SELECT 'playbook', max(id) + 1 FROM playbook HAVING max(id) IS NOT NULL;

CREATE TYPE search_hit AS (kind text, id bigint, at timestamptz);
COMMENT ON TYPE search_hit IS 'Something that was found: what it is, its number, and when it was said or made.';
DROP FUNCTION IF EXISTS search_reach(text[]), search_like(text), search_waiting(text[], bigint[], text[]);

---- Nobody asks these any more: a deal has its customer's name

DROP FUNCTION IF EXISTS customer_name(bigint), customer_names(bigint[]), deal_customer(bigint);
