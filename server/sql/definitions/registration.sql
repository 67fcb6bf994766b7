-- Registrations: who was first with a customer, what others are told of it, and what follows from deciding.

---- Who holds a customer

CREATE OR REPLACE FUNCTION customer_keys(name text, number text, phone text) RETURNS TABLE (kind text, key text)
    LANGUAGE sql STABLE AS $$
    SELECT k.kind, k.key FROM (VALUES ('name', jiayi.customer_key(customer_keys.name)),
        ('number', jiayi.number_key(customer_keys.number)), ('phone', jiayi.phone_key(customer_keys.phone))) AS k(kind, key)
    WHERE k.key IS NOT NULL
$$;
COMMENT ON FUNCTION customer_keys(text, text, text) IS 'By what a customer is one, whoever writes it.';
GRANT EXECUTE ON FUNCTION customer_keys(text, text, text) TO jiayi_auth;

-- Whoever closes a deal touches it: so an open one holds for so many days from today at least, whatever comes.
CREATE OR REPLACE FUNCTION deal_held(pulse deal_pulse, days int, day date) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN pulse.open THEN day ELSE greatest(pulse.touched_on, pulse.stage_on) END + days
$$;
COMMENT ON FUNCTION deal_held(deal_pulse, int, date) IS
    'The last day on which a deal holds its customer, as seen on that day: so many days after its last touch.';
GRANT EXECUTE ON FUNCTION deal_held(deal_pulse, int, date) TO jiayi_auth;

CREATE OR REPLACE FUNCTION registration_held(r registration, at timestamptz) RETURNS date LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    day  date := company_day(r.company_id, at);
    base date := company_day(r.company_id, r.protected_until - interval '1 microsecond');
    days int := (SELECT p.protect_days FROM company_profile AS p WHERE p.company_id = r.company_id);
BEGIN
    IF r.state = 'pending' THEN
        RETURN CASE WHEN r.protected_until > at THEN base + days END;
    ELSIF r.state <> 'approved' THEN
        RETURN NULL;
    END IF;
    base := greatest(base, (SELECT deal_held(p, days, day) FROM deal_pulse AS p
        WHERE p.deal_id = r.deal_id AND p.company_id = r.company_id));
    RETURN CASE WHEN base >= day THEN base END;
END
$$;
COMMENT ON FUNCTION registration_held(registration, timestamptz) IS
    'The last day on which a registration holds its customer, as things were then; of a pending one, if it is approved on '
    'the last day. NULL: it holds it no more, whatever its state says.';
GRANT EXECUTE ON FUNCTION registration_held(registration, timestamptz) TO jiayi_auth;

-- One statement for all, which looks every key up in both places, whether something is found or not.
CREATE OR REPLACE FUNCTION registration_verdict(principal bigint, name text, number text, phone text,
    OUT verdict text, OUT until date)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    day  date := today(principal);
    days int := (SELECT p.protect_days FROM company_profile AS p WHERE p.company_id = principal);
BEGIN
    SELECT CASE WHEN bool_or(h.mine) THEN 'yours' WHEN max(h.until) >= day THEN 'taken' ELSE 'free' END,
           CASE WHEN bool_or(h.mine) IS NOT TRUE AND max(h.until) >= day THEN max(h.until) END
    INTO verdict, until
    FROM (
        SELECT r.vendor_id = me_company() AS mine, u.until
        FROM customer_keys(name, number, phone) AS k
        JOIN registration_key AS x ON x.company_id = principal AND x.key_kind = k.kind AND x.key = k.key AND x.live
        JOIN registration AS r ON r.id = x.registration_id
        CROSS JOIN LATERAL (SELECT registration_held(r, now()) AS until) AS u
        WHERE u.until IS NOT NULL
        UNION ALL
        SELECT p.open AND d.vendor_id IS NOT DISTINCT FROM me_company(), deal_held(p, days, day)
        FROM (
            SELECT coalesce(c.merged_into, c.id) FROM customer_keys(name, number, phone) AS k
            JOIN customer AS c ON c.company_id = principal AND c.name_key = k.key WHERE k.kind = 'name'
            UNION
            SELECT coalesce(c.merged_into, c.id) FROM customer_keys(name, number, phone) AS k
            JOIN customer AS c ON c.company_id = principal AND c.registration_key = k.key WHERE k.kind = 'number'
            UNION
            SELECT coalesce(c.merged_into, c.id) FROM customer_keys(name, number, phone) AS k
            JOIN customer AS c ON c.company_id = principal AND phone_key(c.phone) = k.key AND c.phone IS NOT NULL
            WHERE k.kind = 'phone'
            UNION
            SELECT coalesce(c.merged_into, c.id) FROM customer_keys(name, number, phone) AS k
            JOIN contact AS o ON o.company_id = principal AND o.phone_key = k.key
            JOIN customer AS c ON c.id = o.customer_id WHERE k.kind = 'phone'
        ) AS c(id)
        JOIN deal AS d ON d.customer_id = c.id
        JOIN deal_pulse AS p ON p.deal_id = d.id AND p.company_id = principal
    ) AS h;
    verdict := coalesce(verdict, 'free');
END
$$;
COMMENT ON FUNCTION registration_verdict(bigint, text, text, text) IS
    'What a vendor is told of a customer of a principal: free; yours, where its own registration or an open deal that it has '
    'holds it; taken, until the last day of that. The principal''s own deals hold like others'' registrations.';
GRANT EXECUTE ON FUNCTION registration_verdict(bigint, text, text, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION registration_asked(principal bigint) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    most int := (SELECT p.checks_per_day FROM company_profile AS p WHERE p.company_id = principal);
    day  date := today(principal);
BEGIN
    IF principal = me_company() THEN
        PERFORM refuse('JY003', 'a company registers nothing with itself; name a principal of yours', field => 'to');
    ELSIF NOT in_reach(-principal) THEN
        PERFORM no_partner(slug_of(principal));
    END IF;
    -- One vendor's questions come one after another: so none is counted by half.
    PERFORM pg_advisory_xact_lock(hashtextextended('jiayi registration ' || principal || ' ' || me_company(), 0));
    IF (SELECT count(*) FROM registration_check AS c WHERE c.company_id = principal AND c.vendor_id = me_company()
            AND c.at >= day_begins(principal, day)) >= most THEN
        PERFORM refuse('JY008', 'your company has asked %s about %s customers today, as many as it may; go on after '
            'midnight there', ROW(slug_of(principal), most),
            retry_after_ms => ceil(extract(epoch FROM day_begins(principal, day + 1) - clock_timestamp()) * 1000)::bigint);
    END IF;
END
$$;
COMMENT ON FUNCTION registration_asked(bigint) IS
    'Ends the call where that company is no principal with a contract in force, or the caller''s company has asked it as '
    'often today as it may.';
GRANT EXECUTE ON FUNCTION registration_asked(bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION registration_note(principal bigint, name text, verdict text, until date) RETURNS void
    LANGUAGE sql AS $$
    INSERT INTO jiayi.registration_check (company_id, vendor_id, member_id, key_sha256, verdict, until_on)
    VALUES (principal, jiayi.me_company(), jiayi.me_member(),
        sha256(convert_to(jiayi.customer_key(name), 'UTF8')), verdict, until)
$$;
COMMENT ON FUNCTION registration_note(bigint, text, text, date) IS 'Notes what the caller''s company was told.';
GRANT EXECUTE ON FUNCTION registration_note(bigint, text, text, date) TO jiayi_auth;

-- Whether a customer that is free was theirs once, and whether one that is taken is theirs or another's, is more work or less: what
-- is done ends a whole number of times 20 ms after it began, so that the time does not tell. There are only so many questions a day.
CREATE OR REPLACE FUNCTION registration_pace() RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_sleep(0.02 - mod(extract(epoch FROM clock_timestamp() - statement_timestamp())::numeric, 0.02));
END
$$;
COMMENT ON FUNCTION registration_pace() IS 'Waits until the call''s statement has run for a whole number of times 20 ms.';
GRANT EXECUTE ON FUNCTION registration_pace() TO jiayi_auth;

CREATE OR REPLACE FUNCTION registration_ask(principal bigint, name text, number text, phone text,
    OUT verdict text, OUT until date)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM registration_asked(principal);
    SELECT v.verdict, v.until INTO verdict, until FROM registration_verdict(principal, name, number, phone) AS v;
    PERFORM registration_note(principal, name, verdict, until);
    PERFORM registration_pace();
END
$$;
COMMENT ON FUNCTION registration_ask(bigint, text, text, text) IS
    'As registration_verdict(), noted and counted.';
GRANT EXECUTE ON FUNCTION registration_ask(bigint, text, text, text) TO jiayi_app;

-- What is over is expired first, so that its keys are free. Of two who come at once the second waits on the index for the
-- first, and then finds it there; each takes its keys in one order.
CREATE OR REPLACE FUNCTION registration_register(principal bigint, title text, name text, number text, phone text,
    contact text, amount numeric, currency text, words text, OUT id bigint, OUT refusal text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    told   record;
    ends   timestamptz;
    taken  int;
    said   text;
    more   text;
BEGIN
    PERFORM registration_asked(principal);
    LOOP
        UPDATE registration AS r SET state = 'expired' FROM registration_key AS x, customer_keys(name, number, registration_register.phone) AS k
        WHERE x.company_id = principal AND x.key_kind = k.kind AND x.key = k.key AND x.live AND r.id = x.registration_id
          AND r.state IN ('pending', 'approved') AND registration_held(r, now()) IS NULL;
        SELECT v.verdict, v.until INTO told FROM registration_verdict(principal, name, number, phone) AS v;
        EXIT WHEN told.verdict <> 'free';
        SELECT day_ends(principal, today(principal) + p.review_days) INTO ends
        FROM company_profile AS p WHERE p.company_id = principal;
        BEGIN
            INSERT INTO registration AS r (company_id, vendor_id, member_id, title, customer_name, registration_no, phone,
                contact, amount, currency, text, protected_until, due_at)
            VALUES (principal, me_company(), me_member(), registration_register.title, btrim(name), number,
                registration_register.phone, registration_register.contact, registration_register.amount,
                registration_register.currency, words, ends, ends)
            RETURNING r.id INTO id;
            INSERT INTO registration_key (registration_id, key_kind, company_id, key)
            SELECT registration_register.id, k.kind, principal, k.key FROM customer_keys(name, number, phone) AS k ORDER BY k.kind, k.key
            ON CONFLICT (company_id, key_kind, key) WHERE live DO NOTHING;
            GET DIAGNOSTICS taken = ROW_COUNT;
            IF taken < (SELECT count(*) FROM customer_keys(name, number, phone)) THEN
                RAISE EXCEPTION USING ERRCODE = 'JYRAC';
            END IF;
            EXIT;
        EXCEPTION WHEN SQLSTATE 'JYRAC' THEN
            id := NULL;
        END;
    END LOOP;
    PERFORM registration_note(principal, name, told.verdict, told.until);
    IF id IS NULL THEN
        -- Not by ending the transaction: that it was asked counts.
        BEGIN
            IF told.verdict = 'yours' THEN
                PERFORM refuse('JY006', 'your company has %s already; see: jiayi registration list, jiayi deal list',
                    ROW(name), field => 'customer');
            END IF;
            PERFORM refuse('JY006', 'registered by another until %s', ROW(told.until), field => 'customer');
        EXCEPTION WHEN SQLSTATE 'JY006' THEN
            GET STACKED DIAGNOSTICS said = MESSAGE_TEXT, more = PG_EXCEPTION_DETAIL;
            refusal := jsonb_build_object('sqlstate', 'JY006', 'message', said, 'detail', more);
        END;
    END IF;
    PERFORM registration_pace();
END
$$;
COMMENT ON FUNCTION registration_register(bigint, text, text, text, text, text, numeric, text, text) IS
    'Registers a deal with a principal for the caller''s company, if the customer is free; else refusal is what is to be '
    'said, and that it was asked stays noted.';
GRANT EXECUTE ON FUNCTION registration_register(bigint, text, text, text, text, text, numeric, text, text) TO jiayi_app;

---- Changes

CREATE OR REPLACE FUNCTION registration_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    me    bigint := caller();
    needs text := CASE WHEN caller() IS NOT NULL THEN me_permission() END;
BEGIN
    -- The server's own: it is over.
    IF NEW.state = 'expired' AND (current_user = 'jiayi_auth' OR me IS NULL) THEN
        NULL;
    ELSIF me IS NOT NULL THEN
        IF (needs = 'registration.create') <> (me_company() = OLD.vendor_id)
            OR NOT sides_reached(OLD.company_id, OLD.owner_id, OLD.vendor_id, OLD.member_id, me_scope()) THEN
            PERFORM refuse('JY007', CASE needs
                WHEN 'registration.create' THEN 'you may see registration %s but not withdraw it'
                ELSE 'you may see registration %s but not decide on it' END, ROW(OLD.id));
        END IF;
        IF NEW.extended > OLD.extended AND OLD.state <> 'approved' THEN
            PERFORM refuse('JY009', 'registration %s is %s; what is approved can be extended',
                ROW(OLD.id, word('registration', OLD.state)));
        ELSIF NEW.extended > 2 THEN
            PERFORM refuse('JY009', 'registration %s was extended twice already', ROW(OLD.id));
        END IF;
        PERFORM check_transition('registration', '', OLD.id::text, OLD.state, NEW.state,
            CASE me_company() WHEN OLD.company_id THEN 'principal' ELSE 'vendor' END);
        IF registration_is_over(OLD.id) THEN
            PERFORM refuse('JY009', 'registration %s is over since %s',
                ROW(OLD.id, company_day(OLD.company_id, OLD.protected_until)));
        ELSIF me_company() = OLD.company_id THEN
            NEW.decided_by := me;
            NEW.owner_id := coalesce(NEW.owner_id, OLD.owner_id, me);
        END IF;
    END IF;
    NEW.due_at := NEW.protected_until;
    NEW.version := OLD.version + 1;
    NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
    IF NEW.state <> OLD.state THEN
        NEW.state_since := NEW.updated_at;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION registration_guard() IS
    'Trigger: a registration is decided on by the principal''s people and withdrawn by the vendor''s, as transition has it, '
    'while it is not over.';

CREATE OR REPLACE FUNCTION registration_is_over(id bigint) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT registration_held(r, now()) IS NULL FROM registration AS r WHERE r.id = registration_is_over.id
        AND me_company() = ANY (ARRAY[r.company_id, r.vendor_id]));
END
$$;
COMMENT ON FUNCTION registration_is_over(bigint) IS
    'Whether a registration of the caller''s company, on either side, holds its customer no more.';
GRANT EXECUTE ON FUNCTION registration_is_over(bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION registration_freed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    UPDATE registration_key AS x SET live = false WHERE x.registration_id = NEW.id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION registration_freed() IS 'Trigger: a registration that has ended holds its customer no more.';

-- With the caller's rights: the deal is made as any other. The customer may be the principal's already, under this name or
-- another one of its key.
CREATE OR REPLACE FUNCTION registration_approve(registration_id bigint, owner text, days int, version int) RETURNS bigint
    LANGUAGE plpgsql SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    r     registration;
    who   bigint := member_by_email(owner);
    made  bigint;
BEGIN
    SELECT * INTO r FROM registration AS x WHERE x.id = registration_id FOR UPDATE;
    IF r.id IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM check_version('registration', r.id, r.version, registration_approve.version);
    IF r.company_id = me_company() AND r.state = 'pending' AND NOT registration_is_over(r.id)
        AND sides_reached(r.company_id, r.owner_id, r.vendor_id, r.member_id, me_scope()) THEN
        INSERT INTO deal AS d (company_id, title, customer_id, amount, currency, owner_id, vendor_id)
        SELECT r.company_id, r.title, customer_registered(r.customer_name, r.registration_no, r.phone, o.id), r.amount, r.currency, o.id,
            vendor_by_slug(slug_of(r.vendor_id))
        FROM coalesce(who, r.owner_id, me_member()) AS o(id)
        RETURNING d.id INTO made;
    END IF;
    -- Whatever else is wrong the trigger says.
    UPDATE registration AS x SET state = 'approved', deal_id = made, owner_id = coalesce(who, r.owner_id, me_member()),
        protected_until = day_ends(r.company_id, today(r.company_id) + coalesce(days,
            (SELECT p.protect_days FROM company_profile AS p WHERE p.company_id = r.company_id)))
    WHERE x.id = r.id;
    RETURN r.id;
END
$$;
COMMENT ON FUNCTION registration_approve(bigint, text, int, int) IS
    'Approves a registration, and makes its deal: of the principal, shared with the vendor. NULL: the caller sees none.';
GRANT EXECUTE ON FUNCTION registration_approve(bigint, text, int, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION customer_registered(name text, number text, phone text, owner bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found bigint := customer_find(name);
BEGIN
    IF found IS NULL THEN
        SELECT coalesce(c.merged_into, c.id) INTO found FROM customer AS c
        WHERE c.company_id = me_company() AND c.registration_key = number_key(number) ORDER BY c.state = 'merged', c.id LIMIT 1;
    END IF;
    IF found IS NULL THEN
        found := customer_by_name(name, owner);
        PERFORM set_config('jiayi.deciding_on_all', 'on', true);
        UPDATE customer AS c SET registration_no = number, phone = customer_registered.phone
        WHERE c.id = found AND (number IS NOT NULL OR customer_registered.phone IS NOT NULL);
        PERFORM set_config('jiayi.deciding_on_all', '', true);
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION customer_registered(text, text, text, bigint) IS
    'The customer of the caller''s company that a registration is about, by name or number; a new one where there is none, '
    'with what the vendor wrote of it.';
GRANT EXECUTE ON FUNCTION customer_registered(text, text, text, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION registration_extension(r registration, days int) RETURNS timestamptz LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN day_ends(r.company_id,
        greatest(today(r.company_id), company_day(r.company_id, r.protected_until - interval '1 microsecond')) + days);
END
$$;
COMMENT ON FUNCTION registration_extension(registration, int) IS
    'Until when a registration is protected if it is extended by so many days.';
GRANT EXECUTE ON FUNCTION registration_extension(registration, int) TO jiayi_app;

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION registration_shown(r registration) RETURNS TABLE (
    id bigint, title text, customer text, state text, company text, vendor text, protected_until timestamptz,
    "amount.amount" text, "amount.currency" text, registration_no text, phone text, contact text, text text, member text,
    member_company text, owner text, owner_company text, decided_by text, decided_by_company text, reason text,
    deal_id bigint, extended int, version int, created_at timestamptz, updated_at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT r.id, r.title, r.customer_name, r.state, jiayi.slug_of(r.company_id), jiayi.slug_of(r.vendor_id),
           CASE WHEN r.state IN ('pending', 'approved') THEN r.protected_until END, r.amount::text, r.currency,
           r.registration_no, r.phone, r.contact, r.text, jiayi.email_of(r.member_id),
           CASE WHEN r.vendor_id <> jiayi.me_company() THEN jiayi.slug_of(r.vendor_id) END, jiayi.email_of(r.owner_id),
           CASE WHEN r.owner_id IS NOT NULL AND r.company_id <> jiayi.me_company() THEN jiayi.slug_of(r.company_id) END,
           jiayi.email_of(r.decided_by),
           CASE WHEN r.decided_by IS NOT NULL AND r.company_id <> jiayi.me_company() THEN jiayi.slug_of(r.company_id) END,
           r.reason, r.deal_id, nullif(r.extended, 0), r.version, r.created_at, r.updated_at
$$;
COMMENT ON FUNCTION registration_shown(registration) IS 'A registration as calls answer it.';
GRANT EXECUTE ON FUNCTION registration_shown(registration) TO jiayi_app;

-- VOLATILE, so that it sees what the same statement wrote.
CREATE OR REPLACE FUNCTION registration_show(id bigint) RETURNS SETOF registration LANGUAGE plpgsql VOLATILE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT r.* FROM registration AS r WHERE r.id = registration_show.id;
END
$$;
COMMENT ON FUNCTION registration_show(bigint) IS
    'A registration that the caller sees, in the middle of a statement that makes or changes it too.';
GRANT EXECUTE ON FUNCTION registration_show(bigint) TO jiayi_app;

---- Told, at its time, and proven

CREATE OR REPLACE FUNCTION registration_told(r registration, what text, to_principal boolean, to_vendor boolean)
    RETURNS void LANGUAGE sql SET search_path = jiayi, pg_catalog, pg_temp AS $$
    INSERT INTO event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    VALUES (r.company_id, r.vendor_id, 'registration.' || what, kind('registration'), r.id,
        nullif(current_setting('jiayi.member_id', true), '')::bigint,
        CASE WHEN to_principal THEN CASE WHEN r.owner_id IS NULL THEN partner_people(r.company_id)
            ELSE ARRAY[r.owner_id] END ELSE '{}' END
        || CASE WHEN to_vendor THEN ARRAY[r.member_id] ELSE '{}' END)
$$;
COMMENT ON FUNCTION registration_told(registration, text, boolean, boolean) IS
    'Tells who is responsible for a registration, on the one side, the other or both. Of the principal, where nobody is in '
    'person, those who look after partnerships.';
GRANT EXECUTE ON FUNCTION registration_told(registration, text, boolean, boolean) TO jiayi_auth;

CREATE OR REPLACE FUNCTION registration_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM registration_told(NEW, CASE WHEN TG_OP = 'INSERT' THEN 'submitted'
            WHEN NEW.extended > OLD.extended THEN 'extended' ELSE NEW.state END,
        TG_OP = 'INSERT' OR NEW.state IN ('withdrawn', 'expired'), TG_OP = 'UPDATE' AND NEW.state <> 'withdrawn');
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION registration_tell() IS
    'Trigger: tells the principal what comes, goes and is over, and the vendor what was decided and is over.';

CREATE OR REPLACE FUNCTION job_registrations(company_id bigint, slot timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    r       registration;
    held    date;
    changed bigint := 0;
    soon    timestamptz;
BEGIN
    FOR r IN SELECT x.* FROM registration AS x
        WHERE x.due_at <= slot AND x.state IN ('pending', 'approved') ORDER BY x.due_at LIMIT 1000 FOR UPDATE SKIP LOCKED
    LOOP
        held := registration_held(r, slot);
        IF held IS NULL THEN
            UPDATE registration AS x SET state = 'expired' WHERE x.id = r.id;
        ELSE -- its deal holds it: one that is open is looked at again tomorrow
            UPDATE registration AS x SET due_at = day_ends(r.company_id, least(held,
                company_day(r.company_id, slot))) WHERE x.id = r.id;
        END IF;
        changed := changed + 1;
    END LOOP;
    -- A week before, once: in the minute in which it comes to that.
    FOR r IN SELECT x.* FROM registration AS x
        WHERE x.due_at > slot - interval '1 minute' + interval '7 days' AND x.due_at <= slot + interval '7 days'
          AND x.state = 'approved'
    LOOP
        IF registration_held(r, r.protected_until) IS NULL THEN
            PERFORM registration_told(r, 'expiring', true, true);
            changed := changed + 1;
        END IF;
    END LOOP;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION job_registrations(bigint, timestamptz) IS
    'The job that has registrations expire which are over, every minute, and tells a week before. What is protected does not '
    'wait for it: that goes by the clock.';

CREATE OR REPLACE FUNCTION registration_text(r registration) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws(E'\n', jiayi.ref(jiayi.kind('registration'), r.id), r.company_id, r.vendor_id, r.member_id,
        to_char(r.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.title, r.customer_name,
        r.registration_no, r.phone, r.contact, r.amount || ' ' || r.currency, '', r.text)
$$;
COMMENT ON FUNCTION registration_text(registration) IS
    'What was registered, in lines: reference, companies, who, moment in UTC, title, customer, number, telephone, contact, '
    'amount, each left out where absent; an empty line; what else was said.';
GRANT EXECUTE ON FUNCTION registration_text(registration) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION registration_witness() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO ledger_entry (kind, on_kind, on_id, version, company_id, partner_id, at, entry)
    VALUES ('registration', kind('registration'), NEW.id, NEW.version, NEW.company_id, NEW.vendor_id, NEW.created_at,
        convert_to(row_to_json(ROW(NEW.created_at AT TIME ZONE 'UTC', NEW.member_id, NEW.company_id, 'registration',
            gen_random_uuid(), NEW.vendor_id, ref(kind('registration'), NEW.id),
            sha256_hex(registration_text(NEW)))::ledger_registration)::text, 'UTF8'));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION registration_witness() IS 'Trigger: the ledger''s entry of a registration: who was first.';

---- Tables

-- When the server looks next is no change.
CALL protect('registration', 'id', 'company_id,vendor_id', event => 'INSERT OR DELETE OR UPDATE OF id, company_id, '
    'vendor_id, owner_id, member_id, state, protected_until, decided_by, reason, deal_id, extended');
-- By hand: on each side somebody is responsible, for good.
CREATE POLICY visible ON registration FOR SELECT TO jiayi_app
    USING (sides_reached(company_id, owner_id, vendor_id, member_id, sight(noun('registration'))));
CREATE POLICY sides_update ON registration FOR UPDATE TO jiayi_app
    USING (me_company() = ANY (ARRAY[company_id, vendor_id]));
GRANT SELECT, UPDATE (state, reason, protected_until, deal_id, owner_id, extended) ON registration TO jiayi_app;
CALL open_to_auth('registration', 'SELECT, INSERT');
GRANT UPDATE (state, due_at) ON registration TO jiayi_auth;
CREATE TRIGGER guard BEFORE UPDATE OF state, reason, protected_until, deal_id, owner_id, extended ON registration
    FOR EACH ROW EXECUTE FUNCTION registration_guard();
CREATE TRIGGER freed AFTER UPDATE OF state ON registration FOR EACH ROW
    WHEN (NEW.state = 'rejected' OR NEW.state = 'withdrawn' OR NEW.state = 'expired')
    EXECUTE FUNCTION registration_freed();
CALL told('registration', 'INSERT', 'true');
CALL told('registration', 'UPDATE OF state, extended', 'NEW.state <> OLD.state OR NEW.extended <> OLD.extended');
CALL witnessed('registration');

CALL protect('registration_key', NULL);
CALL open_to_auth('registration_key', 'SELECT, INSERT, UPDATE');

CALL protect('registration_check', 'id', 'company_id,vendor_id', 'key_sha256');
CALL open_to_auth('registration_check', 'SELECT, INSERT');
CALL only_added('registration_check');
