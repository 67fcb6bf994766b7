-- Comments within reach: those that a caller sees among all that were said on things of the own company. By the things themselves no
-- index leads to them in order, and who sees little of a company would pass all of its comments. So each has rows in comment_reach,
-- one for each scope in which it is found, as searches have them (search_sides()): never less than the policies let see. They are
-- kept in the transaction that changes them, and a list walks those of the caller's scopes, the newest first; the policies decide.

CREATE OR REPLACE FUNCTION comment_scopes(c comment) RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    w     jiayi.search_words;
    found bigint[];
BEGIN
    SELECT c.id, c.at, c.on_kind, c.on_id, c.company_id, c.author_company_id, c.audience, c.version, NULL INTO w;
    found := jiayi.search_sides(w);
    -- What searches do not find is in all of them, for everybody of the company.
    IF cardinality(found) = 0 THEN
        RETURN ARRAY[jiayi.search_scope('all', 0, c.company_id)];
    END IF;
    RETURN ARRAY(SELECT DISTINCT CASE WHEN s & 7 < 2 THEN s & ~1016 ELSE s END FROM unnest(found) AS s
                 WHERE s & 7 < 2 OR (s & 7 IN (3, 4, 5) AND s >> 10 = c.company_id));
END
$$;
COMMENT ON FUNCTION comment_scopes(comment) IS
    'The scopes in which a comment is found among those on things of its company; without those of other companies, whose people see no list of these.';
GRANT EXECUTE ON FUNCTION comment_scopes(comment) TO jiayi_auth;

CREATE OR REPLACE FUNCTION comments_put(ids bigint[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    WITH made AS MATERIALIZED (
        SELECT c.id, c.at, c.topic, s.scope FROM comment AS c, unnest(comment_scopes(c)) AS s(scope) WHERE c.id = ANY (ids)
    ), gone AS (
        DELETE FROM comment_reach AS r WHERE r.comment_id = ANY (ids)
            AND NOT EXISTS (SELECT FROM made AS m WHERE m.id = r.comment_id AND m.scope = r.scope)
    )
    INSERT INTO comment_reach (scope, comment_id, at, topic) SELECT m.scope, m.id, m.at, m.topic FROM made AS m ON CONFLICT DO NOTHING;
END
$$;
COMMENT ON FUNCTION comments_put(bigint[]) IS 'Has those comments found by whom they are found by now.';

CREATE OR REPLACE FUNCTION comment_reach_added() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF handing_over() THEN
        RETURN NULL; -- with all that was said on those things
    END IF;
    PERFORM comments_put(ARRAY(SELECT a.id FROM added AS a));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION comment_reach_added() IS 'Trigger: comments are found as soon as they are there.';

-- A change of an owner comes to this for each thing, and most have no comments; hand_over() comes to it with all of a kind.
CREATE OR REPLACE FUNCTION comments_follow(on_kind smallint, on_ids bigint[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    ids bigint[];
BEGIN
    WITH things AS (
        SELECT comments_follow.on_kind AS kind, o.id FROM unnest(on_ids) AS o(id)
        UNION ALL
        SELECT kind('activity'), a.id FROM activity AS a WHERE comments_follow.on_kind = kind('deal') AND a.deal_id = ANY (on_ids)
        UNION ALL
        SELECT kind('activity'), a.id FROM activity AS a WHERE comments_follow.on_kind = kind('customer') AND a.customer_id = ANY (on_ids)
        UNION ALL
        SELECT kind('task'), t.id FROM task AS t WHERE t.on_kind = comments_follow.on_kind AND t.on_id = ANY (on_ids)
        UNION ALL
        SELECT kind('task'), p.id FROM task AS t JOIN task AS p ON p.on_kind = kind('task') AND p.on_id = t.id
        WHERE t.on_kind = comments_follow.on_kind AND t.on_id = ANY (on_ids)
    )
    SELECT array_agg(c.id) INTO ids FROM things AS o JOIN comment AS c ON c.on_kind = o.kind AND c.on_id = o.id;
    IF ids IS NOT NULL THEN
        PERFORM comments_put(ids);
    END IF;
END
$$;
COMMENT ON FUNCTION comments_follow(smallint, bigint[]) IS
    'Has what was said on those things of a kind, and on what is on them, found by whom it is found by now.';
GRANT EXECUTE ON FUNCTION comments_follow(smallint, bigint[]) TO jiayi_auth;

CREATE OR REPLACE FUNCTION comment_follow() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF TG_TABLE_NAME = 'participant' THEN
        IF TG_OP = 'DELETE' THEN
            PERFORM jiayi.comments_follow(OLD.on_kind, ARRAY[OLD.on_id]);
        ELSE
            PERFORM jiayi.comments_follow(NEW.on_kind, ARRAY[NEW.on_id]);
        END IF;
    ELSIF jiayi.handing_over() THEN
        RETURN NULL; -- it does so for all of them at once
    ELSIF TG_TABLE_NAME = 'task' THEN
        IF NEW.assignee_id IS DISTINCT FROM OLD.assignee_id OR NEW.on_id IS DISTINCT FROM OLD.on_id THEN
            PERFORM jiayi.comments_follow(jiayi.kind('task'), ARRAY[NEW.id]);
        END IF;
    ELSIF NEW.owner_id IS DISTINCT FROM OLD.owner_id THEN
        PERFORM jiayi.comments_follow(jiayi.kind(TG_TABLE_NAME), ARRAY[NEW.id]);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION comment_follow() IS 'Trigger: who has a thing now, or takes part in it, finds what was said on it; who had it, no more.';

CREATE OR REPLACE FUNCTION comment_scopes_reached(OUT scopes bigint[], OUT whole boolean) LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    mine  bigint := me_company();
    me    bigint := me_member();
    nouns int[] := ARRAY(SELECT DISTINCT kind_noun(k.no) FROM object_kind AS k WHERE k.commentable);
BEGIN
    whole := (SELECT bool_and(sight(n) & 4 <> 0) FROM unnest(nouns) AS n);
    IF whole THEN
        RETURN;
    END IF;
    scopes := ARRAY[search_scope('company', 0, mine), search_scope('all', 0, mine), search_scope('member', 0, me), search_scope('part', 0, me)]
        || ARRAY(SELECT search_scope('member', 0, t.member_id) FROM team AS t
                 WHERE t.manager_id = me AND (SELECT bool_or(sight(n) & 2 <> 0) FROM unnest(nouns) AS n))
        || ARRAY(SELECT search_scope(c.class, n, mine) FROM unnest(nouns) AS n, (VALUES ('company', 4), ('all', 15), ('across', 12)) AS c(class, bits)
                 WHERE sight(n) & c.bits <> 0);
END
$$;
COMMENT ON FUNCTION comment_scopes_reached() IS
    'The scopes in which the caller finds comments; whole: they see all of everything that is commented on in their company, and no scopes.';
GRANT EXECUTE ON FUNCTION comment_scopes_reached() TO jiayi_auth;

-- As a page of many arms is that of few (deals_ahead()): the first of each scope says which scopes it takes, and how far.
CREATE OR REPLACE FUNCTION comment_candidates(topic text, since timestamptz, after_at timestamptz, after_id bigint, most bigint)
    RETURNS TABLE (id bigint, at timestamptz) LANGUAGE plpgsql STABLE ROWS 50 SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    mine   bigint[] := (comment_scopes_reached()).scopes;
    scopes bigint[];
    firsts timestamptz[];
    ids    bigint[];
    least  timestamptz;
BEGIN
    IF topic IS NULL THEN
        SELECT array_agg(s.scope), array_agg(h.at), array_agg(h.comment_id) INTO scopes, firsts, ids
        FROM unnest(mine) AS s(scope) CROSS JOIN LATERAL (
            SELECT r.at, r.comment_id FROM comment_reach AS r
            WHERE r.scope = s.scope AND r.at >= since AND (r.at, r.comment_id) < (after_at, after_id)
            ORDER BY r.at DESC, r.comment_id DESC LIMIT 1) AS h;
    ELSE
        SELECT array_agg(s.scope), array_agg(h.at), array_agg(h.comment_id) INTO scopes, firsts, ids
        FROM unnest(mine) AS s(scope) CROSS JOIN LATERAL (
            SELECT r.at, r.comment_id FROM comment_reach AS r
            WHERE r.scope = s.scope AND r.topic = comment_candidates.topic AND r.at >= since AND (r.at, r.comment_id) < (after_at, after_id)
            ORDER BY r.at DESC, r.comment_id DESC LIMIT 1) AS h;
    END IF;
    -- One comment may be the first of several.
    least := coalesce((SELECT f.at FROM (SELECT DISTINCT f.at, f.id FROM unnest(firsts, ids) AS f(at, id)) AS f
                       ORDER BY f.at DESC OFFSET most - 1 LIMIT 1), since);
    IF topic IS NULL THEN
        RETURN QUERY SELECT DISTINCT x.comment_id, x.at
        FROM unnest(scopes, firsts) AS s(scope, first) CROSS JOIN LATERAL (
            SELECT r.comment_id, r.at FROM comment_reach AS r
            WHERE r.scope = s.scope AND r.at >= least AND (r.at, r.comment_id) < (after_at, after_id)
            ORDER BY r.at DESC, r.comment_id DESC LIMIT most) AS x
        WHERE s.first >= least ORDER BY 2 DESC, 1 DESC LIMIT most;
    ELSE
        RETURN QUERY SELECT DISTINCT x.comment_id, x.at
        FROM unnest(scopes, firsts) AS s(scope, first) CROSS JOIN LATERAL (
            SELECT r.comment_id, r.at FROM comment_reach AS r
            WHERE r.scope = s.scope AND r.topic = comment_candidates.topic AND r.at >= least AND (r.at, r.comment_id) < (after_at, after_id)
            ORDER BY r.at DESC, r.comment_id DESC LIMIT most) AS x
        WHERE s.first >= least ORDER BY 2 DESC, 1 DESC LIMIT most;
    END IF;
END
$$;
COMMENT ON FUNCTION comment_candidates(text, timestamptz, timestamptz, bigint, bigint) IS
    'The newest comments within the caller''s scopes, on that topic where one is given, since a moment and before a moment and a number. The '
    'policies say what of them is seen.';
GRANT EXECUTE ON FUNCTION comment_candidates(text, timestamptz, timestamptz, bigint, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION comments_whole() RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (comment_scopes_reached()).whole;
END
$$;
COMMENT ON FUNCTION comments_whole() IS 'Whether the caller sees all of everything that is commented on in their company.';
GRANT EXECUTE ON FUNCTION comments_whole() TO jiayi_app;

CREATE OR REPLACE FUNCTION comments_found(topic text, since timestamptz, after_at timestamptz, after_id bigint, most bigint)
    RETURNS SETOF comment LANGUAGE plpgsql STABLE ROWS 50 AS $$
DECLARE
    at  timestamptz := coalesce(after_at, 'infinity');
    id  bigint := coalesce(after_id, 0);
    ids bigint[];
    ats timestamptz[];
    n   bigint := 0;
    got bigint;
BEGIN
    IF jiayi.comments_whole() THEN
        RETURN;
    END IF;
    LOOP
        SELECT array_agg(f.id), array_agg(f.at) INTO ids, ats
        FROM jiayi.comment_candidates(topic, coalesce(since, '-infinity'), at, id, most) AS f;
        EXIT WHEN ids IS NULL;
        RETURN QUERY SELECT c.* FROM jiayi.comment AS c WHERE c.id = ANY (ids) AND c.company_id = jiayi.me_company() ORDER BY c.at DESC, c.id DESC LIMIT most - n;
        GET DIAGNOSTICS got = ROW_COUNT;
        n := n + got;
        EXIT WHEN n = most OR cardinality(ids) < most;
        at := ats[most];
        id := ids[most];
    END LOOP;
END
$$;
COMMENT ON FUNCTION comments_found(text, timestamptz, timestamptz, bigint, bigint) IS
    'The newest comments on things of the caller''s company that the caller sees, who does not see all of it; nothing for who does.';
GRANT EXECUTE ON FUNCTION comments_found(text, timestamptz, timestamptz, bigint, bigint) TO jiayi_app;

---- Tables

-- It repeats what others say.
CALL protect('comment_reach', NULL);
CALL open_to_auth('comment_reach', 'SELECT, INSERT, DELETE');
CREATE TRIGGER reach AFTER INSERT ON comment REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION comment_reach_added();
CREATE TRIGGER comments AFTER UPDATE OF owner_id ON deal FOR EACH ROW EXECUTE FUNCTION comment_follow();
CREATE TRIGGER comments AFTER UPDATE OF owner_id ON customer FOR EACH ROW EXECUTE FUNCTION comment_follow();
CREATE TRIGGER comments AFTER UPDATE OF assignee_id, on_id ON task FOR EACH ROW EXECUTE FUNCTION comment_follow();
CREATE TRIGGER comments AFTER INSERT OR DELETE ON participant FOR EACH ROW EXECUTE FUNCTION comment_follow();
-- What was said before there was this table: nothing, but in the upgrade that brings it. This file is read when all the others' policies are there.
SELECT comments_put(ARRAY(SELECT c.id FROM comment AS c WHERE NOT EXISTS (SELECT FROM comment_reach AS r WHERE r.comment_id = c.id)));
