-- How deals are looked after, kept beside them: for to-do lists, and for what is due. Who writes a row says touch_by as
-- well: the day of the next step, or the latest touch, or else the stage's day, and as long as the deal may stay,
-- whichever comes first. As a generated column it would be read and planned anew for every statement that writes one.

CREATE OR REPLACE FUNCTION customer_owner(customer_id bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT c.owner_id FROM jiayi.customer AS c WHERE c.id = customer_owner.customer_id), 0);
END
$$;
COMMENT ON FUNCTION customer_owner(bigint) IS 'Who has a customer, for deal_pulse; 0: nobody.';
GRANT EXECUTE ON FUNCTION customer_owner(bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION deal_pulse_begin(d deal, side bigint, who bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO deal_pulse (deal_id, company_id, deal_company_id, shared_span, member_id, open, stage_on, stay_days,
        touch_by, customer_id, customer_owner_id, beside)
    SELECT d.id, side, d.company_id, d.shared_span, who, d.outcome = 'open', t.day, s.max_days,
           t.day + coalesce(s.max_days, 14),
           CASE side WHEN d.company_id THEN d.customer_id END, CASE side WHEN d.company_id THEN customer_owner(d.customer_id) END,
           -- Of a new deal its stage may have made tasks already; its own company looks after it first.
           coalesce(CASE WHEN side <> d.company_id
                         THEN (SELECT max(p.beside) FROM deal_pulse AS p WHERE p.deal_id = d.id) END,
               CASE WHEN d.checks THEN 4 ELSE 0 END)
    FROM stage AS s, company_day(side, d.updated_at) AS t(day) WHERE s.company_id = d.company_id AND s.name = d.stage;
END
$$;
COMMENT ON FUNCTION deal_pulse_begin(deal, bigint, bigint) IS
    'A side of a deal begins to look after it: nothing of what was before counts.';

CREATE OR REPLACE FUNCTION deal_pulse_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM deal_pulse_begin(NEW, NEW.company_id, NEW.owner_id);
    IF NEW.vendor_id IS NOT NULL THEN
        PERFORM deal_pulse_begin(NEW, NEW.vendor_id, NULL);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION deal_pulse_made() IS 'Trigger: a new deal is looked after.';

-- What a move changes of it is in deal_guard(): a trigger of its own would cost a move more.
CREATE OR REPLACE FUNCTION deal_pulse_given() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.owner_id <> OLD.owner_id AND NOT handing_over() THEN
        UPDATE deal_pulse AS p SET member_id = NEW.owner_id
        WHERE p.deal_id = NEW.id AND p.company_id = NEW.company_id;
    END IF;
    IF NEW.customer_id <> OLD.customer_id THEN
        UPDATE deal_pulse AS p SET customer_id = NEW.customer_id, customer_owner_id = customer_owner(NEW.customer_id)
        WHERE p.deal_id = NEW.id AND p.company_id = NEW.company_id;
    END IF;
    IF NEW.shared_version IS DISTINCT FROM OLD.shared_version THEN
        DELETE FROM deal_pulse AS p WHERE p.deal_id = NEW.id AND p.company_id = OLD.vendor_id;
        IF NEW.vendor_id IS NOT NULL THEN
            PERFORM deal_pulse_begin(NEW, NEW.vendor_id, NULL);
        END IF;
    END IF;
    IF NEW.vendor_owner_id IS NOT NULL AND NEW.vendor_owner_id IS DISTINCT FROM OLD.vendor_owner_id THEN
        UPDATE deal_pulse AS p SET member_id = NEW.vendor_owner_id
        WHERE p.deal_id = NEW.id AND p.company_id = NEW.vendor_id;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION deal_pulse_given() IS
    'Trigger: with the owner of a deal, and who is responsible at its vendor, changes who looks after it, and '
    'with the vendor the other side; and with its customer whose that is.';

-- Who writes one of the two, the deal's owner or the customer's, writes nothing of the other: of two that change at once each is as it
-- is in the end. The deals are those that the customer has by now: who gives it another one waits for the customer (deal_customer_named()).
CREATE OR REPLACE FUNCTION deal_pulse_customer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF handing_over() THEN
        RETURN NULL; -- it does so for all of them at once
    END IF;
    UPDATE deal_pulse AS p SET customer_owner_id = coalesce(NEW.owner_id, 0) FROM deal AS d
    WHERE d.customer_id = NEW.id AND p.deal_id = d.id AND p.company_id = NEW.company_id AND p.customer_id = NEW.id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION deal_pulse_customer() IS 'Trigger: who has a customer has changed, and deals with it say so.';

CREATE OR REPLACE FUNCTION deal_pulse_stage() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    UPDATE deal_pulse AS p SET stay_days = NEW.max_days,
        touch_by = least(p.next_due_on, coalesce(p.touched_on, p.stage_on) + coalesce(NEW.max_days, 14))
    FROM deal AS d
    WHERE d.company_id = NEW.company_id AND d.stage = NEW.name AND p.deal_id = d.id
      AND p.stay_days IS DISTINCT FROM NEW.max_days;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION deal_pulse_stage() IS 'Trigger: how long a deal may stay in its stage has changed.';

CREATE OR REPLACE FUNCTION vendor_owner_of(deal_id bigint, otherwise bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(d.vendor_owner_id, otherwise) FROM jiayi.deal AS d WHERE d.id = vendor_owner_of.deal_id);
END
$$;
COMMENT ON FUNCTION vendor_owner_of(bigint, bigint) IS
    'Who of the vendor is responsible for a deal; otherwise, where nobody is in person.';
GRANT EXECUTE ON FUNCTION vendor_owner_of(bigint, bigint) TO jiayi_auth;

-- Who brings a history along says nowhere in it what was done: in it the newest follow-up counts. What was said here stays.
CREATE OR REPLACE FUNCTION deal_pulse_imported(a activity, day date) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM jiayi.deal_pulse AS p LEFT JOIN jiayi.activity AS s ON s.id = p.step_id
        WHERE p.deal_id = a.deal_id AND p.company_id = a.author_company_id AND day >= coalesce(p.touched_on, day)
          AND (a.next_step IS NOT NULL OR s.method LIKE '%/PutRows'));
END
$$;
COMMENT ON FUNCTION deal_pulse_imported(activity, date) IS
    'Whether an imported follow-up says what comes next on its deal: none is later, and it has a next step or takes that of '
    'another imported one away.';
GRANT EXECUTE ON FUNCTION deal_pulse_imported(activity, date) TO jiayi_auth;

-- On the hot path, as deal_guard(). What is internal to one side says nothing to the other, not even that there was something.
-- A next step stays until it is said that it was done, or what comes instead: what nobody did becomes overdue.
CREATE OR REPLACE FUNCTION deal_pulse_touched() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    day date := CASE WHEN NEW.late THEN jiayi.company_day(NEW.company_id, NEW.happened_at)
        ELSE NEW.counted_on END;
    says  boolean := NEW.next_step IS NOT NULL; -- what comes next, whatever came next before
    side  bigint;                               -- for which that changes
    ended bigint := NEW.done_id;                -- where it does nothing but end this one
BEGIN
    IF current_setting('jiayi.method', true) LIKE '%/PutRows' THEN
        says := jiayi.deal_pulse_imported(NEW, day);
    END IF;
    IF says OR ended IS NOT NULL THEN
        side := NEW.author_company_id;
    END IF;
    IF side IS NULL THEN
        UPDATE jiayi.deal_pulse AS p SET touched_on = greatest(p.touched_on, day), touches = p.touches + 1,
            touch_by = least(p.next_due_on, greatest(p.touched_on, day) + coalesce(p.stay_days, 14)),
            member_id = CASE WHEN p.company_id = NEW.author_company_id AND p.company_id <> NEW.company_id
                             THEN jiayi.vendor_owner_of(NEW.deal_id, NEW.member_id) ELSE p.member_id END
        WHERE p.deal_id = NEW.deal_id AND (NEW.audience = 'shared' OR p.company_id = NEW.author_company_id);
        RETURN NULL;
    END IF;
    UPDATE jiayi.deal_pulse AS p SET touched_on = greatest(p.touched_on, day), touches = p.touches + 1,
        step_id = CASE WHEN p.company_id = side AND (says OR p.step_id = ended)
                       THEN CASE WHEN NEW.next_step IS NOT NULL THEN NEW.id END ELSE p.step_id END,
        next_step = CASE WHEN p.company_id = side AND (says OR p.step_id = ended) THEN NEW.next_step ELSE p.next_step END,
        next_due_on = CASE WHEN p.company_id = side AND (says OR p.step_id = ended) THEN NEW.due_on ELSE p.next_due_on END,
        touch_by = least(CASE WHEN p.company_id = side AND (says OR p.step_id = ended) THEN NEW.due_on ELSE p.next_due_on END,
            greatest(p.touched_on, day) + coalesce(p.stay_days, 14)),
        member_id = CASE WHEN p.company_id = NEW.author_company_id AND p.company_id <> NEW.company_id
                         THEN jiayi.vendor_owner_of(NEW.deal_id, NEW.member_id) ELSE p.member_id END
    WHERE p.deal_id = NEW.deal_id AND (NEW.audience = 'shared' OR p.company_id = NEW.author_company_id);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION deal_pulse_touched() IS
    'Trigger: a follow-up touches a deal, for each side that sees it; for the side of who logged it it '
    'may say what comes next, or that this was done.';

CREATE OR REPLACE FUNCTION deal_pulse_beside() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    bit   int := TG_ARGV[0];
    deals bigint[];
BEGIN
    IF TG_TABLE_NAME = 'link' THEN
        deals := ARRAY[CASE NEW.from_kind WHEN kind('deal') THEN NEW.from_id END,
            CASE NEW.to_kind WHEN kind('deal') THEN NEW.to_id END];
    ELSE
        deals := ARRAY[CASE NEW.on_kind WHEN kind('deal') THEN NEW.on_id END];
    END IF;
    UPDATE deal_pulse AS p SET beside = p.beside | bit WHERE p.deal_id = ANY (deals) AND p.beside & bit = 0;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION deal_pulse_beside() IS 'Trigger: a deal has something beside it; its argument says what.';

CREATE OR REPLACE FUNCTION next_step_of(deal_id bigint) RETURNS activity LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found activity;
BEGIN
    SELECT a.* INTO found FROM deal_pulse AS p JOIN activity AS a ON a.id = p.step_id
    WHERE p.deal_id = next_step_of.deal_id AND p.company_id = me_company();
    IF found.id IS NULL THEN
        PERFORM refuse('JY009', 'deal %s has no next step that is to be done', ROW(deal_id));
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION next_step_of(bigint) IS
    'The follow-up of the caller''s company that says what comes next on a deal; the call ends where '
    'there is none, or that was done.';
GRANT EXECUTE ON FUNCTION next_step_of(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION due_when(touch_by date, next_due_on date) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    here bigint := jiayi.me_company();
    day  date := jiayi.today(here);
BEGIN
    RETURN CASE WHEN touch_by < day AND next_due_on IS NULL THEN 'forgotten'
        WHEN touch_by < day THEN 'overdue' WHEN touch_by = day THEN 'today'
        WHEN touch_by <= jiayi.add_working_days(here, day, 3) THEN 'soon' ELSE 'later' END;
END
$$;
COMMENT ON FUNCTION due_when(date, date) IS
    'How soon somebody has to do something about a deal: forgotten, where nothing is planned and the day '
    'is over; else as todo_when() says it.';
GRANT EXECUTE ON FUNCTION due_when(date, date) TO jiayi_app;

-- A function: the planner lets no coalesce() below a policy, and today() has one.
CREATE OR REPLACE FUNCTION due_until(days int) RETURNS date LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jiayi.today() + coalesce(days, 0);
END
$$;
COMMENT ON FUNCTION due_until(int) IS 'The day so many days from today where the caller''s company is; NULL: today.';
GRANT EXECUTE ON FUNCTION due_until(int) TO jiayi_app;

-- Where the page before ended, as todo_at() has it.
CREATE OR REPLACE FUNCTION due_day(key text) RETURNS date LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN key IS NULL THEN '-infinity' ELSE split_part(key, '/', 1)::date END $$;
COMMENT ON FUNCTION due_day(text) IS 'The day in the key of a list of what is due; before all where there is none.';
GRANT EXECUTE ON FUNCTION due_day(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION due_id(key text) RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN key IS NULL THEN 0 ELSE split_part(key, '/', 2)::bigint END $$;
COMMENT ON FUNCTION due_id(text) IS 'The deal''s number in such a key.';
GRANT EXECUTE ON FUNCTION due_id(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION pulses_ahead(people bigint[], until date, after text, most bigint)
    RETURNS TABLE (id bigint, latest date) LANGUAGE plpgsql STABLE ROWS 10 AS $$
DECLARE
    mine bigint := jiayi.me_company();
BEGIN
    IF cardinality(people) < 4 THEN
        RETURN QUERY SELECT p.id, until FROM unnest(people) AS p(id);
        RETURN;
    END IF;
    RETURN QUERY SELECT h.id, CASE WHEN count(*) OVER () = most THEN max(h.first) OVER () ELSE until END
    FROM (SELECT o.id, h.first FROM unnest(people) AS o(id) CROSS JOIN LATERAL (
              SELECT p.touch_by AS first FROM jiayi.deal_pulse AS p
              WHERE p.member_id = o.id AND p.open AND p.company_id = mine AND p.touch_by <= until
                AND (p.touch_by, p.deal_id) > (jiayi.due_day(after), jiayi.due_id(after))
              ORDER BY p.touch_by, p.deal_id LIMIT 1) AS h
          ORDER BY h.first LIMIT most) AS h;
END
$$;
COMMENT ON FUNCTION pulses_ahead(bigint[], date, text, bigint) IS
    'As deals_ahead(), of what is due: of those people who has deals on a page of that many, and the last day that it comes to, until at most.';
GRANT EXECUTE ON FUNCTION pulses_ahead(bigint[], date, text, bigint) TO jiayi_app;

-- Without the policy, which would ask once more what that of the deal has been asked: this is of deals that are seen.
CREATE OR REPLACE FUNCTION deal_pulse_of(deal_id bigint) RETURNS deal_pulse LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    mine bigint := jiayi.me_company();
BEGIN
    RETURN (SELECT p FROM jiayi.deal_pulse AS p WHERE p.deal_id = deal_pulse_of.deal_id AND p.company_id = mine);
END
$$;
COMMENT ON FUNCTION deal_pulse_of(bigint) IS
    'How the caller''s company looks after a deal that the caller sees; NULL where it does not, or it is another''s.';
GRANT EXECUTE ON FUNCTION deal_pulse_of(bigint) TO jiayi_app;

---- Tables

-- It repeats what others say.
CALL protect('deal_pulse', NULL);
-- Of the vendor's side nobody is the owner: who logged something last sees it as long as the deal.
CREATE POLICY visible ON deal_pulse FOR SELECT TO jiayi_app
    USING (company_id = me_company()
           AND shared_seen(noun('deal'), CASE deal_company_id WHEN company_id THEN member_id END,
                   deal_company_id, company_id, shared_span, kind('deal'), deal_id));
GRANT SELECT ON deal_pulse TO jiayi_app;
CALL open_to_auth('deal_pulse', 'SELECT, INSERT, UPDATE, DELETE');
CREATE TRIGGER pulse AFTER INSERT ON activity FOR EACH ROW EXECUTE FUNCTION deal_pulse_touched();
CREATE TRIGGER pulse_made AFTER INSERT ON deal FOR EACH ROW WHEN (NOT importing()) EXECUTE FUNCTION deal_pulse_made();
CREATE TRIGGER pulse_given AFTER UPDATE OF owner_id, customer_id, vendor_id, vendor_owner_id ON deal
    FOR EACH ROW EXECUTE FUNCTION deal_pulse_given();
CREATE TRIGGER pulse AFTER UPDATE OF owner_id ON customer FOR EACH ROW WHEN (NEW.owner_id IS DISTINCT FROM OLD.owner_id)
    EXECUTE FUNCTION deal_pulse_customer();
CREATE TRIGGER pulse AFTER INSERT ON tag FOR EACH ROW EXECUTE FUNCTION deal_pulse_beside('1');
CREATE TRIGGER pulse AFTER INSERT ON participant FOR EACH ROW EXECUTE FUNCTION deal_pulse_beside('2');
CREATE TRIGGER pulse AFTER INSERT ON task FOR EACH ROW EXECUTE FUNCTION deal_pulse_beside('4');
CREATE TRIGGER pulse AFTER INSERT ON subscription FOR EACH ROW EXECUTE FUNCTION deal_pulse_beside('16');
CREATE TRIGGER pulse AFTER INSERT ON link FOR EACH ROW EXECUTE FUNCTION deal_pulse_beside('8');
CREATE TRIGGER pulse AFTER UPDATE OF max_days ON stage FOR EACH ROW EXECUTE FUNCTION deal_pulse_stage();
