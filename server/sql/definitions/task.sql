-- Tasks: who sees which, who may change them, do them and accept them, and how calls answer them.

-- One function, as shared_seen() is: what it is about is asked only where nothing else shows the task.
CREATE OR REPLACE FUNCTION task_seen(company bigint, partner bigint, span int, assignee bigint, creator bigint,
    on_kind smallint, on_id bigint, id bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    sight int := jiayi.sight(jiayi.noun('task'));
BEGIN
    IF company = jiayi.me_company() THEN
        IF sight & 4 <> 0
            OR (sight & 1 <> 0 AND jiayi.me_member() IN (assignee, creator))
            OR (sight & 2 <> 0 AND (jiayi.in_reach(assignee) OR jiayi.in_reach(creator)))
            OR (sight <> 0 AND on_id IS NOT NULL AND jiayi.object_visible(on_kind, on_id)) THEN
            RETURN true;
        END IF;
    ELSIF partner = jiayi.me_company() AND sight & 8 <> 0 AND jiayi.in_span(company, span) THEN
        RETURN true;
    ELSIF partner = jiayi.me_company() AND sight <> 0 AND on_kind = jiayi.kind('contract')
          AND jiayi.object_visible(on_kind, on_id) THEN
        RETURN true;
    END IF;
    RETURN sight <> 0 AND jiayi.takes_part(jiayi.kind('task'), id, company);
END
$$;
COMMENT ON FUNCTION task_seen(bigint, bigint, int, bigint, bigint, smallint, bigint, bigint) IS
    'Policy of tasks: in the company who has it, who gave it, those above them as far as their sight of '
    'tasks reaches, and who sees what it is about; the partner''s people while a contract is in '
    'force and it was given to them in this span of the partnership, on a contract whoever sees that, for good; and who '
    'takes part in it.';
GRANT EXECUTE ON FUNCTION task_seen(bigint, bigint, int, bigint, bigint, smallint, bigint, bigint)
    TO jiayi_app;

CREATE OR REPLACE FUNCTION day_ends(company_id bigint, day date) RETURNS timestamptz
    LANGUAGE sql STABLE AS
$$ SELECT jiayi.day_begins(company_id, day + 1) $$;
COMMENT ON FUNCTION day_ends(bigint, date) IS
    'The end of a day where the company is: its next midnight. NULL for NULL.';
GRANT EXECUTE ON FUNCTION day_ends(bigint, date) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION task_states(state text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN state IS NULL THEN ARRAY['open', 'delivered', 'rejected'] ELSE ARRAY[state] END
$$;
COMMENT ON FUNCTION task_states(text) IS
    'The states that a list of tasks has: the one that is asked for, or those of what is not finished.';
GRANT EXECUTE ON FUNCTION task_states(text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION members_called(email text) RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY(SELECT m.id FROM jiayi.member AS m
                 WHERE m.company_id = jiayi.me_company() AND m.email = lower(members_called.email))
        || coalesce(jiayi.members_elsewhere(members_called.email), '{}');
END
$$;
COMMENT ON FUNCTION members_called(text) IS
    'The members of that address in the caller''s company and its partners, to find what is theirs.';
GRANT EXECUTE ON FUNCTION members_called(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION task_no_owner(email text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF email IS NOT NULL THEN
        PERFORM jiayi.refuse('JY003', 'the partner''s people choose who of them does it; leave --owner '
            'away', field => 'owner');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION task_no_owner(text) IS
    'NULL; the call ends where an owner is named of a task that a partner''s people do.';
GRANT EXECUTE ON FUNCTION task_no_owner(text) TO jiayi_app;

-- A company may be both to another one: then it is the vendor that is meant.
CREATE OR REPLACE FUNCTION task_vendor(slug text, side text) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF slug IS NULL AND side = 'vendor' THEN
        PERFORM refuse('JY003', 'say which partner does it with --vendor, or leave --side away',
            field => 'side');
    ELSIF EXISTS (SELECT FROM partnership AS p JOIN company AS c ON c.id = p.principal_id
            WHERE p.vendor_id = me_company() AND c.slug = task_vendor.slug)
        AND NOT EXISTS (SELECT FROM partnership AS p JOIN company AS c ON c.id = p.vendor_id
            WHERE p.principal_id = me_company() AND c.slug = task_vendor.slug) THEN
        PERFORM refuse('JY005', 'tasks go from a principal to its vendor, and %s is your principal; '
            'leave --vendor away', ROW(slug), field => 'vendor');
    END IF;
    RETURN vendor_by_slug(slug);
END
$$;
COMMENT ON FUNCTION task_vendor(text, text) IS
    'The vendor of the caller''s company that has to do with a task; NULL: none. The call ends where it '
    'is no vendor of it, or where one is to do it and is not named.';
GRANT EXECUTE ON FUNCTION task_vendor(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION task_reached(t task) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    bits int := jiayi.me_scope();
BEGIN
    IF t.kind = 'duty' THEN
        RETURN jiayi.duty_reached(t);
    ELSIF t.company_id = jiayi.me_company() THEN
        RETURN jiayi.reaches(t.assignee_id, bits) OR jiayi.reaches(t.created_by, bits);
    ELSIF t.vendor_id IS DISTINCT FROM jiayi.me_company() THEN
        RETURN false;
    ELSIF jiayi.me_permission() = 'task.assign' THEN
        RETURN t.assignee_id IS NULL OR jiayi.reaches(t.assignee_id, bits);
    END IF;
    RETURN bits & 8 <> 0;
END
$$;
COMMENT ON FUNCTION task_reached(task) IS
    'Whether the called permission reaches a task that the caller sees: by who has it or gave it; a '
    'partner''s by being shared, and its people are that partner''s to choose.';
GRANT EXECUTE ON FUNCTION task_reached(task) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION task_doer(t task) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE t.side WHEN 'ours' THEN t.company_id ELSE t.vendor_id END $$;
COMMENT ON FUNCTION task_doer(task) IS 'The company whose people do a task.';
GRANT EXECUTE ON FUNCTION task_doer(task) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION task_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    -- What a deal's move does to the tasks of its stages, who moves it may do by that.
    me    bigint := CASE current_user WHEN 'jiayi_auth' THEN NULL ELSE caller() END;
    doer  bigint := task_doer(NEW);
    above task;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF me IS NOT NULL AND NOT deciding_on_all() AND NOT reaches(coalesce(NEW.assignee_id, me), me_scope()) THEN
            PERFORM refuse('JY007', 'your role lets you create tasks for yourself or your team only; '
                'leave --owner away');
        END IF;
        IF NEW.on_kind = kind('customer') THEN
            NEW.on_id := customer_held(NEW.on_id);
        ELSIF NEW.on_kind = kind('task') THEN
            -- Whoever finishes that one at the same moment waits, and then sees this one.
            SELECT t.* INTO above FROM task AS t WHERE t.id = NEW.on_id FOR SHARE;
            IF above.on_kind = kind('task') THEN
                PERFORM refuse('JY003', 'task %s is a part of task %s; make this one a part of that',
                    ROW(above.id, above.on_id), field => 'on');
            ELSIF above.state NOT IN ('open', 'rejected') THEN
                PERFORM refuse('JY009', 'task %s is %s; it gets no further parts',
                    ROW(above.id, word('task', above.state)));
            END IF;
        END IF;
        NEW.due_at := coalesce(day_ends(NEW.company_id, NEW.due_on), 'infinity');
        -- What a deal's stage brings is given with the deal, as long as that is.
        NEW.shared_span := coalesce(
            CASE WHEN NEW.stay IS NOT NULL THEN (SELECT d.shared_span FROM deal AS d WHERE d.id = NEW.on_id) END,
            partner_span(NEW.company_id, NEW.vendor_id));
        RETURN NEW;
    END IF;
    IF deciding_on_all() THEN
        NEW.version := OLD.version + 1;
        NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
        RETURN NEW;
    ELSIF me IS NOT NULL AND task_reached(OLD) IS NOT TRUE THEN
        PERFORM refuse('JY007', CASE me_permission()
            WHEN 'task.assign' THEN 'you may see task %s but not assign it'
            ELSE 'you may see task %s but not change it' END, ROW(OLD.id));
    ELSIF me IS NOT NULL AND OLD.kind = 'duty' AND me_permission() <> 'task.assign' THEN
        PERFORM refuse('JY009', 'task %s is a duty of contract %s, and changes with that: jiayi contract amend %s',
            ROW(OLD.id, OLD.on_id, OLD.on_id));
    ELSIF me IS NOT NULL AND me_permission() = 'task.assign' THEN
        IF doer <> me_company() THEN
            PERFORM refuse('JY007', 'task %s is done by people of %s, who choose by whom',
                ROW(OLD.id, slug_of(doer)));
        ELSIF NOT reaches(NEW.assignee_id, me_scope()) THEN
            PERFORM refuse('JY007', 'your role lets you assign tasks within your team only');
        END IF;
    ELSIF me IS NOT NULL AND OLD.company_id <> me_company() THEN
        PERFORM refuse('JY007', 'task %s was given by %s, whose people say what it is',
            ROW(OLD.id, slug_of(OLD.company_id)));
    END IF;
    IF OLD.state NOT IN ('open', 'rejected') THEN
        PERFORM refuse('JY009', 'task %s is %s, and stays what it was then',
            ROW(OLD.id, word('task', OLD.state)));
    END IF;
    -- Nothing changed: no other version, but for who comes to take part, who sees what follows.
    IF NEW IS NOT DISTINCT FROM OLD AND me_permission() IN ('task.update', 'task.assign') THEN
        RETURN NEW;
    ELSIF NEW.due_on IS DISTINCT FROM OLD.due_on THEN
        NEW.due_at := coalesce(day_ends(NEW.company_id, NEW.due_on), 'infinity');
    END IF;
    NEW.version := OLD.version + 1;
    NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION task_guard() IS
    'Trigger: a task is created and changed by whom the called permission reaches, and only while it is '
    'to be done; due_at is the end of due_on. Calls that change nothing make no version.';

-- The parts are asked for when the task is locked: none comes in meanwhile.
CREATE OR REPLACE FUNCTION task_state_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    me      bigint := CASE current_user WHEN 'jiayi_auth' THEN NULL ELSE caller() END;
    doer    bigint := task_doer(OLD);
    moment  timestamptz := greatest(clock_timestamp(), OLD.updated_at);
    missing text;
BEGIN
    IF me IS NOT NULL AND task_reached(OLD) IS NOT TRUE THEN
        PERFORM refuse('JY007', 'you may see task %s but not change it', ROW(OLD.id));
    ELSIF me IS NOT NULL AND OLD.kind = 'duty' AND NEW.state IN ('open', 'cancelled') THEN
        PERFORM refuse('JY009', 'task %s is a duty of contract %s, and changes with that: jiayi contract amend %s',
            ROW(OLD.id, OLD.on_id, OLD.on_id));
    ELSIF me IS NOT NULL AND OLD.kind = 'confirm' AND NEW.state = 'done' THEN
        PERFORM refuse('JY009', 'deal %s is confirmed by winning it: jiayi deal move %s won; to refuse it: '
            'jiayi task cancel %s --reason TEXT', ROW(OLD.on_id, OLD.on_id, OLD.id));
    ELSIF me IS NOT NULL AND OLD.kind = 'tier' AND NEW.state = 'done' THEN
        PERFORM refuse('JY009', 'task %s is done by deciding: jiayi tier set %s TIER --reason TEXT; to refuse it: '
            'jiayi task cancel %s --reason TEXT', ROW(OLD.id, object_title(OLD.on_kind, OLD.on_id), OLD.id));
    ELSIF NEW.state = 'done' AND OLD.acceptance THEN
        PERFORM refuse('JY009', 'task %s has to be accepted; deliver it: jiayi task deliver %s --text',
            ROW(OLD.id, OLD.id));
    ELSIF NEW.state IN ('delivered', 'accepted', 'rejected') AND NOT OLD.acceptance THEN
        PERFORM refuse('JY009', 'task %s needs no acceptance; when it is done: jiayi task done %s',
            ROW(OLD.id, OLD.id));
    ELSIF NEW.state IN ('accepted', 'rejected') AND OLD.state IN ('open', 'rejected') THEN
        PERFORM refuse('JY009', 'task %s is %s; who does it has to deliver it first: '
            'jiayi task deliver %s --text', ROW(OLD.id, word('task', OLD.state), OLD.id));
    END IF;
    IF me IS NOT NULL THEN
        PERFORM check_transition('task', CASE WHEN OLD.acceptance THEN 'acceptance' ELSE '' END,
            OLD.id::text, OLD.state, NEW.state, CASE
                WHEN NEW.state IN ('accepted', 'rejected') THEN 'reviewer'
                WHEN NEW.state IN ('done', 'delivered') AND doer = me_company() THEN 'assignee'
                WHEN OLD.company_id = me_company() AND (OLD.kind <> 'onboarding' OR NEW.state <> 'done') THEN 'owner'
                WHEN OLD.company_id = me_company() THEN 'principal'
                WHEN doer = me_company() THEN 'assignee'
                ELSE 'vendor' END);
    END IF;
    IF NEW.state IN ('accepted', 'rejected') THEN
        IF me IS NOT NULL AND OLD.vendor_id IS NOT NULL AND doer = me_company() THEN
            PERFORM refuse('JY007', 'task %s is accepted by %s, for whom it was done',
                ROW(OLD.id, slug_of(CASE doer WHEN OLD.company_id THEN OLD.vendor_id
                    ELSE OLD.company_id END)));
        ELSIF me IS NOT NULL AND (is_my_person(OLD.done_by)
                OR coalesce(is_my_person(OLD.assignee_id), false)) THEN
            PERFORM refuse('JY009', 'task %s is your own work; somebody else has to accept it',
                ROW(OLD.id));
        END IF;
        NEW.first_time := CASE NEW.state WHEN 'rejected' THEN false
            ELSE coalesce(OLD.first_time, true) END;
    ELSIF NEW.state IN ('done', 'delivered') THEN
        SELECT string_agg(ref(kind('task'), t.id) || ' ' || t.title, '; ' ORDER BY t.id) INTO missing
        FROM task AS t WHERE t.on_kind = kind('task') AND t.on_id = OLD.id AND (t.required OR OLD.kind = 'milestone')
            AND t.company_id = OLD.company_id AND t.state IN ('open', 'delivered', 'rejected');
        IF missing IS NOT NULL THEN
            PERFORM refuse('JY009', 'task %s cannot be done before its parts: %s',
                ROW(OLD.id, left(missing, 500)));
        END IF;
        NEW.done_by := me;
        NEW.done_at := CASE WHEN me IS NOT NULL THEN moment END;
        IF doer = me_company() THEN
            NEW.assignee_id := coalesce(OLD.assignee_id, me);
        END IF;
    ELSIF NEW.state = 'open' THEN
        NEW.done_by := NULL;
        NEW.done_at := NULL;
        NEW.first_time := NULL;
    END IF;
    NEW.state_since := moment;
    NEW.version := OLD.version + 1;
    NEW.updated_at := moment;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION task_state_guard() IS
    'Trigger: a task goes from state to state as transition has it; what is delivered is accepted by the '
    'other side, and never by who did it. What nobody had is from then on theirs who did it.';

-- As the schema's own: what is given is the deal, which its caller may.
CREATE OR REPLACE FUNCTION task_share(deal_id bigint, vendor_id bigint, span int) RETURNS int LANGUAGE plpgsql
SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    given int;
BEGIN
    UPDATE task AS t SET shared_span = span, shared_version = t.version + 1, version = t.version + 1
    FROM deal AS d
    WHERE d.id = task_share.deal_id AND d.company_id = me_company() AND d.vendor_id = task_share.vendor_id
      AND t.on_kind = kind('deal') AND t.on_id = d.id AND t.vendor_id = d.vendor_id AND t.company_id = d.company_id
      AND t.state IN ('open', 'delivered', 'rejected') AND t.shared_span < span;
    GET DIAGNOSTICS given = ROW_COUNT;
    RETURN given;
END
$$;
COMMENT ON FUNCTION task_share(bigint, bigint, int) IS
    'Gives the vendor of a deal of the caller''s company the tasks on it that it has to do with, in this span of '
    'the partnership. How many there are.';
GRANT EXECUTE ON FUNCTION task_share(bigint, bigint, int) TO jiayi_app;

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION task_shown(t task) RETURNS TABLE (
    id bigint, title text, kind text, checklist text, criterion boolean, state text, "on" text, on_title text, text text, owner text,
    owner_company text, vendor text, side text, company text, acceptance boolean, required boolean,
    due date, late boolean, creator text, creator_company text, done_by text, done_by_company text,
    done_at timestamptz, first_time boolean, version int, created_at timestamptz,
    updated_at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT t.id, t.title, t.kind, (SELECT c.code FROM jiayi.checklist AS c WHERE c.id = t.checklist_id),
           nullif(t.criterion, false), t.state, jiayi.ref(t.on_kind, t.on_id),
           CASE WHEN t.on_id IS NOT NULL THEN jiayi.object_title(t.on_kind, t.on_id) END, t.text,
           CASE t.assignee_id WHEN jiayi.me_member() THEN jiayi.me_email()
               ELSE jiayi.email_of(t.assignee_id) END,
           CASE WHEN t.vendor_id IS NOT NULL
               THEN nullif(jiayi.company_of(t.assignee_id), jiayi.me_slug()) END,
           jiayi.slug_of(t.vendor_id), CASE WHEN t.vendor_id IS NOT NULL THEN t.side END,
           CASE t.company_id WHEN jiayi.me_company() THEN jiayi.me_slug()
               ELSE jiayi.slug_of(t.company_id) END,
           nullif(t.acceptance, false), nullif(t.required, false), t.due_on,
           nullif(t.due_at < CASE WHEN t.state IN ('open', 'rejected') THEN now() ELSE t.done_at END,
               false),
           CASE t.created_by WHEN jiayi.me_member() THEN jiayi.me_email()
               ELSE jiayi.email_of(t.created_by) END,
           -- A vendor's people ask for a deal to be confirmed.
           CASE WHEN t.kind IN ('confirm', 'duty') THEN nullif(jiayi.company_of(t.created_by), jiayi.me_slug())
               WHEN t.company_id <> jiayi.me_company() THEN jiayi.slug_of(t.company_id) END,
           jiayi.email_of(t.done_by),
           CASE WHEN t.vendor_id IS NOT NULL
               THEN nullif(jiayi.company_of(t.done_by), jiayi.me_slug()) END,
           t.done_at, t.first_time, t.version, t.created_at, t.updated_at
$$;
COMMENT ON FUNCTION task_shown(task) IS 'A task as calls answer it.';
GRANT EXECUTE ON FUNCTION task_shown(task) TO jiayi_app;

CREATE OR REPLACE FUNCTION task_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    VALUES (NEW.company_id, NEW.vendor_id,
        CASE WHEN TG_OP = 'INSERT' OR NEW.state = OLD.state THEN 'task.assigned'
             ELSE 'task.' || NEW.state END,
        kind('task'), NEW.id, nullif(current_setting('jiayi.member_id', true), '')::bigint,
        CASE WHEN handing_over() THEN '{}'
             WHEN NEW.assignee_id IS NULL AND NEW.side = 'vendor' THEN partner_people(NEW.vendor_id)
             ELSE ARRAY[NEW.assignee_id] END
        || CASE WHEN TG_OP = 'UPDATE' AND NEW.state <> OLD.state THEN ARRAY[NEW.created_by]
               ELSE '{}' END);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION task_tell() IS
    'Trigger: tells who has a task that they have it, and of what becomes of it who gave it as well; '
    'where a partner''s people have not said who does it, those who look after the partnership.';

CREATE OR REPLACE FUNCTION task_words(ids bigint[]) RETURNS SETOF search_words LANGUAGE sql STABLE AS $$
    SELECT t.id, t.created_at, jiayi.kind('task'), t.id, t.company_id, NULL::bigint, NULL, NULL::int,
           concat_ws(E'\n', t.title, t.text)
    FROM jiayi.task AS t WHERE t.id = ANY (ids)
$$;
COMMENT ON FUNCTION task_words(bigint[]) IS 'What tasks are found by: title and text.';
GRANT EXECUTE ON FUNCTION task_words(bigint[]) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION tasks_ahead(people bigint[], given boolean, states text[], kind text, until timestamptz, after text,
    narrowed boolean, most bigint) RETURNS TABLE (id bigint, state text, latest timestamptz)
    LANGUAGE plpgsql STABLE ROWS 30 AS $$
#variable_conflict use_column
DECLARE
    mine     bigint := jiayi.me_company();
    after_at timestamptz := coalesce(split_part(after, '/', 1)::timestamptz, '-infinity');
    after_id bigint := coalesce(split_part(after, '/', 2)::bigint, 0);
    last     timestamptz := coalesce(tasks_ahead.until, 'infinity');
BEGIN
    IF narrowed OR cardinality(people) < 4 THEN
        RETURN QUERY SELECT p.id, s.state, last FROM unnest(people) AS p(id), unnest(states) AS s(state);
    ELSIF given THEN
        RETURN QUERY SELECT h.id, h.state, CASE WHEN count(*) OVER () = most THEN max(h.first) OVER () ELSE last END
        FROM (SELECT p.id, s.state, h.first FROM unnest(people) AS p(id), unnest(states) AS s(state) CROSS JOIN LATERAL (
                  SELECT t.due_at AS first FROM jiayi.task AS t
                  WHERE t.created_by = p.id AND t.assignee_id IS DISTINCT FROM t.created_by AND t.state = s.state
                    AND (tasks_ahead.kind IS NULL OR t.kind = tasks_ahead.kind)
                    AND t.due_at <= last AND (t.due_at, t.id) > (after_at, after_id)
                  ORDER BY t.due_at, t.id LIMIT 1) AS h
              ORDER BY h.first LIMIT most) AS h;
    ELSE
        RETURN QUERY SELECT h.id, h.state, CASE WHEN count(*) OVER () = most THEN max(h.first) OVER () ELSE last END
        FROM (SELECT p.id, s.state, h.first FROM unnest(people) AS p(id), unnest(states) AS s(state) CROSS JOIN LATERAL (
                  SELECT t.due_at AS first FROM jiayi.task AS t
                  WHERE t.assignee_id = p.id AND t.company_id = mine AND t.state = s.state
                    AND (tasks_ahead.kind IS NULL OR t.kind = tasks_ahead.kind)
                    AND t.due_at <= last AND (t.due_at, t.id) > (after_at, after_id)
                  ORDER BY t.due_at, t.id LIMIT 1) AS h
              ORDER BY h.first LIMIT most) AS h;
    END IF;
END
$$;
COMMENT ON FUNCTION tasks_ahead(bigint[], boolean, text[], text, timestamptz, text, boolean, bigint) IS
    'As deals_ahead(), of tasks that those people have, or gave to others: who has some of which state on a page of that many, and the '
    'latest moment that such a page comes to.';
GRANT EXECUTE ON FUNCTION tasks_ahead(bigint[], boolean, text[], text, timestamptz, text, boolean, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION task_side(kind text, company bigint, partner bigint, id bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF kind = 'duty' THEN
        RETURN jiayi.me_company() IN (company, partner);
    END IF;
    RETURN jiayi.shared_side(company, partner, jiayi.kind('task'), id);
END
$$;
COMMENT ON FUNCTION task_side(text, bigint, bigint, bigint) IS
    'Policy: whether the caller is of a side that may change a task: while it is shared, but for a duty, which both owe each '
    'other after the contract''s end as well.';
GRANT EXECUTE ON FUNCTION task_side(text, bigint, bigint, bigint) TO jiayi_app;

---- Tables

CALL protect('task', 'id');
-- What may be changed of what is seen, the triggers say.
CALL shape('task', 'shared', partner => 'vendor_id', author => 'created_by',
    seen => 'company_id = (SELECT me_whole(noun(''task''))) '
        'OR (company_id = me_company() AND assignee_id = ANY ((SELECT me_owners(noun(''task'')))::bigint[])) '
        'OR task_seen(company_id, vendor_id, shared_span, assignee_id, created_by, on_kind, on_id, id)',
    sides => 'task_side(kind, company_id, vendor_id, id)');
GRANT SELECT ON task TO jiayi_app;
GRANT INSERT (company_id, kind, on_kind, on_id, title, text, assignee_id, vendor_id, side, acceptance,
              required, criterion, due_on, checklist_id, created_by),
      UPDATE (title, text, assignee_id, required, due_on, state) ON task TO jiayi_app;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OF title, text, assignee_id, required, due_on ON task
    FOR EACH ROW EXECUTE FUNCTION task_guard();
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON task
    FOR EACH ROW EXECUTE FUNCTION task_state_guard();
CALL open_to_auth('task', 'SELECT, INSERT, UPDATE');
-- Of the tasks of its stages the owner of a deal is told by its moves.
CALL told('task', 'INSERT', 'NEW.stay IS NULL OR NEW.side = ''vendor''');
CALL told('task', 'UPDATE OF state, assignee_id',
    'NEW.dropped IS NOT DISTINCT FROM OLD.dropped AND (NEW.state <> OLD.state OR NEW.assignee_id IS DISTINCT FROM OLD.assignee_id)');
CALL searched('task', 'INSERT');
CALL searched('task', 'UPDATE OF title, text, assignee_id');
