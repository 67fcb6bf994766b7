-- Passwords, of which only functions of jiayi_auth see the hashes.

CREATE OR REPLACE FUNCTION password_give(member_id bigint, phc text) RETURNS text
    LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    is_new boolean := NOT EXISTS (SELECT FROM credential AS k
        WHERE k.member_id = password_give.member_id);
    code   text;
BEGIN
    PERFORM person_apart(password_give.member_id);
    UPDATE session AS s SET revoked_at = now()
    WHERE s.member_id = password_give.member_id AND s.revoked_at IS NULL;
    IF phc IS NOT NULL THEN
        DELETE FROM join_code AS j WHERE j.member_id = password_give.member_id;
        INSERT INTO credential (member_id, phc, set_by)
        VALUES (password_give.member_id, password_give.phc,
            CASE WHEN NOT is_new THEN caller() END)
        ON CONFLICT ON CONSTRAINT credential_pkey DO UPDATE SET phc = excluded.phc,
            changed_at = now(), set_by = excluded.set_by, own = false, once = false,
            spent_at = NULL;
        RETURN NULL;
    END IF;
    DELETE FROM credential AS k WHERE k.member_id = password_give.member_id;
    -- 122 random bits.
    code := replace(gen_random_uuid()::text, '-', '');
    INSERT INTO join_code (member_id, code_sha256, made_by)
    VALUES (password_give.member_id, sha256(convert_to(code, 'UTF8')), caller())
    ON CONFLICT ON CONSTRAINT join_code_pkey DO UPDATE SET code_sha256 = excluded.code_sha256,
        made_by = excluded.made_by, created_at = now(), expires_at = now() + interval '7 days',
        used_at = NULL;
    RETURN code;
END
$$;
COMMENT ON FUNCTION password_give(bigint, text) IS
    'Gives a member the password whose hash is phc; NULL: takes the one that there is and answers '
    'a code by which the member sets another. Sessions and links end.';
GRANT EXECUTE ON FUNCTION password_give(bigint, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION password_find(OUT phc text, OUT ended int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    SELECT (r.answer -> 0 ->> 'sessions_ended')::int INTO ended FROM call_record AS r
    WHERE r.member_id = me_member() AND r.method = current_setting('jiayi.method')
      AND r.request_id = decode(current_setting('jiayi.request_id'), 'hex');
    SELECT k.phc INTO phc FROM credential AS k WHERE k.member_id = me_member();
    IF ended IS NULL THEN
        PERFORM throttle_refuse(password_wait(me_member()));
    END IF;
END
$$;
COMMENT ON FUNCTION password_find() IS
    'The caller''s own password''s hash, to check the old password against; with a '
    'budget for wrong ones. ended: the call was done before, and ended so many sessions.';
GRANT EXECUTE ON FUNCTION password_find() TO jiayi_login;

CREATE OR REPLACE FUNCTION password_set(phc text) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    ended int;
BEGIN
    UPDATE credential AS k SET phc = password_set.phc, changed_at = now(), set_by = NULL, own = true,
        once = false, spent_at = NULL
    WHERE k.member_id = me_member();
    UPDATE session AS s SET revoked_at = now()
    WHERE s.member_id = me_member() AND s.id <> me_session() AND s.revoked_at IS NULL;
    GET DIAGNOSTICS ended = ROW_COUNT;
    -- Sent again, the call is known by its request_id; its secrets are no part of the record.
    INSERT INTO call_record (member_id, request_id, method, request_sha256, answer)
    VALUES (me_member(), decode(current_setting('jiayi.request_id'), 'hex'),
            current_setting('jiayi.method'), sha256(''),
            jsonb_build_array(jsonb_build_object('sessions_ended', ended)));
    RETURN ended;
END
$$;
COMMENT ON FUNCTION password_set(text) IS
    'Sets the caller''s password, ends the caller''s other sessions and says how many.';
GRANT EXECUTE ON FUNCTION password_set(text) TO jiayi_login;

---- Tables

CALL protect('credential', 'member_id', '', 'phc');
CALL open_to_auth('credential', 'SELECT, INSERT, UPDATE, DELETE');

CALL protect('join_code', 'member_id', '', 'code_sha256');
CALL open_to_auth('join_code', 'SELECT, INSERT, UPDATE, DELETE');
