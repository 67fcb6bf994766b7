-- Links: one thing refers to another.

CREATE OR REPLACE FUNCTION link_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    NEW.company_id := object_company(NEW.from_kind, NEW.from_id);
    NEW.from_version := object_version(NEW.from_kind, NEW.from_id);
    SELECT m.company_id INTO NEW.author_company_id FROM member AS m WHERE m.id = NEW.member_id;
    NEW.log_company_id := CASE NEW.audience WHEN 'internal' THEN NEW.author_company_id ELSE NEW.company_id END;
    NEW.sha256 := sha256(convert_to(NEW.snapshot, 'UTF8'));
    IF (NEW.from_kind, NEW.from_id) = (NEW.to_kind, NEW.to_id) THEN
        PERFORM refuse('JY003', 'a thing is not linked with itself; name two', field => 'to');
    ELSIF EXISTS (SELECT FROM link AS l WHERE l.from_kind = NEW.from_kind AND l.from_id = NEW.from_id
            AND l.to_kind = NEW.to_kind AND l.to_id = NEW.to_id AND l.role = NEW.role
            AND l.to_version IS NOT DISTINCT FROM NEW.to_version AND l.author_company_id = NEW.author_company_id) THEN
        PERFORM refuse('JY006', '%s is linked with %s so already',
            ROW(ref(NEW.from_kind, NEW.from_id), ref(NEW.to_kind, NEW.to_id)));
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION link_guard() IS
    'Trigger: a link has the companies of its first thing and its author, and that thing''s version; evidence has a digest.';

-- These two are put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION link_titled(l link, from_title text, to_title text) RETURNS TABLE (
    id bigint, "from" text, from_title text, role text, "to" text, to_title text, note text,
    member text, member_company text, at timestamptz, shared boolean)
LANGUAGE sql STABLE AS $$
    SELECT l.id, jiayi.ref(l.from_kind, l.from_id), link_titled.from_title, l.role,
           jiayi.ref(l.to_kind, l.to_id), link_titled.to_title, l.note,
           CASE l.member_id WHEN jiayi.me_member() THEN jiayi.me_email()
               ELSE jiayi.email_of(l.member_id) END,
           CASE WHEN l.author_company_id <> jiayi.me_company()
               THEN jiayi.slug_of(l.author_company_id) END,
           l.at, nullif(l.audience = 'shared', false)
$$;
COMMENT ON FUNCTION link_titled(link, text, text) IS 'A link as calls answer it, with the titles of both things.';
GRANT EXECUTE ON FUNCTION link_titled(link, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION link_shown(l link) RETURNS TABLE (
    id bigint, "from" text, from_title text, role text, "to" text, to_title text, note text,
    member text, member_company text, at timestamptz, shared boolean)
LANGUAGE sql STABLE AS $$
    SELECT v.* FROM jiayi.link_titled(l, jiayi.object_title(l.from_kind, l.from_id), jiayi.object_title(l.to_kind, l.to_id)) AS v
$$;
COMMENT ON FUNCTION link_shown(link) IS
    'A link as calls answer it; a thing that the caller does not see has no title.';
GRANT EXECUTE ON FUNCTION link_shown(link) TO jiayi_app;

CREATE OR REPLACE FUNCTION link_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM followers_tell('link.added', x.on_kind, x.on_id, l.company_id, l.author_company_id, l.audience, l.member_id)
    FROM added AS l, LATERAL (VALUES (l.from_kind, l.from_id), (l.to_kind, l.to_id)) AS x(on_kind, on_id);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION link_tell() IS 'Trigger: tells those who follow one of two things that are linked.';

---- Tables

-- What evidence says is evidence where it is; the log has its digest.
CALL protect('link', NULL);
CALL logged('link', 'id', hidden => 'snapshot');
CALL shape('link', 'child', parent => 'deal', key => 'from_kind, from_id', version => 'from_version', one_by_one => true);
-- Its own, because the other thing has to be seen as well.
CREATE POLICY own_insert ON link FOR INSERT TO jiayi_app
    WITH CHECK (member_id = me_member() AND company_id = object_company(from_kind, from_id)
                AND object_visible(to_kind, to_id));
GRANT SELECT ON link TO jiayi_app;
CALL open_to_auth('link', 'SELECT');
GRANT INSERT (from_kind, from_id, to_kind, to_id, role, note, audience, member_id, snapshot, to_version) ON link TO jiayi_app;
CALL only_added('link');
CALL told('link', 'INSERT');
CREATE TRIGGER guard BEFORE INSERT ON link FOR EACH ROW EXECUTE FUNCTION link_guard();
