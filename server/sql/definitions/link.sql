-- Links: one thing refers to another.

CREATE OR REPLACE FUNCTION link_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    NEW.company_id := object_company(NEW.from_kind, NEW.from_id);
    NEW.from_version := object_version(NEW.from_kind, NEW.from_id);
    SELECT m.company_id INTO NEW.author_company_id FROM member AS m WHERE m.id = NEW.member_id;
    IF (NEW.from_kind, NEW.from_id) = (NEW.to_kind, NEW.to_id) THEN
        PERFORM refuse('JY003', 'a thing is not linked with itself; name two', field => 'to');
    ELSIF EXISTS (SELECT FROM link AS l WHERE l.from_kind = NEW.from_kind AND l.from_id = NEW.from_id
            AND l.to_kind = NEW.to_kind AND l.to_id = NEW.to_id AND l.role = NEW.role
            AND l.author_company_id = NEW.author_company_id) THEN
        PERFORM refuse('JY006', '%s is linked with %s so already',
            ROW(ref(NEW.from_kind, NEW.from_id), ref(NEW.to_kind, NEW.to_id)));
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION link_guard() IS
    'Trigger: a link has the companies of its first thing and its author, and that thing''s version.';

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION link_shown(l link) RETURNS TABLE (
    id bigint, "from" text, from_title text, role text, "to" text, to_title text, note text,
    member text, member_company text, at timestamptz, shared boolean)
LANGUAGE sql STABLE AS $$
    SELECT l.id, jiayi.ref(l.from_kind, l.from_id), jiayi.object_title(l.from_kind, l.from_id), l.role,
           jiayi.ref(l.to_kind, l.to_id), jiayi.object_title(l.to_kind, l.to_id), l.note,
           CASE l.member_id WHEN jiayi.me_member() THEN jiayi.me_email()
               ELSE jiayi.email_of(l.member_id) END,
           CASE WHEN l.author_company_id <> jiayi.me_company()
               THEN jiayi.slug_of(l.author_company_id) END,
           l.at, nullif(l.audience = 'shared', false)
$$;
COMMENT ON FUNCTION link_shown(link) IS
    'A link as calls answer it; a thing that the caller does not see has no title.';
GRANT EXECUTE ON FUNCTION link_shown(link) TO jiayi_app;

---- Tables

CALL protect('link', 'id');
CALL shape('link', 'child', key => 'from_kind, from_id', version => 'from_version');
-- Its own, because the other thing has to be seen as well.
CREATE POLICY own_insert ON link FOR INSERT TO jiayi_app
    WITH CHECK (member_id = me_member() AND company_id = object_company(from_kind, from_id)
                AND object_visible(to_kind, to_id));
GRANT SELECT ON link TO jiayi_app;
GRANT INSERT (from_kind, from_id, to_kind, to_id, role, note, audience, member_id) ON link TO jiayi_app;
CALL only_added('link');
CREATE TRIGGER guard BEFORE INSERT ON link FOR EACH ROW EXECUTE FUNCTION link_guard();
