-- Duties of contracts: tasks of kind duty, made of the terms that both sides signed. Whoever sees the contract sees them,
-- for good; one side's people deliver, the other's accept or reject.

CREATE OR REPLACE FUNCTION duty_day(duty jsonb, day date) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN duty ? 'due' THEN (duty ->> 'due')::date
        ELSE (date_trunc(duty ->> 'every', day::timestamp) + CASE duty ->> 'every' WHEN 'week' THEN interval '7 days'
            WHEN 'month' THEN interval '1 month' ELSE interval '3 months' END)::date - 1 END
$$;
COMMENT ON FUNCTION duty_day(jsonb, date) IS
    'When a duty of a contract''s terms is due: its day, or the last one of the week, month or quarter in which that day is.';
GRANT EXECUTE ON FUNCTION duty_day(jsonb, date) TO jiayi_auth;

CREATE OR REPLACE FUNCTION duty_reached(t task) RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (me_scope() & 1 <> 0 AND coalesce(t.assignee_id = me_member(), false)) OR EXISTS (SELECT FROM contract AS c
        WHERE c.id = t.on_id AND sides_reached(c.company_id, c.owner_id, c.vendor_id, c.vendor_owner_id, me_scope()));
END
$$;
COMMENT ON FUNCTION duty_reached(task) IS
    'Whether the called permission reaches a duty: by who of the caller''s side has it, or is responsible for the contract.';
GRANT EXECUTE ON FUNCTION duty_reached(task) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION duties_make(c contract, v contract_version, day date, again boolean) RETURNS int LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    made int;
BEGIN
    INSERT INTO task (company_id, kind, on_kind, on_id, title, text, assignee_id, vendor_id, side, acceptance, required, due_on,
        created_by)
    SELECT c.company_id, 'duty', kind('contract'), c.id, d.duty ->> 'title', d.duty ->> 'standard',
           CASE d.duty ->> 'side' WHEN 'principal' THEN c.owner_id ELSE c.vendor_owner_id END, c.vendor_id,
           CASE d.duty ->> 'side' WHEN 'principal' THEN 'ours' ELSE 'vendor' END, true, true, duty_day(d.duty, day), s.member_id
    FROM jsonb_array_elements(v.terms -> 'duties') AS d(duty)
    JOIN signature AS s ON s.on_kind = kind('contract') AND s.on_id = c.id AND s.version = v.version
        AND s.company_id = c.company_id
    WHERE duty_day(d.duty, day) <= coalesce(v.valid_to, 'infinity') AND (NOT again OR d.duty ? 'every')
    ON CONFLICT (on_id, side, title, due_on) WHERE kind = 'duty' AND state <> 'cancelled' DO NOTHING;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END
$$;
COMMENT ON FUNCTION duties_make(contract, contract_version, date, boolean) IS
    'Makes tasks of the duties of a version of a contract as of that day, those that are not there yet; with again only those '
    'that recur. How many.';
GRANT EXECUTE ON FUNCTION duties_make(contract, contract_version, date, boolean) TO jiayi_auth;

CREATE OR REPLACE FUNCTION duties_drop(c contract, v contract_version, from_day date, why text) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    WITH dropped AS (
        UPDATE task AS t SET state = 'cancelled'
        WHERE t.kind = 'duty' AND t.on_kind = kind('contract') AND t.on_id = c.id AND t.state IN ('open', 'rejected')
          AND t.due_on >= from_day AND NOT EXISTS (SELECT FROM jsonb_array_elements(v.terms -> 'duties') AS d(duty)
              WHERE d.duty ->> 'title' = t.title AND t.side = CASE d.duty ->> 'side' WHEN 'principal' THEN 'ours' ELSE 'vendor' END
                AND duty_day(d.duty, t.due_on) = t.due_on AND d.duty ->> 'standard' IS NOT DISTINCT FROM t.text)
        RETURNING t.id, t.version
    )
    INSERT INTO comment (on_kind, on_id, version, member_id, topic, decision, text)
    SELECT kind('task'), d.id, d.version, me_member(), 'review', 'cancelled', why FROM dropped AS d WHERE caller() IS NOT NULL;
END
$$;
COMMENT ON FUNCTION duties_drop(contract, contract_version, date, text) IS
    'Cancels the duties of a contract that are open, due from that day on and not among those of the version; NULL: all. Who '
    'calls says why.';
GRANT EXECUTE ON FUNCTION duties_drop(contract, contract_version, date, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION duties_end() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM duties_drop(NEW, NULL, company_day(NEW.company_id, least(NEW.to_at, clock_timestamp())) + 1,
        coalesce(NEW.reason, NEW.state));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION duties_end() IS 'Trigger: what would have been due after a contract''s end is owed no more.';

CREATE OR REPLACE FUNCTION job_duties(company_id bigint, slot timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(sum(duties_make(c, v, company_day(c.company_id, slot), true)), 0)
        FROM contract AS c JOIN contract_version AS v ON v.contract_id = c.id AND v.version = contract_ruling(c, slot)
        WHERE c.state = 'active' AND c.kind <> 'framework' AND c.from_at <= slot AND slot < c.to_at
          AND jsonb_path_exists(v.terms, '$.duties[*].every'));
END
$$;
COMMENT ON FUNCTION job_duties(bigint, timestamptz) IS
    'The job that makes, every hour, the duties of weeks, months and quarters that have begun, of contracts that are in force.';

---- Deals that wait to be confirmed

CREATE OR REPLACE FUNCTION won_is_confirmed(principal bigint, vendor bigint) RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM contract AS c JOIN contract_version AS v ON v.contract_id = c.id
            AND v.version = contract_ruling(c, clock_timestamp())
        WHERE c.company_id = principal AND c.vendor_id = vendor AND c.state = 'active' AND c.from_at <= clock_timestamp()
          AND clock_timestamp() < c.to_at AND v.terms -> 'confirm_won' = 'true');
END
$$;
COMMENT ON FUNCTION won_is_confirmed(bigint, bigint) IS
    'Whether a contract of the two that is in force says that a deal counts as won only once the principal confirms it.';
GRANT EXECUTE ON FUNCTION won_is_confirmed(bigint, bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION won_ask(d deal, reason text) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    waits bigint := (SELECT t.id FROM task AS t WHERE t.on_kind = kind('deal') AND t.on_id = d.id AND t.kind = 'confirm'
        AND t.state = 'open' LIMIT 1);
BEGIN
    IF waits IS NOT NULL THEN
        PERFORM refuse('JY009', 'deal %s waits already for %s to confirm that it is won: task %s',
            ROW(d.id, slug_of(d.company_id), waits));
    END IF;
    INSERT INTO task (company_id, kind, on_kind, on_id, title, text, assignee_id, vendor_id, side, created_by)
    VALUES (d.company_id, 'confirm', kind('deal'), d.id, d.title, left(reason, 4000), d.owner_id, d.vendor_id, 'ours', me_member());
END
$$;
COMMENT ON FUNCTION won_ask(deal, text) IS
    'Asks the owner of a deal to confirm that it is won: a task, which the owner''s own move does and cancelling refuses.';
GRANT EXECUTE ON FUNCTION won_ask(deal, text) TO jiayi_auth;

---- Tables

CREATE TRIGGER duties AFTER UPDATE OF state ON contract FOR EACH ROW
    WHEN (NEW.state <> OLD.state AND NEW.version > 0 AND NEW.state = ANY (ARRAY['ended', 'expired']))
    EXECUTE FUNCTION duties_end();
