-- The first statement of every call: who calls, and whether they may. And what is kept of a call,
-- so that one that is sent again is not applied again.

CREATE OR REPLACE FUNCTION authorize(
    token_hash bytea, permission text, request_id bytea, request_sha256 bytea, method text,
    timeout_ms int, address text,
    OUT member_id bigint, OUT company_id bigint, OUT member text, OUT company text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    s  record;
    cr record;
    t  timestamptz := now();
BEGIN
    SELECT s.id, s.member_id, m.company_id, m.email, m.role_id, m.state, c.slug,
           c.is_system, s.expires_at, s.last_seen_at, s.last_seen_at + s.idle_timeout AS idle_at,
           s.revoked_at, mine.bits, r.sights, p.noun_no,
           coalesce(mine.bits | ascii(substr(r.sights, p.noun_no, 1)) & 15, 0) AS sight
    INTO s
    FROM jiayi.session AS s
    JOIN jiayi.member AS m ON m.id = s.member_id
    JOIN jiayi.company AS c ON c.id = m.company_id
    JOIN jiayi.role AS r ON r.id = m.role_id
    LEFT JOIN jiayi.permission AS p ON p.name = authorize.permission
    LEFT JOIN jiayi.role_permission AS mine ON mine.role_id = m.role_id
        AND mine.permission = authorize.permission
    WHERE s.token_hash = authorize.token_hash;
    IF NOT FOUND OR s.revoked_at IS NOT NULL OR s.state <> 'active' THEN
        PERFORM jiayi.refuse('JY016', 'sign in first: jiayi login');
    END IF;
    IF s.expires_at <= t OR s.idle_at <= t THEN
        PERFORM jiayi.refuse('JY016', 'the session has expired; sign in again: jiayi login');
    END IF;
    IF s.bits IS NULL AND authorize.permission <> 'session' THEN
        -- The hint is for the server's log: who was refused.
        PERFORM jiayi.refuse('JY007', 'your role %s lacks the permission %s',
            ROW((SELECT r.name FROM jiayi.role AS r WHERE r.id = s.role_id), authorize.permission),
            caller => format('%s %s', s.email, s.slug));
    END IF;
    PERFORM set_config('jiayi.member_id', s.member_id::text, true),
            set_config('jiayi.company_id', s.company_id::text, true),
            set_config('jiayi.member', s.email, true),
            set_config('jiayi.company', s.slug, true),
            set_config('jiayi.session_id', s.id::text, true),
            set_config('jiayi.is_operator', s.is_system::text, true),
            set_config('jiayi.permission', authorize.permission, true),
            set_config('jiayi.scope', coalesce(s.bits, 0)::text, true),
            set_config('jiayi.sights', coalesce(overlay(s.sights PLACING chr(64 + s.sight)
                FROM s.noun_no FOR 1), s.sights), true),
            set_config('jiayi.method', authorize.method, true),
            set_config('jiayi.request_id', coalesce(encode(authorize.request_id, 'hex'), ''), true),
            set_config('statement_timeout', authorize.timeout_ms::text, true);
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
                caller => format('%s %s', s.email, s.slug));
        END IF;
    END IF;
    IF s.last_seen_at < t - interval '1 minute' THEN
        -- Of several calls at once the first notes it; none waits for another.
        UPDATE jiayi.session AS u SET last_seen_at = t, last_address = left(authorize.address, 100)
        WHERE u.id = (SELECT l.id FROM jiayi.session AS l
            WHERE l.id = s.id FOR NO KEY UPDATE SKIP LOCKED);
    END IF;
    member_id := s.member_id;
    company_id := s.company_id;
    member := s.email;
    company := s.slug;
END
$$;
COMMENT ON FUNCTION authorize(bytea, text, bytea, bytea, text, int, text) IS
    'Checks the caller''s session and permission and says who calls, for this transaction. The '
    'first statement of every call. request_sha256 is NULL except for a WRITE; one that was '
    'applied already ends in JY000.';
GRANT EXECUTE ON FUNCTION authorize(bytea, text, bytea, bytea, text, int, text)
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
CREATE POLICY own ON call_record FOR SELECT TO jiayi_app USING (member_id = me_member());
CREATE POLICY own_insert ON call_record FOR INSERT TO jiayi_app WITH
    CHECK (member_id = me_member());
GRANT SELECT, INSERT ON call_record TO jiayi_app;
CALL open_to_auth('call_record', 'SELECT, INSERT, DELETE');
