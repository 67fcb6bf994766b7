-- Cases: what they are found by, and who finds what is said in them.

CREATE OR REPLACE FUNCTION case_words(ids bigint[]) RETURNS SETOF search_words LANGUAGE sql STABLE AS $$
    SELECT c.id, c.created_at, jiayi.kind('case'), c.id, c.company_id, c.opened_company_id, NULL, NULL::int, c.text
    FROM jiayi.case_file AS c WHERE c.id = ANY (ids)
        AND CASE WHEN jiayi.caller() IS NULL THEN true ELSE jiayi.case_reads(c, c.opened_company_id) END
$$;
COMMENT ON FUNCTION case_words(bigint[]) IS
    'What cases are found by: the words of who opened them. What was decided is a statement.';
GRANT EXECUTE ON FUNCTION case_words(bigint[]) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION case_scopes(w search_words) RETURNS bigint[] LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    noun  int := noun('case');
    c     case_file;
    side  bigint;
    found bigint[] := '{}';
BEGIN
    SELECT x.* INTO c FROM case_file AS x WHERE x.id = w.on_id;
    FOREACH side IN ARRAY array_remove(ARRAY[c.company_id, c.vendor_id, c.other_vendor_id], NULL) LOOP
        -- As case_reads(), of a side instead of the caller.
        CONTINUE WHEN (w.audience = 'internal' AND w.author_company_id <> side)
            OR (c.kind = 'conflict' AND side <> c.company_id AND w.author_company_id NOT IN (c.company_id, side)
                AND NOT (c.named AND c.state IN ('decided', 'closed')));
        found := found || search_scope(CASE side WHEN c.company_id THEN 'company' ELSE 'across' END, noun, side)
            || CASE side WHEN c.opened_company_id THEN search_scope('member', noun, c.opened_by) END;
        IF side = c.company_id THEN
            found := found || search_scope('member', noun, c.handler_id)
                || CASE WHEN c.handler_id IS NULL OR c.kind = 'suggestion' THEN search_scope('all', noun, side) END;
        END IF;
    END LOOP;
    RETURN ARRAY(SELECT DISTINCT s FROM unnest(found) AS s WHERE s IS NOT NULL ORDER BY s);
END
$$;
COMMENT ON FUNCTION case_scopes(search_words) IS
    'Who finds what somebody of a company said in a case: search_sides() of that.';
GRANT EXECUTE ON FUNCTION case_scopes(search_words) TO jiayi_auth;

-- Who handles it, who the other side is and whether a decision names the two changes who finds what is said in it as well.
CREATE OR REPLACE FUNCTION case_searched() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO search_todo (kind, on_id, company_id) VALUES ('case', NEW.id, NEW.company_id);
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO search_todo (kind, on_id, company_id)
        SELECT 'comment', s.id, s.company_id FROM comment AS s WHERE s.on_kind = kind('case') AND s.on_id = NEW.id
        UNION ALL
        SELECT 'file', f.id, f.company_id FROM file AS f WHERE f.on_kind = kind('case') AND f.on_id = NEW.id;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION case_searched() IS
    'Trigger: a case is to be put into search_doc as it is now, and what was said in it where others find that from now on.';

---- Tables

CALL searched('case_file', 'INSERT', noted => 'case_searched');
CALL searched('case_file', 'UPDATE OF state, handler_id, other_vendor_id, named',
    'NEW.handler_id IS DISTINCT FROM OLD.handler_id OR NEW.other_vendor_id IS DISTINCT FROM OLD.other_vendor_id '
    'OR NEW.named <> OLD.named OR (NEW.named AND NEW.state <> OLD.state)', noted => 'case_searched');
