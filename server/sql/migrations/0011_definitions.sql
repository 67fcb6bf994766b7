-- From here on migrations make tables, and the database's code - functions, triggers, policies and
-- rights, as they are now - is in server/sql/definitions. A migration says whose they are:
-- definitions: 92a4ab203f6f8d99056d248deaa95c272f26d19048a03d734b50c731c7903b06

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
