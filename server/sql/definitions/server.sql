-- What the server itself asks for, without a caller.

CREATE OR REPLACE FUNCTION schema_version() RETURNS int LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT max(m.version) FROM jiayi.schema_migration AS m);
END
$$;
COMMENT ON FUNCTION schema_version() IS 'The number of the last migration that was applied.';
GRANT EXECUTE ON FUNCTION schema_version() TO jiayi_app;

CREATE OR REPLACE FUNCTION housekeeping(OUT calls bigint, OUT sessions bigint, OUT failures bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM call_record AS r WHERE r.at < now() - interval '2 days';
    GET DIAGNOSTICS calls = ROW_COUNT;
    DELETE FROM session AS s
        WHERE coalesce(s.revoked_at,
        least(s.expires_at, s.last_seen_at + s.idle_timeout)) < now() - interval '30 days';
    GET DIAGNOSTICS sessions = ROW_COUNT;
    DELETE FROM throttle AS t WHERE t.at < now() - interval '1 day';
    GET DIAGNOSTICS failures = ROW_COUNT;
    DELETE FROM file AS f WHERE f.state = 'uploading' AND f.begun_at < now() - interval '1 day';
    DELETE FROM device AS d WHERE d.last_seen_at < now() - interval '400 days';
END
$$;
COMMENT ON FUNCTION housekeeping() IS
    'Deletes what nobody needs any more: calls'' records after 2 days, dead sessions after 30, '
    'wrong passwords and uploads that nobody went on with after 1, devices after 400. The server runs it now and then.';
GRANT EXECUTE ON FUNCTION housekeeping() TO jiayi_app;

CREATE OR REPLACE FUNCTION create_operator(email text, phc text) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    INSERT INTO member (company_id, person_id, email, name, role_id)
    SELECT c.id, person_new(), lower(create_operator.email), lower(create_operator.email), r.id
    FROM company AS c, role AS r WHERE c.is_system AND r.company_id IS NULL AND r.name = 'operator'
    RETURNING id INTO made;
    PERFORM password_give(made, create_operator.phc);
    RETURN made;
END
$$;
COMMENT ON FUNCTION create_operator(text, text) IS
    'Makes the first operator of a new server; for init, as the owner. phc is the password''s '
    'argon2id hash.';

---- Tables

CALL protect('schema_migration', NULL);
CALL open_to_auth('schema_migration', 'SELECT');

CALL protect('schema_definition', NULL);
