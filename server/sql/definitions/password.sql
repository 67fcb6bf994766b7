-- Passwords, of which only functions of jiayi_auth see the hashes.

CREATE OR REPLACE FUNCTION password_give(member_id bigint, phc text, flag text) RETURNS void
    LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    who    record;
    others text[];
BEGIN
    SELECT m.person_id, m.email INTO who FROM member AS m WHERE m.id = password_give.member_id;
    IF phc IS NULL AND NOT EXISTS (SELECT FROM credential AS k
                                   WHERE k.member_id = password_give.member_id) THEN
        SELECT array_agg(DISTINCT k.phc) INTO others FROM credential AS k
        JOIN member AS m ON m.id = k.member_id WHERE m.person_id = who.person_id;
        IF others IS NULL THEN
            PERFORM refuse('JY009', format('%s has no account yet; give a first password with --%s',
                who.email, flag));
        ELSIF cardinality(others) > 1 THEN
            PERFORM refuse('JY009', format('%s has several passwords; give one for here with --%s',
                who.email, flag));
        END IF;
        phc := others[1];
    END IF;
    INSERT INTO credential (member_id, phc) SELECT password_give.member_id, password_give.phc
    WHERE password_give.phc IS NOT NULL
    ON CONFLICT ON CONSTRAINT credential_pkey
        DO UPDATE SET phc = excluded.phc, changed_at = now();
END
$$;
COMMENT ON FUNCTION password_give(bigint, text, text) IS
    'Gives a new member the password whose hash is phc; without one, that of the person''s other '
    'memberships. flag names the client''s flag, for the refusal.';
GRANT EXECUTE ON FUNCTION password_give(bigint, text, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION password_find(address text, OUT email text, OUT phc text, OUT ended int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    SELECT (r.answer -> 0 ->> 'sessions_ended')::int INTO ended FROM call_record AS r
    WHERE r.member_id = me_member() AND r.method = current_setting('jiayi.method')
      AND r.request_id = decode(current_setting('jiayi.request_id'), 'hex');
    SELECT m.email, k.phc INTO email, phc FROM member AS m
    JOIN credential AS k ON k.member_id = m.id WHERE m.id = me_member();
    IF ended IS NULL THEN
        PERFORM login_check(email, coalesce(address, ''));
    END IF;
END
$$;
COMMENT ON FUNCTION password_find(text) IS
    'The caller''s own password''s hash, to check the old password against; throttled like signing '
    'in. ended: the call was done before, and ended so many sessions.';
GRANT EXECUTE ON FUNCTION password_find(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION password_set(phc text) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    changed bigint[];
    ended   int;
BEGIN
    WITH given AS (
        UPDATE credential AS k SET phc = password_set.phc, changed_at = now()
        FROM member AS m, member AS me, credential AS mine
        WHERE me.id = me_member() AND mine.member_id = me.id
          AND m.person_id = me.person_id AND m.id = k.member_id AND k.phc = mine.phc
        RETURNING k.member_id
    )
    SELECT array_agg(g.member_id) INTO changed FROM given AS g;
    UPDATE session AS s SET revoked_at = now()
    WHERE s.member_id = ANY (changed) AND s.id <> me_session() AND s.revoked_at IS NULL;
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
    'Sets the caller''s password, also for the memberships that have the same, ends their other '
    'sessions and says how many.';
GRANT EXECUTE ON FUNCTION password_set(text) TO jiayi_app;

---- Tables

CALL protect('credential', 'member_id', '', 'phc');
CALL open_to_auth('credential', 'SELECT, INSERT, UPDATE');
