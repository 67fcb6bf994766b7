-- Companies: who sees which, their names for whom they share with, and how one is made.

CREATE OR REPLACE FUNCTION slug_of(company_id bigint) RETURNS text
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT c.slug FROM jiayi.company AS c WHERE c.id = slug_of.company_id
        AND jiayi.knows_company(c.id));
END
$$;
COMMENT ON FUNCTION slug_of(bigint) IS
    'The short name of a company that the caller knows; NULL of any other.';
GRANT EXECUTE ON FUNCTION slug_of(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION company_of(member_id bigint) RETURNS text
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT c.slug FROM jiayi.member AS m JOIN jiayi.company AS c ON c.id = m.company_id
        WHERE m.id = company_of.member_id AND jiayi.knows_company(c.id));
END
$$;
COMMENT ON FUNCTION company_of(bigint) IS
    'The short name of the company of a member, if the caller knows it.';
GRANT EXECUTE ON FUNCTION company_of(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION company_create(
    slug text, name text, admin text, phc text, admin_name text)
    RETURNS SETOF company_made
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    made  bigint;
    first bigint;
    code  text;
BEGIN
    INSERT INTO company (slug, name) VALUES (company_create.slug, company_create.name)
    ON CONFLICT ON CONSTRAINT company_slug_unique DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN
        PERFORM refuse('JY006', format('there is a company %s already; take another short name',
            slug));
    END IF;
    INSERT INTO member (company_id, person_id, email, name, role_id)
    VALUES (made, person_new(), lower(admin), coalesce(admin_name, lower(admin)),
            (SELECT r.id FROM role AS r WHERE r.company_id IS NULL AND r.name = 'admin'))
    RETURNING id INTO first;
    code := password_give(first, phc);
    RETURN QUERY SELECT c.id, c.slug, c.name, c.created_at, code, (SELECT j.expires_at
        FROM join_code AS j WHERE j.member_id = first) FROM company AS c WHERE c.id = made;
END
$$;
COMMENT ON FUNCTION company_create(text, text, text, text, text) IS
    'Makes a company and its first admin. phc is the admin''s password''s hash; NULL: the answer '
    'has a code by which the admin sets it.';
GRANT EXECUTE ON FUNCTION company_create(text, text, text, text, text) TO jiayi_app;

---- Tables

CALL protect('company', 'id', 'id');
CREATE POLICY own ON company FOR SELECT TO jiayi_app
    USING (id = me_company() OR me_operator());
CREATE POLICY partners ON company FOR SELECT TO jiayi_app
    USING (id = ANY ((SELECT me_partners())::bigint[]));
GRANT SELECT ON company TO jiayi_app;
-- UPDATE only to lock the row.
CALL open_to_auth('company', 'SELECT, INSERT, UPDATE');
CREATE TRIGGER pipeline AFTER INSERT ON company FOR EACH ROW
    WHEN (NOT NEW.is_system) EXECUTE FUNCTION pipeline_default();
