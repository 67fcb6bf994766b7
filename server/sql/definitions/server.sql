-- What the server itself asks for, without a caller.

CREATE OR REPLACE FUNCTION schema_version() RETURNS int LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT max(m.version) FROM jiayi.schema_migration AS m);
END
$$;
COMMENT ON FUNCTION schema_version() IS 'The number of the last migration that was applied.';
GRANT EXECUTE ON FUNCTION schema_version() TO jiayi_app;

CREATE OR REPLACE FUNCTION create_operator(email text, name text, phc text) RETURNS bigint
    LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    INSERT INTO member (company_id, person_id, email, name, role_id)
    SELECT c.id, person_new(), lower(create_operator.email), normalize(create_operator.name, NFC),
           r.id
    FROM company AS c, role AS r WHERE c.is_system AND r.company_id IS NULL AND r.name = 'operator'
    RETURNING id INTO made;
    PERFORM password_give(made, create_operator.phc);
    RETURN made;
END
$$;
COMMENT ON FUNCTION create_operator(text, text, text) IS
    'Makes the first operator of a new server; for init, as the owner. phc is the password''s '
    'argon2id hash.';

---- Tables

CALL protect('schema_migration', NULL);
CALL open_to_auth('schema_migration', 'SELECT');

CALL protect('schema_definition', NULL);
