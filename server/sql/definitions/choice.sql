-- A company's lists of words, and tags: which of them a thing has.

CREATE OR REPLACE FUNCTION choice_default(company_id bigint, language text) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO choice_list (company_id, list, single, closed, title)
    SELECT choice_default.company_id, v.list, v.single, v.closed,
           CASE language WHEN 'zh' THEN v.zh WHEN 'sq' THEN v.sq ELSE v.en END FROM (VALUES
        ('source', true, true, '线索来源', 'Source', 'Burimi'),
        ('intent', true, true, '意向', 'Intent', 'Interesi'),
        ('lost_reason', true, true, '丢单原因', 'Reason of loss', 'Arsyeja e humbjes'),
        ('industry', true, false, '行业', 'Industry', 'Sektori'),
        ('need', false, false, '需求', 'Need', 'Nevoja'),
        ('competitor', false, false, '竞争对手', 'Competitor', 'Konkurrenti'),
        ('customer_type', true, true, '客户类型', 'Type of customer', 'Lloji i klientit')
    ) AS v(list, single, closed, zh, en, sq)
    ON CONFLICT ON CONSTRAINT choice_list_pkey DO UPDATE SET title = excluded.title;
    INSERT INTO choice (company_id, list, code, position, label)
    SELECT choice_default.company_id, v.list, v.code, v.position,
           CASE language WHEN 'zh' THEN v.zh WHEN 'sq' THEN v.sq ELSE v.en END FROM (VALUES
        ('source', 'referral', 1, '转介绍', 'Referral', 'Rekomandim'),
        ('source', 'exhibition', 2, '展会', 'Exhibition', 'Panair'),
        ('source', 'website', 3, '官网', 'Website', 'Faqja e internetit'),
        ('source', 'cold_call', 4, '陌生拜访', 'Cold call', 'Kontakt i parë'),
        ('source', 'partner', 5, '合作伙伴', 'Partner', 'Partner'),
        ('source', 'other', 6, '其他', 'Other', 'Tjetër'),
        ('intent', 'high', 1, '高', 'High', 'I lartë'),
        ('intent', 'medium', 2, '中', 'Medium', 'Mesatar'),
        ('intent', 'low', 3, '低', 'Low', 'I ulët'),
        ('lost_reason', 'price', 1, '价格', 'Price', 'Çmimi'),
        ('lost_reason', 'competitor', 2, '竞争对手', 'Competitor', 'Konkurrenti'),
        ('lost_reason', 'no_budget', 3, '没有预算', 'No budget', 'Pa buxhet'),
        ('lost_reason', 'no_decision', 4, '迟迟不决', 'No decision', 'Pa vendim'),
        ('lost_reason', 'timing', 5, '时机不合适', 'Timing', 'Koha'),
        ('lost_reason', 'no_need', 6, '没有需求', 'No need', 'Pa nevojë'),
        ('lost_reason', 'unreachable', 7, '联系不上', 'Unreachable', 'I paarritshëm'),
        ('lost_reason', 'other', 8, '其他', 'Other', 'Tjetër'),
        ('customer_type', 'budget_no_authority', 1, '有预算没决策权', 'Budget without authority', 'Buxhet pa vendimmarrje'),
        ('customer_type', 'hesitant', 2, '有意愿但犹豫', 'Willing but hesitant', 'Ka dëshirë, por heziton'),
        ('customer_type', 'price_comparer', 3, '反复比价', 'Compares prices', 'Krahason çmimet'),
        ('customer_type', 'busy', 4, '有需求但太忙', 'Busy with a need', 'Ka nevojë, por s''ka kohë'),
        ('customer_type', 'other', 5, '其他', 'Other', 'Tjetër')
    ) AS v(list, code, position, zh, en, sq)
    ON CONFLICT ON CONSTRAINT choice_pkey DO UPDATE SET label = excluded.label;
END
$$;
COMMENT ON FUNCTION choice_default(bigint, text) IS
    'Gives a new company the lists that it begins with, in its language.';
GRANT EXECUTE ON FUNCTION choice_default(bigint, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION choice_of_company() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM choice_default(NEW.id, 'zh');
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION choice_of_company() IS 'Trigger: a new company has lists.';

CREATE OR REPLACE FUNCTION choice_list_own(list text, field text) RETURNS choice_list LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found choice_list;
BEGIN
    SELECT l.* INTO found FROM choice_list AS l
    WHERE l.company_id = me_company() AND l.list = choice_list_own.list;
    IF found.list IS NULL THEN
        PERFORM refuse('JY003', 'there is no list %s; the lists are %s', ROW(list, (SELECT
            string_agg(l.list, ', ' ORDER BY l.list) FROM choice_list AS l WHERE l.company_id = me_company())),
            field => choice_list_own.field);
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION choice_list_own(text, text) IS
    'A list of the caller''s company; the call ends where there is none, and blames the field.';
GRANT EXECUTE ON FUNCTION choice_list_own(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION choice_missing(list text, code text) RETURNS void LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM refuse('JY003', 'the list %s has no code %s; its codes are %s', ROW(list, code, (SELECT
        string_agg(c.code, ', ' ORDER BY c.position, c.code) FROM choice AS c
        WHERE c.list = choice_missing.list AND c.active)), field => 'tags');
END
$$;
COMMENT ON FUNCTION choice_missing(text, text) IS
    'Ends the call: a list that is closed has not that code.';
GRANT EXECUTE ON FUNCTION choice_missing(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION choice_list_set(list text, title text, single boolean, closed boolean)
    RETURNS SETOF choice_list LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    had choice_list;
BEGIN
    SELECT l.* INTO had FROM choice_list AS l
    WHERE l.company_id = me_company() AND l.list = choice_list_set.list;
    IF choice_list_set.title IS NULL AND had.list IS NULL THEN
        PERFORM refuse('JY003', 'a new list needs a title; give one with --title', field => 'title');
    ELSIF choice_list_set.single AND EXISTS (SELECT FROM tag AS t
            WHERE t.company_id = me_company() AND t.list = choice_list_set.list
            GROUP BY t.on_kind, t.on_id HAVING count(*) > 1) THEN
        PERFORM refuse('JY009', 'some things have several codes of %s; take all but one from each first',
            ROW(list));
    END IF;
    RETURN QUERY INSERT INTO choice_list AS l (company_id, list, title, single, closed)
    VALUES (me_company(), choice_list_set.list, coalesce(choice_list_set.title, had.title),
            coalesce(choice_list_set.single, had.single, false), coalesce(choice_list_set.closed, had.closed, false))
    ON CONFLICT ON CONSTRAINT choice_list_pkey DO UPDATE
        SET title = excluded.title, single = excluded.single, closed = excluded.closed
    RETURNING l.*;
END
$$;
COMMENT ON FUNCTION choice_list_set(text, text, boolean, boolean) IS
    'Makes a list of the caller''s company, or changes one; NULL: stays, or of a new one false.';
GRANT EXECUTE ON FUNCTION choice_list_set(text, text, boolean, boolean) TO jiayi_app;

CREATE OR REPLACE FUNCTION choice_set(list text, code text, label text, place int, active boolean)
    RETURNS SETOF choice LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    had choice;
BEGIN
    PERFORM choice_list_own(choice_set.list, 'list');
    SELECT c.* INTO had FROM choice AS c
    WHERE c.company_id = me_company() AND c.list = choice_set.list AND c.code = choice_set.code;
    IF choice_set.label IS NULL AND had.code IS NULL THEN
        PERFORM refuse('JY003', 'a new code needs a label; give one with --label', field => 'label');
    END IF;
    RETURN QUERY INSERT INTO choice AS c (company_id, list, code, label, position, active)
    VALUES (me_company(), choice_set.list, choice_set.code, coalesce(choice_set.label, had.label),
            coalesce(choice_set.place, had.position, (SELECT coalesce(max(x.position), 0) + 1 FROM choice AS x
                WHERE x.company_id = me_company() AND x.list = choice_set.list)),
            coalesce(choice_set.active, had.active, true))
    ON CONFLICT ON CONSTRAINT choice_pkey DO UPDATE
        SET label = excluded.label, position = excluded.position, active = excluded.active
    RETURNING c.*;
END
$$;
COMMENT ON FUNCTION choice_set(text, text, text, int, boolean) IS
    'Puts a code into a list of the caller''s company, or changes one; NULL: stays, or of a new one the '
    'last place, and in use.';
GRANT EXECUTE ON FUNCTION choice_set(text, text, text, int, boolean) TO jiayi_app;

CREATE OR REPLACE FUNCTION choice_label(company_id bigint, list text, code text) RETURNS text
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT c.label FROM jiayi.choice AS c WHERE c.company_id = choice_label.company_id
        AND c.list = choice_label.list AND c.code = choice_label.code);
END
$$;
COMMENT ON FUNCTION choice_label(bigint, text, text) IS
    'What people read for a code; NULL where the caller sees no such one.';
GRANT EXECUTE ON FUNCTION choice_label(bigint, text, text) TO jiayi_app;

---- Tags

CREATE OR REPLACE FUNCTION tag_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    thing tag := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    IF caller() IS NULL OR deciding_on_all() THEN
        RETURN thing;
    END IF;
    thing.company_id := object_company(thing.on_kind, thing.on_id);
    IF thing.company_id IS DISTINCT FROM me_company()
       OR (CASE thing.on_kind
           WHEN kind('deal') THEN reaches((SELECT d.owner_id FROM deal AS d WHERE d.id = thing.on_id), me_scope())
           WHEN kind('customer') THEN
               customer_reached((SELECT c.owner_id FROM customer AS c WHERE c.id = thing.on_id))
           END) IS NOT TRUE THEN
        PERFORM refuse('JY007', 'you may see %s but not tag it', ROW(ref(thing.on_kind, thing.on_id)));
    END IF;
    thing.author_company_id := me_company();
    thing.version := object_version(thing.on_kind, thing.on_id);
    RETURN thing;
END
$$;
COMMENT ON FUNCTION tag_guard() IS
    'Trigger: tags are given and taken by whom the called permission reaches; they have the companies of '
    'their thing and of who gave them, and the thing''s version.';

CREATE OR REPLACE FUNCTION thing_tag(on_kind smallint, on_id bigint, tags text[], remove text[], internal boolean,
    shared boolean) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    one   text;
    which choice_list;
    had   boolean;
    given text := entry_audience(internal, shared, 'internal');
BEGIN
    FOREACH one IN ARRAY remove LOOP
        DELETE FROM tag AS t WHERE t.on_kind = thing_tag.on_kind AND t.on_id = thing_tag.on_id
            AND t.list = split_part(one, '=', 1) AND t.code = split_part(one, '=', 2);
        IF NOT FOUND THEN
            PERFORM refuse('JY005', '%s has no tag %s', ROW(ref(thing_tag.on_kind, thing_tag.on_id), one),
                field => 'remove');
        END IF;
    END LOOP;
    FOREACH one IN ARRAY tags LOOP
        which := choice_list_own(split_part(one, '=', 1), 'tags');
        had := (SELECT c.active FROM choice AS c WHERE c.company_id = me_company() AND c.list = which.list
            AND c.code = split_part(one, '=', 2));
        IF had IS NULL AND which.closed THEN
            PERFORM choice_missing(which.list, split_part(one, '=', 2));
        ELSIF NOT had THEN
            PERFORM refuse('JY009', 'the code %s of the list %s is retired; jiayi choice list %s shows the '
                'others', ROW(split_part(one, '=', 2), which.list, which.list));
        ELSIF which.single AND EXISTS (SELECT FROM unnest(tags) AS o(tag)
                WHERE o.tag <> one AND split_part(o.tag, '=', 1) = which.list) THEN
            PERFORM refuse('JY003', 'of the list %s one code at most is given; name one', ROW(which.list),
                field => 'tags');
        END IF;
        DELETE FROM tag AS t WHERE t.on_kind = thing_tag.on_kind AND t.on_id = thing_tag.on_id
            AND t.list = which.list AND CASE WHEN t.code = split_part(one, '=', 2)
                THEN t.audience <> given AND num_nonnulls(internal, shared) > 0 ELSE which.single END;
        INSERT INTO tag (on_kind, on_id, list, code, audience, member_id)
        VALUES (thing_tag.on_kind, thing_tag.on_id, which.list, split_part(one, '=', 2), given, me_member())
        ON CONFLICT ON CONSTRAINT tag_pkey DO NOTHING;
    END LOOP;
END
$$;
COMMENT ON FUNCTION thing_tag(smallint, bigint, text[], text[], boolean, boolean) IS
    'Takes tags such as intent=high from a thing, which is locked, and gives it others. A code of a list that is single takes '
    'the place of the one before; a tag that is there stays, but for who sees it where that is said.';
GRANT EXECUTE ON FUNCTION thing_tag(smallint, bigint, text[], text[], boolean, boolean) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_tag(deal_id bigint, tags text[], remove text[], internal boolean, shared boolean)
    RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    -- One after the other, so that of a list that is single there is one.
    PERFORM FROM deal AS d WHERE d.id = deal_tag.deal_id FOR NO KEY UPDATE;
    PERFORM deal_seen(deal_tag.deal_id);
    PERFORM thing_tag(kind('deal'), deal_tag.deal_id, tags, remove, internal, shared);
    RETURN deal_tag.deal_id;
END
$$;
COMMENT ON FUNCTION deal_tag(bigint, text[], text[], boolean, boolean) IS
    'Takes tags from a deal and gives it others, as thing_tag() does; its number.';
GRANT EXECUTE ON FUNCTION deal_tag(bigint, text[], text[], boolean, boolean) TO jiayi_app;

CREATE OR REPLACE FUNCTION is_tagged(on_kind smallint, on_id bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
    RETURN EXISTS (SELECT FROM jiayi.tag AS t
        WHERE t.on_kind = is_tagged.on_kind AND t.on_id = is_tagged.on_id
          AND (t.audience = 'shared' OR jiayi.me_company() IN (t.company_id, t.author_company_id)));
END
$$;
COMMENT ON FUNCTION is_tagged(smallint, bigint) IS
    'Whether a thing may have tags that the caller sees. Most have none, and the policies of tags cost a '
    'quarter of what it takes to read a deal.';
GRANT EXECUTE ON FUNCTION is_tagged(smallint, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION tags_of(on_kind smallint, on_id bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT jiayi.is_tagged(on_kind, on_id) THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT jsonb_agg(jsonb_build_object('list', t.list, 'code', t.code, 'label', c.label, 'internal',
            nullif(t.audience = 'internal', false)) ORDER BY t.list, c.position, t.code)
        FROM jiayi.tag AS t LEFT JOIN jiayi.choice AS c
            ON c.company_id = t.company_id AND c.list = t.list AND c.code = t.code
        WHERE t.on_kind = tags_of.on_kind AND t.on_id = tags_of.on_id);
END
$$;
COMMENT ON FUNCTION tags_of(smallint, bigint) IS
    'The tags of a thing that the caller sees, with their labels; NULL: none.';
GRANT EXECUTE ON FUNCTION tags_of(smallint, bigint) TO jiayi_app;

-- VOLATILE, so that it sees what the same statement wrote.
CREATE OR REPLACE FUNCTION tags_now(on_kind smallint, on_id bigint) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN jiayi.tags_of(on_kind, on_id);
END
$$;
COMMENT ON FUNCTION tags_now(smallint, bigint) IS 'tags_of(), in the middle of a statement that changes them.';
GRANT EXECUTE ON FUNCTION tags_now(smallint, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION thing_tagged(on_kind smallint, on_id bigint, tags text[]) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(cardinality(tags), 0) = 0 THEN
        RETURN NULL;
    END IF;
    PERFORM jiayi.thing_tag(on_kind, on_id, tags, '{}', NULL, NULL);
    RETURN jiayi.tags_of(on_kind, on_id);
END
$$;
COMMENT ON FUNCTION thing_tagged(smallint, bigint, text[]) IS
    'Gives a thing that the same statement makes its tags, which it answers; NULL: none.';
GRANT EXECUTE ON FUNCTION thing_tagged(smallint, bigint, text[]) TO jiayi_app;

CREATE OR REPLACE FUNCTION tag_groups(tags text[]) RETURNS TABLE (n bigint, list text, codes text[])
    LANGUAGE plpgsql STABLE ROWS 2 SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY tags LOOP
        IF NOT EXISTS (SELECT FROM choice_list AS l WHERE l.list = split_part(one, '=', 1)) THEN
            PERFORM choice_list_own(split_part(one, '=', 1), 'tags');
        ELSIF NOT EXISTS (SELECT FROM choice_list AS l WHERE l.list = split_part(one, '=', 1) AND NOT l.closed)
            AND NOT EXISTS (SELECT FROM choice AS c WHERE c.list = split_part(one, '=', 1)
                AND c.code = split_part(one, '=', 2)) THEN
            PERFORM choice_missing(split_part(one, '=', 1), split_part(one, '=', 2));
        END IF;
    END LOOP;
    RETURN QUERY SELECT row_number() OVER (ORDER BY min(o.place)), split_part(o.tag, '=', 1),
        array_agg(DISTINCT split_part(o.tag, '=', 2))
    FROM unnest(tags) WITH ORDINALITY AS o(tag, place) GROUP BY split_part(o.tag, '=', 1);
END
$$;
COMMENT ON FUNCTION tag_groups(text[]) IS
    'Tags such as intent=high by their lists, in the order in which these are named; the call ends where '
    'the caller knows no such list, or a closed one without the code.';
GRANT EXECUTE ON FUNCTION tag_groups(text[]) TO jiayi_app;

CREATE OR REPLACE FUNCTION has_tags(on_kind smallint, on_id bigint, tags text[]) RETURNS boolean
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN NOT EXISTS (SELECT FROM unnest(tags) AS w(tag) GROUP BY split_part(w.tag, '=', 1)
        HAVING NOT bool_or(EXISTS (SELECT FROM jiayi.tag AS t
            WHERE t.on_kind = has_tags.on_kind AND t.on_id = has_tags.on_id
              AND t.list = split_part(w.tag, '=', 1) AND t.code = split_part(w.tag, '=', 2))));
END
$$;
COMMENT ON FUNCTION has_tags(smallint, bigint, text[]) IS
    'Whether a thing has, of each list that these tags are of, one of them that the caller sees.';
GRANT EXECUTE ON FUNCTION has_tags(smallint, bigint, text[]) TO jiayi_app;

CREATE OR REPLACE FUNCTION is_first_tag(t tag, codes text[]) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN cardinality(codes) = 1 OR NOT EXISTS (SELECT FROM jiayi.tag AS e
        WHERE e.on_kind = t.on_kind AND e.on_id = t.on_id AND e.list = t.list
          AND e.code = ANY (codes) AND e.code < t.code);
END
$$;
COMMENT ON FUNCTION is_first_tag(tag, text[]) IS
    'Whether of these codes of its list the thing has none before this one: so it is found once.';
GRANT EXECUTE ON FUNCTION is_first_tag(tag, text[]) TO jiayi_app;

CREATE OR REPLACE FUNCTION tag_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    -- Several at once are one thing to tell.
    PERFORM followers_tell('tag.added', t.on_kind, t.on_id, t.company_id, t.author_company_id, t.audience, t.member_id)
    FROM (SELECT DISTINCT a.on_kind, a.on_id, a.company_id, a.author_company_id, a.audience, a.member_id FROM added AS a) AS t;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tag_tell() IS 'Trigger: tells those who follow a thing that has got tags.';

---- Tables

CALL protect('choice_list', 'company_id,list');
CALL shape('choice_list', 'house', noun => 'choice', partners => true, changes => true);
GRANT SELECT ON choice_list TO jiayi_app;
GRANT INSERT (company_id, list, title, single, closed), UPDATE (title, single, closed)
    ON choice_list TO jiayi_app;
CALL open_to_auth('choice_list', 'SELECT, INSERT, UPDATE');

CALL protect('choice', 'company_id,list,code');
CALL shape('choice', 'house', noun => 'choice', partners => true, changes => true);
GRANT SELECT ON choice TO jiayi_app;
GRANT INSERT (company_id, list, code, label, position, active), UPDATE (label, position, active)
    ON choice TO jiayi_app;
CALL open_to_auth('choice', 'SELECT, INSERT, UPDATE');
CREATE TRIGGER choices AFTER INSERT ON company FOR EACH ROW
    WHEN (NOT NEW.is_system) EXECUTE FUNCTION choice_of_company();

CALL protect('tag', 'on_kind,on_id,list');
-- Who sees all of the company's is not asked about each thing.
CALL shape('tag', 'child', parent => 'deal', key => 'on_kind, on_id', version => 'version', author => 'member_id',
    first => 'WHEN company_id = me_company() AND sight(kind_noun(on_kind)) & 4 <> 0 THEN true');
-- Whose may be taken, the trigger says: there it can be refused with a reason.
CREATE POLICY own_delete ON tag FOR DELETE TO jiayi_app USING (true);
CALL open_to_auth('tag', 'SELECT, INSERT, DELETE');
GRANT SELECT, DELETE ON tag TO jiayi_app;
GRANT INSERT (on_kind, on_id, list, code, audience, member_id) ON tag TO jiayi_app;
CALL told('tag', 'INSERT');
CREATE TRIGGER guard BEFORE INSERT OR DELETE ON tag FOR EACH ROW EXECUTE FUNCTION tag_guard();
ALTER TABLE tag ENABLE ALWAYS TRIGGER guard;
