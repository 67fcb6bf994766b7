-- What the database says of itself; server/native/server_status.c adds the rest.
SELECT schema_version() AS schema_version, current_setting('server_version') AS database_version
