-- What operators and probes may know of the server: its schema's version, and how it is.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

INSERT INTO permission (name, reads, shareable, note) VALUES
    ('server.read', 'server.read', false, 'see how the server is; for operators');
SET CONSTRAINTS ALL IMMEDIATE;
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, 'server.read', 'company' FROM role AS r
WHERE r.name = 'operator' AND r.company_id IS NULL;

CALL open_to_auth('schema_migration', 'SELECT');
CREATE FUNCTION schema_version() RETURNS int LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT max(m.version) FROM jiayi.schema_migration AS m);
END
$$;
COMMENT ON FUNCTION schema_version() IS 'The number of the last migration that was applied.';
GRANT EXECUTE ON FUNCTION schema_version() TO jiayi_app;
CALL give_to_auth('schema_version()');
