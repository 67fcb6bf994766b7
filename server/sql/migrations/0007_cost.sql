-- What calls cost: indexes by which a page of deals costs the same however many there are, and fewer
-- lookups on the way of every call.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- Who calls, by name

CREATE FUNCTION me_email() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT current_setting('jiayi.member') $$;
COMMENT ON FUNCTION me_email() IS 'The caller''s e-mail address.';

CREATE FUNCTION me_slug() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT current_setting('jiayi.company') $$;
COMMENT ON FUNCTION me_slug() IS 'The short name of the company that the caller acts for.';

CREATE FUNCTION me_owners() RETURNS bigint[] LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN jiayi.me_sight() & 2 <> 0 THEN jiayi.me_member() || jiayi.me_team()
               ELSE ARRAY[jiayi.me_member()] END $$;
COMMENT ON FUNCTION me_owners() IS
    'Whose things a caller sees who does not see the whole company''s: the caller''s own, and those of '
    'the members below where the call reaches them.';
GRANT EXECUTE ON FUNCTION me_email(), me_slug(), me_owners() TO jiayi_app, jiayi_auth;

---- Lists of deals

-- Deals from the newest on: of an owner, of a company, shared with a vendor, each in a stage or in
-- all. NULLS LAST is not the primary key's order: where the planner guesses wrong how many deals a
-- company has, it could walk that key instead, past everybody's deals.
DROP INDEX deal_of_owner, deal_in_stage, deal_of_company, deal_of_vendor;
CREATE INDEX deal_of_owner ON deal (owner_id, id DESC NULLS LAST);
CREATE INDEX deal_of_owner_in_stage ON deal (owner_id, stage, id DESC NULLS LAST);
CREATE INDEX deal_of_company ON deal (company_id, id DESC NULLS LAST);
CREATE INDEX deal_in_stage ON deal (company_id, stage, id DESC NULLS LAST);
CREATE INDEX deal_of_vendor ON deal (vendor_id, id DESC NULLS LAST) WHERE vendor_id IS NOT NULL;
CREATE INDEX deal_of_vendor_in_stage ON deal (vendor_id, stage, id DESC NULLS LAST)
    WHERE vendor_id IS NOT NULL;

-- What is the caller's own is known by the owner alone, who belongs to the deal's company: the most
-- frequent row asks for two settings instead of four.
ALTER POLICY visible ON deal
    USING (CASE
        WHEN owner_id = me_member() THEN me_sight() & 1 <> 0
        WHEN company_id = me_company() THEN
            me_sight() & 4 <> 0
            OR (me_sight() & 2 <> 0
                AND owner_id = ANY ((SELECT me_team())::bigint[]))
        WHEN vendor_id = me_company() THEN
            me_sight() & 8 <> 0
            AND company_id = ANY ((SELECT me_principals())::bigint[])
        ELSE false END);

-- The names on a page, all at once.
CREATE FUNCTION customer_names(ids bigint[]) RETURNS TABLE (id bigint, name text)
    LANGUAGE plpgsql STABLE STRICT ROWS 50 SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT c.id, c.name FROM jiayi.customer AS c WHERE c.id = ANY (ids);
END
$$;
COMMENT ON FUNCTION customer_names(bigint[]) IS
    'customer_name() for many: of deals that the caller sees.';

CREATE FUNCTION emails_of(ids bigint[]) RETURNS TABLE (id bigint, email text)
    LANGUAGE plpgsql STABLE STRICT ROWS 50 SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT m.id, m.email FROM jiayi.member AS m WHERE m.id = ANY (ids);
END
$$;
COMMENT ON FUNCTION emails_of(bigint[]) IS
    'email_of() for many: of owners of what the caller sees.';
GRANT EXECUTE ON FUNCTION customer_names(bigint[]), emails_of(bigint[]) TO jiayi_app;
CALL give_to_auth('customer_names(bigint[])', 'emails_of(bigint[])');

---- authorize() also says the caller's names

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
           s.revoked_at, mine.bits, coalesce(mine.bits | sees.bits, mine.bits) AS sight
    INTO s
    FROM jiayi.session AS s
    JOIN jiayi.member AS m ON m.id = s.member_id
    JOIN jiayi.company AS c ON c.id = m.company_id
    LEFT JOIN jiayi.role_permission AS mine ON mine.role_id = m.role_id
        AND mine.permission = authorize.permission
    LEFT JOIN jiayi.role_permission AS sees ON sees.role_id = m.role_id
        AND sees.permission = mine.reads
    WHERE s.token_hash = authorize.token_hash;
    IF NOT FOUND OR s.revoked_at IS NOT NULL OR s.state <> 'active' THEN
        RAISE EXCEPTION USING ERRCODE = 'JY016', MESSAGE = 'sign in first: jiayi login';
    END IF;
    IF s.expires_at <= t OR s.idle_at <= t THEN
        RAISE EXCEPTION USING ERRCODE = 'JY016',
            MESSAGE = 'the session has expired; sign in again: jiayi login';
    END IF;
    IF s.bits IS NULL AND authorize.permission <> 'session' THEN
        -- The detail is for the server's log: who was refused.
        RAISE EXCEPTION USING ERRCODE = 'JY007', DETAIL = format('caller=%s %s', s.email, s.slug),
            MESSAGE = format('your role %s lacks the permission %s',
                             (SELECT r.name FROM jiayi.role AS r WHERE r.id = s.role_id),
                             authorize.permission);
    END IF;
    PERFORM set_config('jiayi.member_id', s.member_id::text, true),
            set_config('jiayi.company_id', s.company_id::text, true),
            set_config('jiayi.member', s.email, true),
            set_config('jiayi.company', s.slug, true),
            set_config('jiayi.session_id', s.id::text, true),
            set_config('jiayi.is_operator', s.is_system::text, true),
            set_config('jiayi.permission', authorize.permission, true),
            set_config('jiayi.scope', coalesce(s.bits, 0)::text, true),
            set_config('jiayi.read_scope', coalesce(s.sight, 0)::text, true),
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
            RAISE EXCEPTION USING ERRCODE = 'JY006', DETAIL = format('caller=%s %s', s.email, s.slug),
                MESSAGE = 'this request_id was used for another request';
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

---- The audit log: who it was is known by then

-- Arguments: the key's columns; the columns with the companies that the thing belongs to (none: the
-- caller's company); the
-- columns that are left out. Each is a list with commas.
CREATE OR REPLACE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    hidden  text[] := string_to_array(TG_ARGV[2], ',');
    me      bigint := nullif(current_setting('jiayi.member_id', true), '')::bigint;
    who     text := nullif(current_setting('jiayi.member', true), '');
    old_row jsonb;
    new_row jsonb;
    what    jsonb;
    key     text;
    owners  bigint[];
    one     bigint;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        old_row := to_jsonb(OLD) - hidden;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        new_row := to_jsonb(NEW) - hidden;
    END IF;
    what := coalesce(new_row, old_row);
    key := what ->> TG_ARGV[0];
    IF key IS NULL THEN
        SELECT string_agg(what ->> c.name, '/' ORDER BY c.n) INTO key
        FROM unnest(string_to_array(TG_ARGV[0], ',')) WITH ORDINALITY AS c(name, n);
    END IF;
    IF TG_ARGV[1] = 'company_id' THEN
        owners := ARRAY[(what ->> 'company_id')::bigint];
    ELSE
        SELECT array_agg(DISTINCT (what ->> c.name)::bigint) INTO owners
        FROM unnest(string_to_array(TG_ARGV[1], ',')) AS c(name)
        WHERE what ->> c.name IS NOT NULL;
    END IF;
    IF owners IS NULL OR owners[1] IS NULL THEN
        owners := ARRAY[nullif(current_setting('jiayi.company_id', true), '')::bigint];
    END IF;
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(o.key, o.value),
               jsonb_object_agg(o.key, new_row -> o.key) INTO old_row, new_row
        FROM jsonb_each(old_row) AS o WHERE o.value IS DISTINCT FROM new_row -> o.key;
        IF old_row IS NULL THEN
            RETURN NULL; -- nothing changed
        END IF;
    END IF;
    IF who IS NULL AND me IS NOT NULL THEN
        SELECT m.email INTO who FROM jiayi.member AS m WHERE m.id = me; -- while signing in
    END IF;
    FOREACH one IN ARRAY owners LOOP
        INSERT INTO jiayi.audit_log (company_id, member_id, member, method, request_id, object,
            object_id, action, before, after)
        VALUES (one, me, who,
                nullif(current_setting('jiayi.method', true), ''),
                    nullif(current_setting('jiayi.request_id', true), ''),
                TG_TABLE_NAME, key, lower(TG_OP), old_row, new_row);
    END LOOP;
    RETURN NULL;
END
$$;

---- A deal as calls answer it: names are looked up only where they are others'

-- Put into the calling statement by the planner: no call of its own. The caller's names are known;
-- and customer_name(), which costs more, only tells of a customer that the same statement made.
CREATE OR REPLACE FUNCTION deal_shown(d deal) RETURNS TABLE (
    id bigint, title text, customer text, stage text, "amount.amount" text, "amount.currency" text,
    owner text, vendor text, company text, version int, created_at timestamptz,
    updated_at timestamptz, closed_at timestamptz, lost_reason text)
LANGUAGE sql STABLE AS $$
    SELECT d.id, d.title,
           coalesce((SELECT c.name FROM jiayi.customer AS c WHERE c.id = d.customer_id),
               jiayi.customer_name(d.customer_id)),
           d.stage, d.amount::text, d.currency,
           CASE d.owner_id WHEN jiayi.me_member() THEN jiayi.me_email()
               ELSE jiayi.email_of(d.owner_id) END,
           CASE d.vendor_id WHEN jiayi.me_company() THEN jiayi.me_slug()
               ELSE jiayi.slug_of(d.vendor_id) END,
           CASE d.company_id WHEN jiayi.me_company() THEN jiayi.me_slug()
               ELSE jiayi.slug_of(d.company_id) END,
           d.version, d.created_at, d.updated_at, d.closed_at,
           CASE d.outcome WHEN 'lost' THEN d.stage_reason END
$$;
