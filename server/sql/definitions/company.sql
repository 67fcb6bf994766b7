-- Companies: who sees which, their names for whom they share with, and how one is made.

CREATE OR REPLACE FUNCTION slug_of(company_id bigint) RETURNS text
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER AS $$
BEGIN
    RETURN (SELECT c.slug FROM jiayi.company AS c WHERE c.id = slug_of.company_id
        AND jiayi.knows_company(c.id));
END
$$;
COMMENT ON FUNCTION slug_of(bigint) IS
    'The short name of a company that the caller knows; NULL of any other.';
GRANT EXECUTE ON FUNCTION slug_of(bigint) TO jiayi_app, jiayi_auth;

-- For lists, in which the same few stand again and again: a look-up costs ten times what remembering one
-- does. Like me_reach(), a setting that ends with the transaction.
CREATE OR REPLACE FUNCTION slug_known(company_id bigint) RETURNS text
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER AS $$
DECLARE
    known text := coalesce(nullif(current_setting('jiayi.slugs', true), ''), ' ');
    slug  text := split_part(split_part(known, ' ' || company_id || '=', 2), ' ', 1);
BEGIN
    IF slug = '' THEN
        slug := jiayi.slug_of(company_id);
        PERFORM set_config('jiayi.slugs', known || company_id || '=' || slug || ' ', true) WHERE slug IS NOT NULL;
    END IF;
    RETURN slug;
END
$$;
COMMENT ON FUNCTION slug_known(bigint) IS 'slug_of(), remembered for the rest of the call.';
GRANT EXECUTE ON FUNCTION slug_known(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION company_of(member_id bigint) RETURNS text
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER AS $$
BEGIN
    RETURN (SELECT c.slug FROM jiayi.member AS m JOIN jiayi.company AS c ON c.id = m.company_id
        WHERE m.id = company_of.member_id AND jiayi.knows_company(c.id));
END
$$;
COMMENT ON FUNCTION company_of(bigint) IS
    'The short name of the company of a member, if the caller knows it.';
GRANT EXECUTE ON FUNCTION company_of(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION domain_owner(email text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT d.company_id FROM jiayi.company_domain AS d
    WHERE d.domain = lower(split_part(email, '@', 2))
$$;
COMMENT ON FUNCTION domain_owner(text) IS
    'The company that has the domain of an address, or NULL.';
GRANT EXECUTE ON FUNCTION domain_owner(text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION check_domain(email text, company_id bigint) RETURNS void
    LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF domain_owner(email) <> check_domain.company_id THEN
        PERFORM refuse('JY009', 'addresses in %s join by invitation: leave out --password-file',
            ROW(lower(split_part(email, '@', 2))));
    END IF;
END
$$;
COMMENT ON FUNCTION check_domain(text, bigint) IS
    'Ends the call where an address is in the domain of another company than this one, which then '
    'sets no password for it. A domain is no secret; whether an address exists is one.';
GRANT EXECUTE ON FUNCTION check_domain(text, bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION domain_add(domain text, company text)
    RETURNS TABLE (domain_name text, slug text, added_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    owner bigint;
    has   bigint;
BEGIN
    SELECT c.id INTO owner FROM company AS c WHERE c.slug = domain_add.company;
    IF owner IS NULL THEN
        PERFORM refuse('JY005', 'no company %s', ROW(domain_add.company));
    ELSIF EXISTS (SELECT FROM mail_service AS m WHERE m.domain = lower(domain_add.domain)) THEN
        PERFORM refuse('JY009', 'everybody can have an address in %s: it is no company''s own',
            ROW(lower(domain_add.domain)));
    END IF;
    INSERT INTO company_domain (domain, company_id) VALUES (lower(domain_add.domain), owner)
    ON CONFLICT ON CONSTRAINT company_domain_pkey DO NOTHING;
    IF NOT FOUND THEN
        SELECT d.company_id INTO has FROM company_domain AS d
        WHERE d.domain = lower(domain_add.domain);
        PERFORM refuse('JY006', '%s has %s already',
            ROW((SELECT c.slug FROM company AS c WHERE c.id = has), lower(domain_add.domain)));
    END IF;
    RETURN QUERY SELECT d.domain, domain_add.company, d.added_at FROM company_domain AS d
        WHERE d.domain = lower(domain_add.domain);
END
$$;
COMMENT ON FUNCTION domain_add(text, text) IS 'Gives a company an e-mail domain; for operators.';
GRANT EXECUTE ON FUNCTION domain_add(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION company_create(
    slug text, name text, admin text, phc text, admin_name text, time_zone text, language text)
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
        PERFORM refuse('JY006', 'there is a company %s already; take another short name',
            ROW(slug));
    END IF;
    UPDATE company_profile AS p SET time_zone = coalesce(zone_known(company_create.time_zone), p.time_zone),
        language = coalesce(company_create.language, p.language)
    WHERE p.company_id = made AND num_nonnulls(company_create.time_zone, company_create.language) > 0;
    IF language <> 'zh' THEN
        PERFORM choice_default(made, language);
        PERFORM pipeline_make(made, language);
    END IF;
    INSERT INTO member (company_id, person_id, email, name, role_id)
    VALUES (made, person_new(), lower(admin), admin_name,
            (SELECT r.id FROM role AS r WHERE r.company_id IS NULL AND r.name = 'admin'))
    RETURNING id INTO first;
    INSERT INTO company_domain (domain, company_id)
    SELECT split_part(lower(admin), '@', 2), made
    WHERE length(split_part(admin, '@', 2)) <= 253
      AND NOT EXISTS (SELECT FROM mail_service AS s
                      WHERE s.domain = split_part(lower(admin), '@', 2))
    ON CONFLICT ON CONSTRAINT company_domain_pkey DO NOTHING;
    IF phc IS NOT NULL THEN
        PERFORM check_domain(admin, made);
    END IF;
    code := password_give(first, phc);
    RETURN QUERY SELECT c.id, c.slug, c.name, c.created_at, code, (SELECT j.expires_at
        FROM join_code AS j WHERE j.member_id = first) FROM company AS c WHERE c.id = made;
END
$$;
COMMENT ON FUNCTION company_create(text, text, text, text, text, text, text) IS
    'Makes a company and its first admin. phc is the admin''s password''s hash; NULL: the answer '
    'has a code by which the admin sets it. Without a time zone it is in UTC.';
GRANT EXECUTE ON FUNCTION company_create(text, text, text, text, text, text, text) TO jiayi_app;

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
CREATE TRIGGER sessions AFTER UPDATE OF slug, is_system ON company
    FOR EACH ROW EXECUTE FUNCTION session_of_company();

CALL protect('mail_service', 'domain', '');
CALL open_to_auth('mail_service', 'SELECT');

CALL protect('company_domain', 'domain');
CREATE POLICY own ON company_domain FOR SELECT TO jiayi_app
    USING (company_id = me_company() OR me_operator());
CREATE POLICY release ON company_domain FOR DELETE TO jiayi_app
    USING (company_id = me_company() OR me_operator());
GRANT SELECT, DELETE ON company_domain TO jiayi_app;
CALL open_to_auth('company_domain', 'SELECT, INSERT');
