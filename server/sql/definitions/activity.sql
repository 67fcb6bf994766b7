-- Follow-ups on deals, and on customers without one: who sees them, and who logs them.

CREATE OR REPLACE FUNCTION counted_day(company_id bigint, happened_at timestamptz, OUT counted_on date,
    OUT late boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
    SELECT (happened_at AT TIME ZONE p.time_zone)::date,
           (happened_at AT TIME ZONE p.time_zone)::date
               < (now() AT TIME ZONE p.time_zone)::date - p.backdate_days
    INTO counted_on, late
    FROM jiayi.company_profile AS p
    WHERE p.company_id = counted_day.company_id AND jiayi.knows_company(p.company_id);
    IF late THEN
        counted_on := jiayi.today(company_id);
    END IF;
END
$$;
COMMENT ON FUNCTION counted_day(bigint, timestamptz) IS
    'The day on which counts what happened then in a company: its own, as long as that is not too long '
    'ago for it; else today, and that it came late.';
GRANT EXECUTE ON FUNCTION counted_day(bigint, timestamptz) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION contact_of(contact_id bigint, customer_id bigint) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF contact_id IS NOT NULL AND NOT EXISTS (SELECT FROM contact AS k
            WHERE k.id = contact_of.contact_id AND k.customer_id = customer_now(contact_of.customer_id)) THEN
        PERFORM refuse('JY005', 'there is no contact %s of the customer; jiayi contact list %s names those who are',
            ROW(contact_id, customer_id), field => 'contact_id');
    END IF;
    RETURN contact_id;
END
$$;
COMMENT ON FUNCTION contact_of(bigint, bigint) IS
    'A contact''s number, where it is one of that customer that the caller sees, or NULL for NULL; the call ends where not.';
GRANT EXECUTE ON FUNCTION contact_of(bigint, bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION contact_name(id bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT k.name FROM jiayi.contact AS k WHERE k.id = contact_name.id);
END
$$;
COMMENT ON FUNCTION contact_name(bigint) IS 'A contact''s name; NULL where the caller does not see it.';
GRANT EXECUTE ON FUNCTION contact_name(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION activity_on_customer(a activity) RETURNS activity
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c customer;
BEGIN
    SELECT x.* INTO c FROM customer AS x WHERE x.id = a.customer_id;
    SELECT d.counted_on, d.late INTO a.counted_on, a.late FROM counted_day(c.company_id, a.happened_at) AS d;
    a.author_company_id := c.company_id;
    a.log_company_id := c.company_id;
    a.audience := 'internal';
    IF caller() IS NULL THEN
        RETURN a;
    ELSIF current_setting('jiayi.method', true) LIKE '%/PutRows' THEN
        IF a.late THEN
            a.counted_on := company_day(c.company_id, a.happened_at);
            a.late := false;
        END IF;
    ELSIF c.company_id <> me_company() THEN
        PERFORM refuse('JY007', 'customer %s is of %s; log on a deal that it shares with you: jiayi deal log',
            ROW(c.id, slug_of(c.company_id)));
    ELSIF c.owner_id IS NOT NULL AND NOT reaches(c.owner_id, me_scope()) THEN
        PERFORM refuse('JY007', 'you may see customer %s but not log on it', ROW(c.id));
    ELSIF a.happened_at > clock_timestamp() THEN
        PERFORM refuse('JY003', 'what is logged has happened already, and %s is to come; what is to '
            'be done is a task: jiayi task create --on customer/%s', ROW(a.happened_at, c.id), field => 'at');
    END IF;
    INSERT INTO event (company_id, kind, on_kind, on_id, actor_id, member_ids)
    SELECT c.company_id, 'customer.logged', kind('customer'), c.id, a.member_id, ARRAY[c.owner_id]
    WHERE c.owner_id <> a.member_id
       OR EXISTS (SELECT FROM subscription AS s WHERE s.on_kind = kind('customer') AND s.on_id = c.id);
    RETURN a;
END
$$;
COMMENT ON FUNCTION activity_on_customer(activity) IS
    'For the trigger of follow-ups, of one on a customer: it is logged by whom the called permission reaches, or on one '
    'that nobody has, within its company; and the customer''s owner is told.';
GRANT EXECUTE ON FUNCTION activity_on_customer(activity) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION activity_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    d record;
BEGIN
    IF NEW.contact_id IS NOT NULL THEN
        NEW.contact_id := jiayi.contact_of(NEW.contact_id, coalesce(NEW.customer_id,
            (SELECT x.customer_id FROM jiayi.deal AS x WHERE x.id = NEW.deal_id)));
    END IF;
    IF NEW.deal_id IS NULL THEN
        RETURN jiayi.activity_on_customer(NEW);
    END IF;
    SELECT x.company_id, x.owner_id, x.vendor_id, x.version INTO d
    FROM jiayi.deal AS x WHERE x.id = NEW.deal_id;
    NEW.deal_version := d.version;
    SELECT c.counted_on, c.late INTO NEW.counted_on, NEW.late
    FROM jiayi.counted_day(d.company_id, NEW.happened_at) AS c;
    IF NEW.late AND current_setting('jiayi.method', true) LIKE '%/PutRows' THEN
        -- Imported history counts when it happened.
        NEW.counted_on := jiayi.company_day(d.company_id, NEW.happened_at);
        NEW.late := false;
    END IF;
    NEW.author_company_id := CASE WHEN jiayi.caller() IS NOT NULL THEN jiayi.me_company()
        ELSE (SELECT m.company_id FROM jiayi.member AS m WHERE m.id = NEW.member_id) END;
    NEW.log_company_id := CASE NEW.audience WHEN 'internal' THEN NEW.author_company_id ELSE NEW.company_id END;
    IF jiayi.caller() IS NULL THEN
        RETURN NEW;
    ELSIF NOT (CASE WHEN d.company_id = jiayi.me_company()
        THEN jiayi.reaches(d.owner_id, jiayi.me_scope())
                 ELSE jiayi.me_scope() & 8 <> 0
                     AND d.vendor_id IS NOT DISTINCT FROM jiayi.me_company() END
            OR jiayi.takes_part(jiayi.kind('deal'), NEW.deal_id, d.company_id)) THEN
        PERFORM jiayi.refuse('JY007', 'you may see deal %s but not log on it', ROW(NEW.deal_id));
    ELSIF NEW.due_on IS NOT NULL AND NEW.next_step IS NULL THEN
        PERFORM jiayi.refuse('JY003', 'a due date needs a next step; give one with --next',
            field => 'due');
    ELSIF NEW.happened_at > clock_timestamp() THEN
        PERFORM jiayi.refuse('JY003', 'what is logged has happened already, and %s is to come; what is to '
            'be done is given with --next and --due', ROW(NEW.happened_at), field => 'at');
    ELSIF NEW.done_id IS NOT NULL AND NOT EXISTS (SELECT FROM jiayi.activity AS a WHERE a.id = NEW.done_id
            AND a.deal_id = NEW.deal_id AND a.author_company_id = NEW.author_company_id) THEN
        PERFORM jiayi.refuse('JY005', 'there is no follow-up %s on deal %s', ROW(NEW.done_id, NEW.deal_id));
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION activity_guard() IS
    'Trigger: a follow-up is logged by whom the called permission reaches, or who takes part, once it has '
    'happened; it has their company, in whose log it is, the deal''s version that they see, and the day on which it counts.';

-- Most next steps are open. That is asked without the policies, which cost three times as much.
CREATE OR REPLACE FUNCTION is_done(id bigint) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
    RETURN EXISTS (SELECT FROM jiayi.activity AS a WHERE a.done_id = is_done.id
        AND (a.company_id = jiayi.me_company() OR jiayi.knows_company(a.company_id)));
END
$$;
COMMENT ON FUNCTION is_done(bigint) IS
    'Whether somebody did the next step of a follow-up, on a deal of a company that the caller knows.';
GRANT EXECUTE ON FUNCTION is_done(bigint) TO jiayi_app;

-- A function: what it looks for has a policy, which would cost every statement that answers a follow-up. A text of each,
-- for a row as its result would be set up as wide as the table.
CREATE OR REPLACE FUNCTION step_done(id bigint) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT ARRAY[jiayi.email_of(a.member_id), CASE WHEN a.author_company_id <> jiayi.me_company()
                THEN jiayi.slug_of(a.author_company_id) END, a.happened_at::text]
            FROM jiayi.activity AS a WHERE a.done_id = step_done.id);
END
$$;
COMMENT ON FUNCTION step_done(bigint) IS
    'Of the follow-up by which the next step of another one was done: whose it is, the company where it is not the '
    'caller''s, and when it happened. NULL while nobody did it, or nobody whom the caller sees.';
GRANT EXECUTE ON FUNCTION step_done(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION step_text(id bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT a.next_step FROM jiayi.activity AS a WHERE a.id = step_text.id);
END
$$;
COMMENT ON FUNCTION step_text(bigint) IS 'What a follow-up says comes next; NULL where the caller does not see it.';
GRANT EXECUTE ON FUNCTION step_text(bigint) TO jiayi_app;

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION activity_shown(a activity) RETURNS TABLE (
    id bigint, deal_id bigint, kind text, text text, member text, member_company text,
    happened_at timestamptz, at timestamptz, late boolean, outcome text, next text, due date,
    next_done_by text, next_done_by_company text, next_done_at timestamptz, done text, internal boolean, play text,
    customer_id bigint, contact_id bigint, contact text)
LANGUAGE sql STABLE AS $$
    SELECT a.id, a.deal_id, a.kind, a.text,
           CASE a.member_id WHEN jiayi.me_member() THEN jiayi.me_email()
               ELSE jiayi.email_of(a.member_id) END,
           CASE WHEN a.author_company_id <> jiayi.me_company()
               THEN jiayi.slug_of(a.author_company_id) END,
           a.happened_at, a.at, CASE WHEN a.late THEN true END, a.outcome, a.next_step, a.due_on,
           d.said[1], d.said[2], d.said[3]::timestamptz, CASE WHEN a.done_id IS NOT NULL THEN jiayi.step_text(a.done_id) END,
           CASE WHEN a.audience = 'internal' THEN true END,
           CASE WHEN a.playbook_id IS NOT NULL THEN jiayi.play_code(a.playbook_id) END,
           a.customer_id, a.contact_id, CASE WHEN a.contact_id IS NOT NULL THEN jiayi.contact_name(a.contact_id) END
    FROM (SELECT CASE WHEN a.next_step IS NOT NULL AND jiayi.is_done(a.id) THEN jiayi.step_done(a.id) END AS said OFFSET 0) AS d
$$;
COMMENT ON FUNCTION activity_shown(activity) IS 'A follow-up as calls answer it.';
GRANT EXECUTE ON FUNCTION activity_shown(activity) TO jiayi_app;

-- Most are logged by the owner of a deal that nobody follows: there is nobody to tell, and nothing is
-- written.
CREATE OR REPLACE FUNCTION activity_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO jiayi.event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    SELECT CASE a.audience WHEN 'internal' THEN a.author_company_id ELSE a.company_id END,
           CASE a.audience WHEN 'internal' THEN NULL ELSE d.vendor_id END,
           'deal.logged', 3, a.deal_id, a.member_id, ARRAY[d.owner_id]
    FROM added AS a JOIN jiayi.deal AS d ON d.id = a.deal_id
    WHERE d.owner_id <> a.member_id
       OR EXISTS (SELECT FROM jiayi.subscription AS s WHERE s.on_kind = 3 AND s.on_id = a.deal_id);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION activity_tell() IS
    'Trigger: tells a deal''s owner what others log on it, and of what is internal the company of who '
    'logged it alone.';

-- Where the page before ended, as todo_at() has it.
CREATE OR REPLACE FUNCTION logged_at(key text) RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN key IS NULL THEN 'infinity' ELSE split_part(key, '/', 1)::timestamptz END $$;
COMMENT ON FUNCTION logged_at(text) IS 'The moment in the key of a list of what was logged; after all where there is none.';
GRANT EXECUTE ON FUNCTION logged_at(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION logged_id(key text) RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN key IS NULL THEN 0 ELSE split_part(key, '/', 2)::bigint END $$;
COMMENT ON FUNCTION logged_id(text) IS 'The follow-up''s number in such a key.';
GRANT EXECUTE ON FUNCTION logged_id(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION activity_words(ids bigint[]) RETURNS SETOF search_words LANGUAGE sql STABLE AS $$
    SELECT a.id, a.at, jiayi.kind(CASE WHEN a.deal_id IS NULL THEN 'customer' ELSE 'deal' END),
           coalesce(a.deal_id, a.customer_id), a.company_id, a.author_company_id, a.audience, a.deal_version,
           concat_ws(E'\n', a.text, a.next_step)
    FROM jiayi.activity AS a WHERE a.id = ANY (ids)
$$;
COMMENT ON FUNCTION activity_words(bigint[]) IS 'What follow-ups are found by: text and next step.';
GRANT EXECUTE ON FUNCTION activity_words(bigint[]) TO jiayi_app, jiayi_auth;

---- Tables

CALL protect('activity', NULL);
CALL logged('activity', 'id');
CALL shape('activity', 'child', parent => 'deal', key => 'deal_id', version => 'deal_version',
    author => 'member_id', first => 'WHEN deal_id IS NULL THEN company_id = me_company() AND customer_shows(customer_id)');
CREATE POLICY on_customer_insert ON activity FOR INSERT TO jiayi_app
    WITH CHECK (deal_id IS NULL AND member_id = me_member() AND company_id = me_company());
GRANT SELECT ON activity TO jiayi_app;
GRANT INSERT (deal_id, company_id, member_id, kind, text, next_step, due_on, audience, happened_at, outcome,
              done_id, playbook_id, customer_id, contact_id) ON activity TO jiayi_app;
CALL open_to_auth('activity', 'SELECT, INSERT');
CALL only_added('activity');
CALL told('activity', 'INSERT');
CREATE TRIGGER guard BEFORE INSERT ON activity FOR EACH ROW EXECUTE FUNCTION activity_guard();
CALL searched('activity', 'INSERT');
