-- From here on migrations make tables, and the database's code - functions, triggers, policies and
-- rights, as they are now - is in server/sql/definitions. A migration says whose they are:
-- definitions: a3f936113d834f4124585bb6a7ccb983d89de66da2b8d167a2146235ccdd8ca5

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE TABLE schema_definition (
    name       text PRIMARY KEY,
    sha256     text NOT NULL,
    version    int NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE schema_definition IS
    'The definitions that this database has: its code, as of the last migration; kept by jiayid, '
    'seen by the owner alone.';
COMMENT ON COLUMN schema_definition.name IS 'The file''s name.';
COMMENT ON COLUMN schema_definition.sha256 IS 'The file''s SHA-256, in hexadecimal.';
COMMENT ON COLUMN schema_definition.version IS
    'The schema''s version then. A migration may undo what a definition made; so after each they '
    'are all applied anew.';
COMMENT ON COLUMN schema_definition.applied_at IS 'When it was applied.';
ALTER TABLE schema_definition ENABLE ROW LEVEL SECURITY;

-- What is SECURITY DEFINER is jiayi_auth's without being named.
DROP PROCEDURE give_to_auth(regprocedure[]);

-- What the methods' own files say now.
DROP FUNCTION kpi_define(text, text, text, text, text);
DROP TYPE kpi_view;
DROP FUNCTION role_grant(text, text);
DROP FUNCTION role_revoke(text, text);
