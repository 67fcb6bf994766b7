-- Payments of contracts: made of the terms that both sides signed. Whoever sees the contract sees them, for good; who pays
-- records it, who is paid confirms, rejects or waives it. What is written here is the schema's own, of both sides: so each
-- function looks itself at what the caller sees and reaches, payment_locked().

CREATE OR REPLACE FUNCTION payment_terms(terms jsonb) RETURNS TABLE ("position" int, term text, payer text, title text,
    amount numeric, currency text, due_on date, duty jsonb, days int) LANGUAGE sql IMMUTABLE AS $$
    SELECT p.n::int, t.said || '/' || row_number() OVER (PARTITION BY t.said ORDER BY p.n), p.value ->> 'payer',
           p.value ->> 'title', (p.value ->> 'amount')::numeric, p.value ->> 'currency', (p.value ->> 'due')::date, d.duty,
           CASE WHEN d.duty IS NOT NULL THEN coalesce((p.value ->> 'days')::int, 0) END
    FROM jsonb_array_elements(terms -> 'payments') WITH ORDINALITY AS p(value, n)
    CROSS JOIN LATERAL (SELECT terms -> 'duties' -> ((p.value ->> 'after_duty')::int - 1) AS duty) AS d
    -- An amount may be written as 5000 or "5000.00".
    CROSS JOIN LATERAL (SELECT encode(sha256(convert_to(jsonb_build_array(p.value -> 'payer', p.value -> 'title',
        trim_scale((p.value ->> 'amount')::numeric), p.value -> 'currency', p.value -> 'due', d.duty -> 'side', d.duty -> 'title',
        d.duty -> 'due', coalesce((p.value ->> 'days')::int, 0))::text, 'UTF8')), 'hex') AS said) AS t
$$;
COMMENT ON FUNCTION payment_terms(jsonb) IS
    'The payments of a contract''s terms, in their order; each with the duty after which it is due, if it is after one, and '
    'with what table payment has as term.';
GRANT EXECUTE ON FUNCTION payment_terms(jsonb) TO jiayi_auth;

CREATE OR REPLACE FUNCTION payments_make(c contract, v contract_version) RETURNS int LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    made int;
BEGIN
    INSERT INTO payment (company_id, vendor_id, contract_id, contract_version, position, term, owner_id, vendor_owner_id, payer,
        title, amount, currency, due_on, duty_id, days)
    SELECT c.company_id, c.vendor_id, c.id, v.version, p.position, p.term, c.owner_id, c.vendor_owner_id, p.payer, p.title,
           p.amount, p.currency, CASE WHEN p.duty IS NULL THEN p.due_on WHEN t.state = 'accepted'
               THEN company_day(c.company_id, t.state_since) + p.days END, t.id, p.days
    FROM payment_terms(v.terms) AS p LEFT JOIN task AS t ON t.kind = 'duty' AND t.on_kind = kind('contract') AND t.on_id = c.id
        AND t.side = CASE p.duty ->> 'side' WHEN 'principal' THEN 'ours' ELSE 'vendor' END AND t.title = p.duty ->> 'title'
        AND t.due_on = (p.duty ->> 'due')::date AND t.state <> 'cancelled'
    -- A duty that would be due after the contract's last day is owed by nobody, and nothing is paid after it.
    WHERE p.duty IS NULL OR t.id IS NOT NULL
    ORDER BY p.position
    ON CONFLICT (contract_id, term) WHERE rest_of IS NULL AND state <> 'cancelled' DO NOTHING;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END
$$;
COMMENT ON FUNCTION payments_make(contract, contract_version) IS
    'Makes the payments of a version of a contract whose duties are made, those that are not there yet. How many.';
GRANT EXECUTE ON FUNCTION payments_make(contract, contract_version) TO jiayi_auth;

CREATE OR REPLACE FUNCTION payments_drop(c contract, v contract_version, from_day date) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    UPDATE payment AS p SET state = 'cancelled'
    WHERE p.contract_id = c.id AND p.state IN ('planned', 'due') AND coalesce(p.due_on >= from_day, true)
      AND NOT EXISTS (SELECT FROM payment_terms(v.terms) AS t WHERE t.term = p.term);
END
$$;
COMMENT ON FUNCTION payments_drop(contract, contract_version, date) IS
    'Cancels the payments of a contract that are open, due from that day on or after a duty, and that a version does not '
    'repeat. What was paid in part is repeated with all of it.';
GRANT EXECUTE ON FUNCTION payments_drop(contract, contract_version, date) TO jiayi_auth;

CREATE OR REPLACE FUNCTION payment_duty() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    UPDATE payment AS p SET due_on = CASE NEW.state WHEN 'accepted' THEN company_day(NEW.company_id, NEW.state_since) + p.days END,
        state = CASE NEW.state WHEN 'accepted' THEN p.state ELSE 'cancelled' END
    WHERE p.duty_id = NEW.id AND p.state = 'planned' AND p.due_on IS NULL;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION payment_duty() IS
    'Trigger: what is paid after a duty has its day once that is accepted; nothing is paid after one that is owed no more.';

CREATE OR REPLACE FUNCTION payment_responsible() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    UPDATE payment AS p SET owner_id = NEW.owner_id, vendor_owner_id = NEW.vendor_owner_id WHERE p.contract_id = NEW.id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION payment_responsible() IS 'Trigger: payments repeat who is responsible for their contract, so that lists find them.';

CREATE OR REPLACE FUNCTION payment_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    NEW.due_at := coalesce(day_ends(NEW.company_id, NEW.due_on), 'infinity');
    NEW.turn := CASE NEW.state WHEN 'due' THEN NEW.payer
        WHEN 'paid' THEN CASE NEW.payer WHEN 'principal' THEN 'vendor' ELSE 'principal' END END;
    IF TG_OP = 'UPDATE' THEN
        NEW.version := OLD.version + 1;
        NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
        NEW.state_since := CASE WHEN NEW.state = OLD.state THEN OLD.state_since ELSE NEW.updated_at END;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payment_guard() IS
    'Trigger: due_at is the end of due_on, turn follows from the state; who responsible is makes no other version.';

---- What calls do

CREATE OR REPLACE FUNCTION payment_side(p payment) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN jiayi.me_company() = CASE p.payer WHEN 'principal' THEN p.company_id ELSE p.vendor_id END
        THEN 'payer' ELSE 'payee' END
$$;
COMMENT ON FUNCTION payment_side(payment) IS 'Which of the two the caller''s company, one of the contract, is: payer or payee.';
GRANT EXECUTE ON FUNCTION payment_side(payment) TO jiayi_auth;

CREATE OR REPLACE FUNCTION payment_locked(payment_id bigint, seen int, becomes text) RETURNS payment LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    p payment;
BEGIN
    SELECT x.* INTO p FROM payment AS x JOIN contract AS c ON c.id = x.contract_id
    WHERE x.id = payment_locked.payment_id
        AND contract_seen(c.company_id, c.vendor_id, c.author_company_id, c.audience, c.owner_id, c.vendor_owner_id)
    FOR UPDATE OF x;
    IF p.id IS NULL THEN
        RETURN NULL;
    END IF;
    IF me_permission() IS DISTINCT FROM 'payment.record'
        OR NOT sides_reached(p.company_id, p.owner_id, p.vendor_id, p.vendor_owner_id, me_scope()) THEN
        PERFORM refuse('JY007', 'you may see payment %s but not change it', ROW(p.id));
    END IF;
    PERFORM check_version('payment', p.id, p.version, seen);
    PERFORM check_transition('payment', '', p.id::text, p.state, becomes, payment_side(p));
    RETURN p;
END
$$;
COMMENT ON FUNCTION payment_locked(bigint, int, text) IS
    'A payment that the caller sees, locked; NULL: none. The call ends where the called permission does not reach it, where it '
    'is at another version than the one seen, and where the caller''s side cannot bring it into that state.';
GRANT EXECUTE ON FUNCTION payment_locked(bigint, int, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION payment_pay(payment_id bigint, paid_on date, amount text, reference text, seen int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    p    payment := payment_locked(payment_id, seen, 'paid');
    part numeric := CASE WHEN p.id IS NOT NULL THEN coalesce(money(payment_pay.amount, p.currency), p.amount) END;
BEGIN
    IF p.id IS NULL THEN
        RETURN NULL;
    ELSIF payment_pay.paid_on > today(me_company()) THEN
        PERFORM refuse('JY003', '%s is still to come; what was paid is recorded', ROW(payment_pay.paid_on::text), field => 'on');
    ELSIF part > p.amount OR part = 0 THEN
        PERFORM refuse('JY003', 'payment %s is of %s %s; record so much, or a part of it', ROW(p.id, p.amount::text, p.currency),
            field => 'amount');
    END IF;
    UPDATE payment AS x SET state = 'paid', amount = part, paid_on = coalesce(payment_pay.paid_on, today(me_company())),
        reference = payment_pay.reference, paid_by = me_member()
    WHERE x.id = p.id;
    IF part < p.amount THEN
        INSERT INTO payment (company_id, vendor_id, contract_id, contract_version, position, term, owner_id, vendor_owner_id,
            payer, title, amount, currency, due_on, duty_id, days, state, rest_of)
        VALUES (p.company_id, p.vendor_id, p.contract_id, p.contract_version, p.position, p.term, p.owner_id, p.vendor_owner_id,
            p.payer, p.title, p.amount - part, p.currency, p.due_on, p.duty_id, p.days, p.state, p.id);
    END IF;
    RETURN p.id;
END
$$;
COMMENT ON FUNCTION payment_pay(bigint, date, text, text, int) IS
    'Records that the caller''s company paid: on a day, or today; all of it, or a part, and the rest is a payment of its own. '
    'The payment''s number; NULL: the caller sees no such payment.';
GRANT EXECUTE ON FUNCTION payment_pay(bigint, date, text, text, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION payment_answer(payment_id bigint, becomes text, reason text, seen int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    p payment := payment_locked(payment_id, seen, becomes);
BEGIN
    IF p.id IS NULL THEN
        RETURN NULL;
    ELSIF is_my_person(p.paid_by) THEN
        PERFORM refuse('JY009', 'payment %s was recorded by you for the other side; somebody else has to answer for yours', ROW(p.id));
    END IF;
    UPDATE payment AS x SET state = becomes, reason = payment_answer.reason, answered_by = me_member(),
        paid_on = CASE becomes WHEN 'confirmed' THEN x.paid_on END
    WHERE x.id = p.id;
    RETURN p.id;
END
$$;
COMMENT ON FUNCTION payment_answer(bigint, text, text, int) IS
    'What the company that is paid says: confirmed, due again where nothing came, or waived. The payment''s number; NULL: the '
    'caller sees no such payment.';
GRANT EXECUTE ON FUNCTION payment_answer(bigint, text, text, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION payment_states(state text, contract_id bigint) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN state IS NOT NULL THEN ARRAY[state]
        WHEN contract_id IS NULL THEN ARRAY['planned', 'due', 'paid']
        ELSE ARRAY['planned', 'due', 'paid', 'confirmed', 'waived', 'cancelled'] END
$$;
COMMENT ON FUNCTION payment_states(text, bigint) IS
    'The states that a list of payments has: the one that is asked for; of one contract all, else those of what is not finished.';
GRANT EXECUTE ON FUNCTION payment_states(text, bigint) TO jiayi_app;

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION payment_shown(p payment) RETURNS TABLE (
    id bigint, contract_id bigint, contract text, title text, "amount.amount" text, "amount.currency" text, payer text,
    payer_side text, payee text, due date, after_task bigint, after_days int, state text, late boolean, paid_on date, reference text,
    paid_by text, paid_by_company text, answered_by text, answered_by_company text, reason text, rest_of bigint, text_version int,
    version int, state_since timestamptz, created_at timestamptz, updated_at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT p.id, p.contract_id, (SELECT c.title FROM jiayi.contract AS c WHERE c.id = p.contract_id), p.title,
           p.amount::text, p.currency, jiayi.slug_of(CASE p.payer WHEN 'principal' THEN p.company_id ELSE p.vendor_id END), p.payer,
           jiayi.slug_of(CASE p.payer WHEN 'principal' THEN p.vendor_id ELSE p.company_id END), p.due_on, p.duty_id, p.days,
           p.state, nullif(CASE WHEN p.state IN ('planned', 'due') THEN p.due_at < now() ELSE p.paid_on > p.due_on END, false),
           p.paid_on, p.reference, jiayi.email_of(p.paid_by), nullif(jiayi.company_of(p.paid_by), jiayi.me_slug()),
           jiayi.email_of(p.answered_by), nullif(jiayi.company_of(p.answered_by), jiayi.me_slug()), p.reason, p.rest_of,
           p.contract_version, p.version, p.state_since, p.created_at, p.updated_at
$$;
COMMENT ON FUNCTION payment_shown(payment) IS 'A payment as calls answer it.';
GRANT EXECUTE ON FUNCTION payment_shown(payment) TO jiayi_app;

-- VOLATILE, so that it sees what the same statement wrote.
CREATE OR REPLACE FUNCTION payment_show(id bigint) RETURNS SETOF payment LANGUAGE plpgsql VOLATILE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT p.* FROM payment AS p WHERE p.id = payment_show.id;
END
$$;
COMMENT ON FUNCTION payment_show(bigint) IS
    'A payment that the caller sees, in the middle of a statement that changes it too.';
GRANT EXECUTE ON FUNCTION payment_show(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION payments_of(contract_id bigint, OUT payments jsonb, OUT more_payments boolean) LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', s.id, 'title', s.title, 'amount', jsonb_build_object(
            'amount', s."amount.amount", 'currency', s."amount.currency"), 'payer', s.payer, 'due', s.due, 'after_task', s.after_task,
            'after_days', s.after_days, 'state', s.state, 'late', s.late, 'paid_on', s.paid_on, 'reference', s.reference,
            'paid_by', s.paid_by, 'paid_by_company', s.paid_by_company, 'answered_by', s.answered_by,
            'answered_by_company', s.answered_by_company, 'reason', s.reason, 'rest_of', s.rest_of))
            ORDER BY p.n) FILTER (WHERE p.n <= 100), nullif(count(*) > 100, false)
    INTO payments, more_payments
    FROM (SELECT x, row_number() OVER (ORDER BY x.due_at, x.id) AS n FROM payment AS x
          WHERE x.contract_id = payments_of.contract_id AND x.state <> 'cancelled'
          ORDER BY x.due_at, x.id LIMIT 101) AS p(p, n), payment_shown(p.p) AS s;
END
$$;
COMMENT ON FUNCTION payments_of(bigint) IS
    'The payments of a contract that were not cancelled, by when they are due, 100 at most and whether there are more, as GetContract '
    'answers them.';
GRANT EXECUTE ON FUNCTION payments_of(bigint) TO jiayi_app;

---- Told, at its time

CREATE OR REPLACE FUNCTION payment_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    SELECT NEW.company_id, NEW.vendor_id, 'payment.' || CASE WHEN NEW.state = 'due' AND OLD.state = 'paid' THEN 'rejected' ELSE NEW.state END,
           kind('payment'), NEW.id, nullif(current_setting('jiayi.member_id', true), '')::bigint,
           contract_people(c, c.company_id, false) || contract_people(c, c.vendor_id, false)
    FROM contract AS c WHERE c.id = NEW.contract_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION payment_tell() IS
    'Trigger: tells who is responsible for a contract, on both sides, what becomes of a payment.';

CREATE OR REPLACE FUNCTION job_payments(company_id bigint, slot timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    changed bigint;
BEGIN
    UPDATE payment AS p SET state = 'due' WHERE p.id IN (SELECT x.id FROM payment AS x
        WHERE x.state = 'planned' AND x.due_at <= slot + interval '8 days' ORDER BY x.due_at LIMIT 1000);
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION job_payments(bigint, timestamptz) IS
    'The job that has payments be due from a week before their day on, every hour: it tells and puts them into to-do lists. What '
    'is paid earlier does not wait for it.';

CREATE OR REPLACE FUNCTION todo_pays() RETURNS int LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT g.bits FROM jiayi.caller_grants() AS g
        WHERE g.permission = 'payment.record'), 0)
$$;
COMMENT ON FUNCTION todo_pays() IS 'How far the caller records and confirms payments; bits as in table scope.';
GRANT EXECUTE ON FUNCTION todo_pays() TO jiayi_app;

---- Tables

-- Who is responsible follows from the contract, and its log says it.
CALL protect('payment', 'id', 'company_id,vendor_id', event => 'INSERT OR DELETE OR UPDATE OF state, due_on, amount, paid_on, '
    'reference, reason');
CREATE POLICY visible ON payment FOR SELECT TO jiayi_app
    USING (EXISTS (SELECT FROM contract AS c WHERE c.id = contract_id));
GRANT SELECT ON payment TO jiayi_app;
CALL open_to_auth('payment', 'SELECT, INSERT, UPDATE');
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OF state, due_on, amount, paid_on, reference, reason ON payment
    FOR EACH ROW EXECUTE FUNCTION payment_guard();
CALL told('payment', 'UPDATE OF state', 'NEW.state <> OLD.state AND NEW.state <> ''cancelled''');
CREATE TRIGGER payments AFTER UPDATE OF state ON task FOR EACH ROW
    WHEN (NEW.kind = 'duty' AND NEW.state <> OLD.state AND NEW.state = ANY (ARRAY['accepted', 'cancelled']))
    EXECUTE FUNCTION payment_duty();
CREATE TRIGGER payments AFTER UPDATE OF owner_id, vendor_owner_id ON contract FOR EACH ROW
    WHEN (NEW.owner_id IS DISTINCT FROM OLD.owner_id OR NEW.vendor_owner_id IS DISTINCT FROM OLD.vendor_owner_id)
    EXECUTE FUNCTION payment_responsible();
