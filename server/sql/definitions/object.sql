-- References: a thing of any kind, named by kind and number, such as deal/7. In tables these are the
-- columns on_kind and on_id. A new kind is a row of object_kind and a line in each CASE here.

-- Numbers of kinds never change; the test sql/object compares them with the table.
CREATE OR REPLACE FUNCTION kind(name text) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE name WHEN 'customer' THEN 1 WHEN 'contact' THEN 2 WHEN 'deal' THEN 3 WHEN 'activity' THEN 4 WHEN 'report' THEN 5
        WHEN 'contract' THEN 6 WHEN 'payment' THEN 7 WHEN 'task' THEN 8 WHEN 'case' THEN 9 WHEN 'registration' THEN 10 WHEN 'partner' THEN 11 WHEN 'kpi_line' THEN 12 WHEN 'playbook' THEN 19 WHEN 'member' THEN 21
        WHEN 'invitation' THEN 27 END::smallint
$$;
COMMENT ON FUNCTION kind(text) IS
    'object_kind.no of a kind: folded by the planner, so that statements name kinds by words.';
GRANT EXECUTE ON FUNCTION kind(text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION kind_noun(on_kind smallint) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT jiayi.noun(CASE on_kind WHEN 1 THEN 'customer' WHEN 2 THEN 'customer' WHEN 3 THEN 'deal' WHEN 4 THEN 'deal' WHEN 5 THEN 'report'
        WHEN 6 THEN 'contract' WHEN 7 THEN 'contract' WHEN 8 THEN 'task' WHEN 9 THEN 'case' WHEN 10 THEN 'registration' WHEN 11 THEN 'partner' WHEN 12 THEN 'kpi' WHEN 19 THEN 'playbook' WHEN 21 THEN 'member'
        WHEN 27 THEN 'partner' END)
$$;
COMMENT ON FUNCTION kind_noun(smallint) IS 'The noun whose sight says what is seen of a kind.';
GRANT EXECUTE ON FUNCTION kind_noun(smallint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION ref(on_kind smallint, on_id bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT k.kind FROM jiayi.object_kind AS k WHERE k.no = on_kind) || '/' || on_id;
END
$$;
COMMENT ON FUNCTION ref(smallint, bigint) IS 'A reference as people write it: deal/7.';
GRANT EXECUTE ON FUNCTION ref(smallint, bigint) TO jiayi_app, jiayi_auth;

-- The policies of the caller decide: the statement runs with the caller's rights. Here and below each
-- kind has a statement of its own: one expression of them all would have all of them set up for every
-- thing, which takes ten times as long.
CREATE OR REPLACE FUNCTION object_visible(on_kind smallint, on_id bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE on_kind
        WHEN 1 THEN RETURN jiayi.customer_shows(on_id);
        WHEN 2 THEN RETURN EXISTS (SELECT FROM jiayi.contact AS o WHERE o.id = on_id);
        WHEN 3 THEN RETURN jiayi.deal_since(on_id) IS NOT NULL;
        WHEN 4 THEN RETURN EXISTS (SELECT FROM jiayi.activity AS o WHERE o.id = on_id);
        WHEN 5 THEN RETURN jiayi.report_shows(on_id);
        WHEN 6 THEN RETURN EXISTS (SELECT FROM jiayi.contract AS o WHERE o.id = on_id);
        WHEN 7 THEN RETURN EXISTS (SELECT FROM jiayi.payment AS o WHERE o.id = on_id);
        WHEN 8 THEN RETURN EXISTS (SELECT FROM jiayi.task AS o WHERE o.id = object_visible.on_id);
        WHEN 9 THEN RETURN EXISTS (SELECT FROM jiayi.case_file AS o WHERE o.id = object_visible.on_id);
        WHEN 10 THEN RETURN EXISTS (SELECT FROM jiayi.registration AS o WHERE o.id = on_id);
        WHEN 11 THEN RETURN EXISTS (SELECT FROM jiayi.partnership AS o WHERE o.id = on_id);
        WHEN 12 THEN RETURN EXISTS (SELECT FROM jiayi.kpi_line AS o WHERE o.id = on_id);
        WHEN 19 THEN RETURN EXISTS (SELECT FROM jiayi.playbook AS o WHERE o.id = on_id);
        WHEN 21 THEN RETURN EXISTS (SELECT FROM jiayi.member AS o WHERE o.id = on_id);
        WHEN 27 THEN RETURN EXISTS (SELECT FROM jiayi.invitation AS o WHERE o.id = on_id);
        ELSE RETURN false;
    END CASE;
END
$$;
COMMENT ON FUNCTION object_visible(smallint, bigint) IS 'Whether the caller sees that thing.';
GRANT EXECUTE ON FUNCTION object_visible(smallint, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION object_shows(on_kind smallint, on_id bigint, author bigint, version int)
    RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF on_kind = 3 THEN
        RETURN EXISTS (SELECT FROM jiayi.deal AS o WHERE o.id = on_id
            AND (o.company_id = jiayi.me_company()
                 OR (o.company_id = author AND jiayi.shared_since(object_shows.on_kind, o.id,
                     o.company_id, o.vendor_id, o.shared_span, o.shared_version) <= object_shows.version)));
    ELSIF on_kind = 8 THEN
        RETURN EXISTS (SELECT FROM jiayi.task AS o WHERE o.id = object_shows.on_id
            AND (o.company_id = jiayi.me_company()
                 OR (o.company_id = author AND jiayi.shared_since(object_shows.on_kind, o.id,
                     o.company_id, o.vendor_id, o.shared_span, o.shared_version) <= object_shows.version)));
    ELSIF on_kind = 19 THEN
        RETURN EXISTS (SELECT FROM jiayi.playbook AS o WHERE o.id = object_shows.on_id
            AND (o.company_id = jiayi.me_company()
                 OR (o.company_id = author AND o.shared_version <= object_shows.version)));
    ELSIF on_kind = 9 THEN
        RETURN jiayi.case_shows(on_id, author);
    ELSIF on_kind = 1 THEN
        -- Several vendors may have deals with it, and nobody else's words are theirs.
        RETURN EXISTS (SELECT FROM jiayi.customer AS o WHERE o.id = on_id
            AND o.company_id = jiayi.me_company());
    END IF;
    RETURN jiayi.object_visible(on_kind, on_id);
END
$$;
COMMENT ON FUNCTION object_shows(smallint, bigint, bigint, int) IS
    'Whether the caller sees what was done on that thing, by somebody of the company author, when it '
    'had that version: a thing of another company shows what that company did while it was shared.';
GRANT EXECUTE ON FUNCTION object_shows(smallint, bigint, bigint, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION object_said(on_kind smallint, on_id bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN on_kind IN (6, 7, 9, 10) THEN jiayi.object_visible(on_kind, on_id)
        ELSE jiayi.sight(jiayi.kind_noun(on_kind)) & 12 <> 0 END;
END
$$;
COMMENT ON FUNCTION object_said(smallint, bigint) IS
    'Whether the caller sees what people of the own company did on that thing of another company''s: whoever sees what is shared, '
    'for good; of what has sides that keep it - contracts, payments, cases, registrations - who sees it.';
GRANT EXECUTE ON FUNCTION object_said(smallint, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION object_audience(on_kind smallint, on_id bigint, wanted text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN on_kind = 6 AND EXISTS (SELECT FROM jiayi.contract AS o WHERE o.id = on_id AND o.audience = 'internal')
        THEN 'internal' ELSE wanted END;
END
$$;
COMMENT ON FUNCTION object_audience(smallint, bigint, text) IS
    'For whom something is that is put on a thing: as wanted; on the draft of a contract for the drafting side alone, and it stays so.';
GRANT EXECUTE ON FUNCTION object_audience(smallint, bigint, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION object_version(on_kind smallint, on_id bigint) RETURNS int
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE on_kind
        WHEN 1 THEN RETURN (SELECT o.version FROM jiayi.customer AS o WHERE o.id = on_id);
        WHEN 2 THEN RETURN (SELECT o.version FROM jiayi.contact AS o WHERE o.id = on_id);
        WHEN 3 THEN RETURN (SELECT o.version FROM jiayi.deal AS o WHERE o.id = on_id);
        WHEN 5 THEN RETURN (SELECT o.version FROM jiayi.report AS o WHERE o.id = on_id);
        WHEN 6 THEN RETURN (SELECT o.version FROM jiayi.contract AS o WHERE o.id = on_id);
        WHEN 7 THEN RETURN (SELECT o.version FROM jiayi.payment AS o WHERE o.id = on_id);
        WHEN 8 THEN RETURN (SELECT o.version FROM jiayi.task AS o
                            WHERE o.id = object_version.on_id);
        WHEN 9 THEN RETURN (SELECT o.version FROM jiayi.case_file AS o WHERE o.id = object_version.on_id);
        WHEN 10 THEN RETURN (SELECT o.version FROM jiayi.registration AS o WHERE o.id = on_id);
        WHEN 19 THEN RETURN (SELECT o.version FROM jiayi.playbook AS o
                             WHERE o.id = object_version.on_id);
        ELSE RETURN NULL;
    END CASE;
END
$$;
COMMENT ON FUNCTION object_version(smallint, bigint) IS
    'The thing''s latest version; NULL for kinds that have none.';
GRANT EXECUTE ON FUNCTION object_version(smallint, bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION object_company(on_kind smallint, on_id bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE on_kind
        WHEN 1 THEN RETURN (SELECT o.company_id FROM jiayi.customer AS o WHERE o.id = on_id);
        WHEN 2 THEN RETURN (SELECT o.company_id FROM jiayi.contact AS o WHERE o.id = on_id);
        WHEN 3 THEN RETURN (SELECT o.company_id FROM jiayi.deal AS o WHERE o.id = on_id);
        WHEN 4 THEN RETURN (SELECT o.company_id FROM jiayi.activity AS o WHERE o.id = on_id);
        WHEN 5 THEN RETURN (SELECT o.company_id FROM jiayi.report AS o WHERE o.id = on_id);
        WHEN 6 THEN RETURN (SELECT o.company_id FROM jiayi.contract AS o WHERE o.id = on_id);
        WHEN 7 THEN RETURN (SELECT o.company_id FROM jiayi.payment AS o WHERE o.id = on_id);
        WHEN 8 THEN RETURN (SELECT o.company_id FROM jiayi.task AS o
                            WHERE o.id = object_company.on_id);
        WHEN 9 THEN RETURN (SELECT o.company_id FROM jiayi.case_file AS o WHERE o.id = object_company.on_id);
        WHEN 10 THEN RETURN (SELECT o.company_id FROM jiayi.registration AS o WHERE o.id = on_id);
        WHEN 11 THEN RETURN (SELECT o.principal_id FROM jiayi.partnership AS o WHERE o.id = on_id);
        WHEN 12 THEN RETURN (SELECT o.company_id FROM jiayi.kpi_line AS o WHERE o.id = on_id);
        WHEN 19 THEN RETURN (SELECT o.company_id FROM jiayi.playbook AS o
                             WHERE o.id = object_company.on_id);
        WHEN 21 THEN RETURN (SELECT o.company_id FROM jiayi.member AS o WHERE o.id = on_id);
        WHEN 27 THEN RETURN (SELECT o.principal_id FROM jiayi.invitation AS o WHERE o.id = on_id);
        ELSE RETURN NULL;
    END CASE;
END
$$;
COMMENT ON FUNCTION object_company(smallint, bigint) IS
    'The company whose that thing is: of a partnership, a contract and its payments the principal. NULL where the caller does '
    'not see it.';
GRANT EXECUTE ON FUNCTION object_company(smallint, bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION object_title(on_kind smallint, on_id bigint) RETURNS text
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE on_kind
        WHEN 1 THEN RETURN (SELECT o.name FROM jiayi.customer AS o WHERE o.id = on_id);
        WHEN 2 THEN RETURN (SELECT o.name FROM jiayi.contact AS o WHERE o.id = on_id);
        WHEN 3 THEN RETURN (SELECT o.title FROM jiayi.deal AS o WHERE o.id = on_id);
        WHEN 4 THEN RETURN (SELECT left(o.text, 80) FROM jiayi.activity AS o WHERE o.id = on_id);
        WHEN 5 THEN RETURN (SELECT v.title FROM jiayi.report AS o JOIN jiayi.revision AS v
                            ON v.on_kind = 5 AND v.on_id = o.id AND v.version = o.version
                            WHERE o.id = object_title.on_id);
        WHEN 6 THEN RETURN (SELECT o.title FROM jiayi.contract AS o WHERE o.id = on_id);
        WHEN 7 THEN RETURN (SELECT coalesce(o.title, (SELECT c.title FROM jiayi.contract AS c WHERE c.id = o.contract_id))
                            FROM jiayi.payment AS o WHERE o.id = on_id);
        WHEN 8 THEN RETURN (SELECT o.title FROM jiayi.task AS o WHERE o.id = object_title.on_id);
        WHEN 9 THEN RETURN (SELECT CASE WHEN jiayi.case_reads(o, o.opened_company_id) THEN o.title ELSE o.kind END
                            FROM jiayi.case_file AS o WHERE o.id = object_title.on_id);
        WHEN 10 THEN RETURN (SELECT o.title FROM jiayi.registration AS o WHERE o.id = on_id);
        WHEN 11 THEN RETURN (SELECT jiayi.slug_of(CASE o.principal_id WHEN jiayi.me_company()
                                 THEN o.vendor_id ELSE o.principal_id END)
                             FROM jiayi.partnership AS o WHERE o.id = on_id);
        WHEN 12 THEN RETURN (SELECT k.code || ' ' || o.period FROM jiayi.kpi_line AS o
                             JOIN jiayi.kpi AS k ON k.id = o.kpi_id WHERE o.id = on_id);
        WHEN 19 THEN RETURN (SELECT o.title FROM jiayi.playbook AS o WHERE o.id = object_title.on_id);
        WHEN 21 THEN RETURN jiayi.email_of((SELECT o.id FROM jiayi.member AS o WHERE o.id = on_id));
        WHEN 27 THEN RETURN (SELECT v.company FROM jiayi.invitation_show(on_id) AS v);
        ELSE RETURN NULL;
    END CASE;
END
$$;
COMMENT ON FUNCTION object_title(smallint, bigint) IS
    'What people call that thing; NULL where the caller does not see it.';
GRANT EXECUTE ON FUNCTION object_title(smallint, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION object_seen(ref text, OUT on_kind smallint, OUT on_id bigint)
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT k.no, split_part(ref, '/', 2)::bigint INTO on_kind, on_id
    FROM jiayi.object_kind AS k WHERE k.kind = split_part(ref, '/', 1);
    IF on_kind IS NULL THEN
        PERFORM jiayi.refuse('JY003', '%s: there is no such kind of thing; the kinds are %s',
            ROW(ref, (SELECT string_agg(k.kind, ', ' ORDER BY k.no) FROM jiayi.object_kind AS k)));
    ELSIF NOT jiayi.object_visible(on_kind, on_id) THEN
        PERFORM jiayi.refuse('JY005', 'there is no %s that you can see', ROW(ref));
    ELSIF on_kind = 1 THEN
        on_id := jiayi.customer_now(on_id);
    END IF;
END
$$;
COMMENT ON FUNCTION object_seen(text) IS
    'A reference such as deal/7, taken apart, if the caller sees that thing; the call ends where '
    'not. Of a customer that was merged, the one that it became a part of.';
GRANT EXECUTE ON FUNCTION object_seen(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION object_asked(ref text, OUT on_kind smallint, OUT on_id bigint)
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF ref IS NOT NULL THEN
        SELECT o.on_kind, o.on_id INTO on_kind, on_id FROM jiayi.object_seen(ref) AS o;
    END IF;
END
$$;
COMMENT ON FUNCTION object_asked(text) IS 'As object_seen(); NULLs for NULL.';
GRANT EXECUTE ON FUNCTION object_asked(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION object_known(ref text, OUT on_kind smallint, OUT on_id bigint)
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT k.no, split_part(ref, '/', 2)::bigint INTO on_kind, on_id
    FROM jiayi.object_kind AS k WHERE k.kind = split_part(ref, '/', 1);
    IF NOT jiayi.object_visible(on_kind, on_id)
       AND NOT EXISTS (SELECT FROM jiayi.comment AS c
            WHERE c.on_kind = object_known.on_kind AND c.on_id = object_known.on_id)
       AND NOT EXISTS (SELECT FROM jiayi.file AS f
            WHERE f.on_kind = object_known.on_kind AND f.on_id = object_known.on_id) THEN
        SELECT o.on_kind, o.on_id INTO on_kind, on_id FROM jiayi.object_seen(ref) AS o;
    ELSIF on_kind = 1 THEN
        on_id := coalesce(jiayi.customer_now(on_id), on_id);
    END IF;
END
$$;
COMMENT ON FUNCTION object_known(text) IS
    'A reference taken apart, if the caller sees that thing or something that was said of it or put on '
    'it: what a vendor said is seen for good. The call ends where neither.';
GRANT EXECUTE ON FUNCTION object_known(text) TO jiayi_app;

---- Tables

CALL protect('object_kind', 'no', '');
CALL open_to_auth('object_kind', 'SELECT');
CREATE POLICY everybody ON object_kind FOR SELECT TO jiayi_app USING (true);
GRANT SELECT ON object_kind TO jiayi_app;
