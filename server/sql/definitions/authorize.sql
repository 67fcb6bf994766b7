-- The first statement of every call: who calls, and whether they may. And what is kept of a call,
-- so that one that is sent again is not applied again.

CREATE OR REPLACE FUNCTION authorize_refuse(session_id bigint, permission int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    s session;
BEGIN
    SELECT x.* INTO s FROM session AS x WHERE x.id = session_id;
    -- What caller has is for the server's log: who was refused.
    IF s.needs_factor THEN
        PERFORM refuse('JY009', 'your role requires a second factor: jiayi totp verify CODE shows it, '
            'jiayi totp enable sets one up', caller => s.caller);
    ELSIF permission = 2 THEN
        PERFORM refuse('JY007', 'a token cannot do that; sign in with your password: jiayi login',
            caller => s.caller);
    END IF;
    PERFORM refuse('JY007', CASE WHEN s.permits IS NULL THEN 'your role %s lacks the permission %s'
            ELSE 'your role %s or the token lacks the permission %s' END,
        ROW((SELECT r.name FROM role AS r JOIN member AS m ON m.role_id = r.id WHERE m.id = s.member_id),
            (SELECT p.name FROM permission AS p WHERE p.no = authorize_refuse.permission)),
        caller => s.caller);
END
$$;
COMMENT ON FUNCTION authorize_refuse(bigint, int) IS
    'Ends a call that its session does not permit, and says why.';
GRANT EXECUTE ON FUNCTION authorize_refuse(bigint, int) TO jiayi_auth;

-- The hot path of every call. One row is looked up; names are in full instead of a search_path; and of
-- what PostgreSQL sets up for each expression in each transaction, functions cost most: so there are
-- few, and what can be is prepared in the session's row.
CREATE OR REPLACE FUNCTION authorize(
    token_hash bytea, permission int, request_id bytea, request_sha256 bytea, method text,
    timeout_ms text, address text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER AS $$
#variable_conflict use_column
DECLARE
    s    record;
    cr   record;
    t    timestamptz := now();
    said text[];
BEGIN
    SELECT s.id, s.member_id, s.company_id, s.caller, s.grants, s.grants[authorize.permission] AS granted,
           coalesce(s.wider[authorize.permission], s.sights) AS sights,
           s.expires_at, s.last_seen_at, s.idle_timeout, s.revoked_at, s.needs_factor INTO s
    FROM jiayi.session AS s WHERE s.token_hash = authorize.token_hash;
    IF s.grants IS NULL OR s.revoked_at IS NOT NULL THEN
        PERFORM jiayi.refuse('JY016', 'sign in first: jiayi login');
    END IF;
    IF s.expires_at <= t OR s.last_seen_at + s.idle_timeout <= t THEN
        PERFORM jiayi.refuse('JY016', 'the session has expired; sign in again: jiayi login');
    END IF;
    IF s.granted IS NULL OR s.needs_factor AND authorize.permission <> 3 THEN
        PERFORM jiayi.authorize_refuse(s.id, authorize.permission);
    END IF;
    said := ARRAY[set_config('jiayi.member_id', s.member_id::text, true),
        set_config('jiayi.company_id', s.company_id::text, true),
        set_config('jiayi.sights', s.sights, true),
        set_config('jiayi.call', s.granted || ' ' || s.caller, true),
        set_config('statement_timeout', authorize.timeout_ms, true)];
    IF authorize.method IS NOT NULL THEN
        said := ARRAY[set_config('jiayi.method', authorize.method, true),
            set_config('jiayi.request_id', coalesce(encode(authorize.request_id, 'hex'), ''), true)];
    END IF;
    IF authorize.request_sha256 IS NOT NULL THEN
        -- The same request sent again while the first is still under way waits here for its outcome.
        PERFORM pg_advisory_xact_lock(
            hashtextextended(encode(authorize.request_id, 'hex'), s.member_id));
        SELECT r.request_sha256, r.method INTO cr FROM jiayi.call_record AS r
        WHERE r.member_id = s.member_id AND r.request_id = authorize.request_id;
        IF FOUND THEN
            IF cr.request_sha256 = authorize.request_sha256 AND cr.method = authorize.method THEN
                RAISE EXCEPTION USING ERRCODE = 'JY000',
                    MESSAGE = 'this request was applied before';
            END IF;
            PERFORM jiayi.refuse('JY006', 'this request_id was used for another request',
                caller => s.caller);
        END IF;
    END IF;
    IF s.last_seen_at < t - interval '1 minute' AND authorize.address IS NOT NULL THEN
        -- Of several calls at once the first notes it; none waits for another.
        UPDATE jiayi.session AS u SET last_seen_at = t, last_address = left(authorize.address, 100)
        WHERE u.id = (SELECT l.id FROM jiayi.session AS l
            WHERE l.id = s.id FOR NO KEY UPDATE SKIP LOCKED);
    END IF;
    RETURN s.caller;
END
$$;
COMMENT ON FUNCTION authorize(bytea, int, bytea, bytea, text, text, text) IS
    'Checks the caller''s session and permission - permission.no, or 1 for any session, 2 for none '
    'that is a token, 3 also for one that has not shown its second factor - and says who calls, for '
    'this transaction. The first statement of every call. method is NULL for what changes nothing; '
    'request_sha256 is NULL except for a WRITE; one that was applied already ends in JY000. '
    'address is NULL where the call is no use of the session, which then ends as if idle. '
    'Answers session.caller, for the log.';
GRANT EXECUTE ON FUNCTION authorize(bytea, int, bytea, bytea, text, text, text)
    TO jiayi_app, jiayi_login;

CREATE OR REPLACE FUNCTION authorize_public(method text, request_id bytea,
    timeout_ms int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('jiayi.method', method, true),
            set_config('jiayi.request_id', coalesce(encode(request_id, 'hex'), ''), true),
            set_config('statement_timeout', timeout_ms::text, true);
END
$$;
COMMENT ON FUNCTION authorize_public(text, bytea, int) IS
    'What authorize() is for methods that are open to everybody.';
GRANT EXECUTE ON FUNCTION authorize_public(text, bytea, int)
    TO jiayi_app, jiayi_login;

---- Tables

CALL protect('call_record', NULL);
CALL shape('call_record', 'named', owner => 'member_id');
GRANT SELECT, INSERT ON call_record TO jiayi_app;
CALL open_to_auth('call_record', 'SELECT, INSERT, DELETE');
