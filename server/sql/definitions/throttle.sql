-- How wrong passwords slow down who sends them.
--
-- A wrong password uses one of each budget that it counts in; a budget gets one back in its time.
-- Who has used what is free waits before the next: 1 s, then twice as long each time, but no longer
-- than it takes to get one back. Nobody is locked out by what others do: a stranger's wrong
-- passwords count for the network that they come from, and a device that signed in before has a
-- budget of its own. Accounts are what was typed, an address and a company: unknown ones count
-- alike, and nothing of one company counts for another.

CREATE OR REPLACE FUNCTION throttle_terms(budget text, OUT free int, OUT back interval)
LANGUAGE sql IMMUTABLE AS $$
    SELECT t.free, t.back FROM (VALUES
        ('pair', 5, interval '15 minutes'),
        ('network', 100, interval '9 seconds'),
        -- Nobody waits for it: while it is used up, every network has one guess free.
        ('account', 100, interval '9 seconds'),
        ('device', 5, interval '5 minutes'),
        ('member', 5, interval '15 minutes')
    ) AS t(budget, free, back) WHERE t.budget = throttle_terms.budget
$$;
COMMENT ON FUNCTION throttle_terms(text) IS
    'How many wrong passwords of a budget are free, and in what time it gets one back, which is '
    'also the longest wait.';
GRANT EXECUTE ON FUNCTION throttle_terms(text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION network_of(address text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    host inet;
BEGIN
    -- Without the zone of a link's address; IPv4 inside IPv6 is IPv4.
    host := regexp_replace(regexp_replace(address, '%.*', ''), '^::ffff:(?=[0-9.]+$)', '', 'i');
    RETURN network(set_masklen(host, CASE family(host) WHEN 4 THEN 24 ELSE 64 END));
EXCEPTION WHEN invalid_text_representation THEN
    RETURN left(address, 100);
END
$$;
COMMENT ON FUNCTION network_of(text) IS
    'The network of an address, which is what somebody has who has one address of it: /24 of IPv4, '
    '/64 of IPv6. What is no address is its own.';
GRANT EXECUTE ON FUNCTION network_of(text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION throttle_account(email text, company text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT left(lower(email), 254) || ' ' || coalesce(company, '') $$;
COMMENT ON FUNCTION throttle_account(text, text) IS
    'The key of an account: what was typed. It must not follow which company is meant where none '
    'was typed, for waits would tell.';
GRANT EXECUTE ON FUNCTION throttle_account(text, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION throttle_keys(email text, company text, address text, device bytea)
    RETURNS TABLE (budget text, key text)
LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    account text := throttle_account(email, company);
    network text := network_of(coalesce(address, ''));
    known   bigint;
BEGIN
    SELECT d.id INTO known FROM device AS d
    JOIN member AS m ON m.id = d.member_id JOIN company AS c ON c.id = m.company_id
    WHERE d.secret_sha256 = throttle_keys.device AND m.email = lower(throttle_keys.email)
      AND m.state = 'active' AND (throttle_keys.company IS NULL OR c.slug = throttle_keys.company);
    IF known IS NOT NULL THEN
        RETURN QUERY VALUES ('device', known::text);
    ELSE
        RETURN QUERY VALUES ('account', account), ('network', network),
            ('pair', account || ' ' || network);
    END IF;
END
$$;
COMMENT ON FUNCTION throttle_keys(text, text, text, bytea) IS
    'The budgets that a wrong password counts in. device: the SHA-256 of the secret shown; that of '
    'another account is as good as none.';
GRANT EXECUTE ON FUNCTION throttle_keys(text, text, text, bytea) TO jiayi_auth;

CREATE OR REPLACE FUNCTION throttle_delay(budget text, level double precision, free int)
    RETURNS interval LANGUAGE sql IMMUTABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
    SELECT CASE WHEN round($2) < $3 THEN interval '0'
        ELSE least(t.back, interval '1 second' * 2 ^ least(round($2) - $3, 20)) END
    FROM throttle_terms($1) AS t
$$;
COMMENT ON FUNCTION throttle_delay(text, double precision, int) IS
    'How long after a wrong password the next must not come, of a budget that has so many free.';
GRANT EXECUTE ON FUNCTION throttle_delay(text, double precision, int) TO jiayi_auth;

CREATE OR REPLACE FUNCTION throttle_wait(email text, company text, address text, device bytea)
    RETURNS interval LANGUAGE sql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
    WITH used AS MATERIALIZED (
        SELECT k.budget, t.level, t.at, s.free, s.back
        FROM throttle_keys($1, $2, $3, $4) AS k
        JOIN throttle AS t ON t.budget = k.budget AND t.key = k.key
        CROSS JOIN throttle_terms(k.budget) AS s
    ), pressed AS (
        SELECT FROM used AS u WHERE u.budget = 'account'
            AND u.level - extract(epoch FROM now() - u.at) / extract(epoch FROM u.back) >= u.free
    )
    SELECT greatest(interval '0', max(u.at - now() + throttle_delay(u.budget, u.level,
        CASE WHEN u.budget = 'pair' AND EXISTS (SELECT FROM pressed) THEN 1 ELSE u.free END)))
    FROM used AS u WHERE u.budget <> 'account'
$$;
COMMENT ON FUNCTION throttle_wait(text, text, text, bytea) IS
    'How long whoever signs in so has to wait: 0 where they need not.';
GRANT EXECUTE ON FUNCTION throttle_wait(text, text, text, bytea) TO jiayi_auth;

CREATE OR REPLACE FUNCTION throttle_refuse(wait interval) RETURNS void LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    ms bigint := ceil(extract(epoch FROM wait) * 1000);
BEGIN
    IF ms > 0 THEN
        PERFORM refuse('JY008', CASE WHEN ms > 90000
                THEN 'too many wrong passwords or codes; try again in %s min'
                ELSE 'too many wrong passwords or codes; try again in %s s' END,
            ROW(ceil(ms / CASE WHEN ms > 90000 THEN 60000.0 ELSE 1000.0 END)),
            retry_after_ms => ms);
    END IF;
END
$$;
COMMENT ON FUNCTION throttle_refuse(interval) IS
    'Ends the call where there is a time to wait, and says how long.';
GRANT EXECUTE ON FUNCTION throttle_refuse(interval) TO jiayi_auth;

CREATE OR REPLACE FUNCTION throttle_use(budget text, key text) RETURNS void LANGUAGE sql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
    INSERT INTO throttle AS t (budget, key, level, at) VALUES ($1, $2, 1, now())
    ON CONFLICT ON CONSTRAINT throttle_pkey DO UPDATE SET
        level = 1 + greatest(0, t.level - extract(epoch FROM greatest(interval '0', now() - t.at))
            / extract(epoch FROM (SELECT s.back FROM throttle_terms(t.budget) AS s))),
        at = greatest(t.at, now())
$$;
COMMENT ON FUNCTION throttle_use(text, text) IS 'Notes a wrong password in one budget.';
GRANT EXECUTE ON FUNCTION throttle_use(text, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION login_fail(email text, company text, address text, device bytea)
    RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    -- In one order, so that no two wait for each other.
    PERFORM throttle_use(k.budget, k.key)
    FROM (SELECT * FROM throttle_keys(email, company, address, device) AS k
          ORDER BY k.budget, k.key) AS k;
END
$$;
COMMENT ON FUNCTION login_fail(text, text, text, bytea) IS 'Notes a wrong password of SignIn.';
GRANT EXECUTE ON FUNCTION login_fail(text, text, text, bytea) TO jiayi_login;

CREATE OR REPLACE FUNCTION login_calm(email text, company text, address text, device bytea)
    RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM throttle AS t USING throttle_keys(email, company, address, device) AS k
    WHERE t.budget = k.budget AND t.key = k.key AND k.budget IN ('pair', 'device');
END
$$;
COMMENT ON FUNCTION login_calm(text, text, text, bytea) IS
    'After a right password: forgets the wrong ones of that account from there. What the network '
    'used stays used, or one account of one''s own would clear it for guesses at others.';
GRANT EXECUTE ON FUNCTION login_calm(text, text, text, bytea) TO jiayi_login;

CREATE OR REPLACE FUNCTION device_know(session_id bigint, device bytea, new_device bytea)
    RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    who bigint := (SELECT s.member_id FROM session AS s WHERE s.id = device_know.session_id);
BEGIN
    UPDATE device AS d SET last_seen_at = now()
    WHERE d.member_id = who AND d.secret_sha256 = device_know.device;
    IF FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO device (member_id, secret_sha256) VALUES (who, device_know.new_device)
    ON CONFLICT ON CONSTRAINT device_secret_unique DO NOTHING;
    DELETE FROM device AS d WHERE d.id IN (
        SELECT o.id FROM device AS o WHERE o.member_id = who
        ORDER BY o.last_seen_at DESC, o.id DESC OFFSET 20);
    RETURN true;
END
$$;
COMMENT ON FUNCTION device_know(bigint, bytea, bytea) IS
    'Knows the device of a new session again. device and new_device are SHA-256 of secrets: of the '
    'one shown, and of one for a device that is not known yet. True: it is the new one that '
    'counts. Of a member the 20 devices seen last are kept.';
GRANT EXECUTE ON FUNCTION device_know(bigint, bytea, bytea) TO jiayi_login;

CREATE OR REPLACE FUNCTION password_fail() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM throttle_use('member', me_member()::text);
END
$$;
COMMENT ON FUNCTION password_fail() IS
    'Notes a wrong password of the caller''s: a stolen session is no way to guess it, and strangers '
    'do not slow down who is signed in.';
GRANT EXECUTE ON FUNCTION password_fail() TO jiayi_login;

CREATE OR REPLACE FUNCTION password_wait(member_id bigint) RETURNS interval LANGUAGE sql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
    SELECT t.at - now() + throttle_delay('member', t.level, s.free)
    FROM throttle AS t CROSS JOIN throttle_terms('member') AS s
    WHERE t.budget = 'member' AND t.key = $1::text
$$;
COMMENT ON FUNCTION password_wait(bigint) IS
    'How long a member has to wait who would change the own password; NULL or less than 0: not.';
GRANT EXECUTE ON FUNCTION password_wait(bigint) TO jiayi_auth;

---- Tables

CALL protect('throttle', NULL);
CALL open_to_auth('throttle', 'SELECT, INSERT, UPDATE, DELETE');

CALL protect('device', NULL);
CALL open_to_auth('device', 'SELECT, INSERT, UPDATE, DELETE');
