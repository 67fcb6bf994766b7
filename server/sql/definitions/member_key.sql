-- The keys by which members sign. A client makes the key and keeps the private half; here is the public one.

CREATE OR REPLACE FUNCTION key_add(public_key text, note text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    PERFORM factor_fresh();
    IF public_key !~ '^[0-9a-f]{64}$' THEN
        PERFORM refuse('JY003', 'a public key of Ed25519 is 64 hexadecimal digits', field => 'public_key');
    END IF;
    INSERT INTO member_key (member_id, public_key, note)
    VALUES (me_member(), decode(key_add.public_key, 'hex'), key_add.note)
    ON CONFLICT ON CONSTRAINT member_key_unique DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN
        PERFORM refuse('JY006', 'this key is somebody''s already; make another: jiayi key add');
    END IF;
    RETURN made;
END
$$;
COMMENT ON FUNCTION key_add(text, text) IS
    'Adds a key by which the caller signs; public_key in hexadecimal.';
GRANT EXECUTE ON FUNCTION key_add(text, text) TO jiayi_app;

---- Tables

CALL protect('member_key', 'id', '');
CREATE POLICY own ON member_key FOR SELECT TO jiayi_app USING (member_id = me_member()
    OR EXISTS (SELECT FROM emails_of(ARRAY[member_id])) OR EXISTS (SELECT FROM signature AS s WHERE s.key_id = member_key.id));
CREATE POLICY own_update ON member_key FOR UPDATE TO jiayi_app USING (member_id = me_member());
GRANT SELECT, UPDATE (revoked_at) ON member_key TO jiayi_app;
CALL open_to_auth('member_key', 'SELECT, INSERT, UPDATE');
