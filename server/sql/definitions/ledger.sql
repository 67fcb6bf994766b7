-- The ledger's entries. CALL witnessed('TABLE') has the function TABLE_witness(), in the table's own file,
-- write an entry for each row of evidence that is added, in the same transaction. Nothing puts the entries
-- in order, hashes or reads them yet.
--
-- An entry is an object of fixed names, as the types ledger_... have them, in the form of RFC 8785: so the
-- bytes are the same wherever they are made anew. Moments are in UTC, amounts are strings, and what is
-- absent is null. The nonce, of 122 random bits, keeps a hash that everybody may read from confirming a
-- guess at what was hashed.

CREATE OR REPLACE PROCEDURE witnessed("table" regclass, condition text DEFAULT NULL)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER witness AFTER INSERT ON %s FOR EACH ROW %s '
                   'EXECUTE FUNCTION jiayi.%I()', "table", 'WHEN (' || condition || ')',
                   (SELECT c.relname FROM pg_class AS c WHERE c.oid = "table") || '_witness');
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER witness', "table");
END
$$;
COMMENT ON PROCEDURE witnessed(regclass, text) IS
    'Has TABLE_witness() write an entry of the ledger for each row that is added to a table and meets the '
    'condition, in replication as well.';

-- In PL/pgSQL, so that what is NULL costs nothing.
CREATE OR REPLACE FUNCTION sha256_hex(words text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN encode(sha256(convert_to(words, 'UTF8')), 'hex');
END
$$;
COMMENT ON FUNCTION sha256_hex(text) IS 'The SHA-256 of a text in UTF-8, in hexadecimal.';
GRANT EXECUTE ON FUNCTION sha256_hex(text) TO jiayi_auth;

---- Tables

CALL protect('ledger_entry', NULL);
CALL open_to_auth('ledger_entry', 'INSERT');
CALL only_added('ledger_entry', 'position');
