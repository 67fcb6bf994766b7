-- Checklists: their points, and the tasks that become of them.

CREATE OR REPLACE FUNCTION checklist_named(code text) RETURNS checklist LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found checklist;
BEGIN
    SELECT c.* INTO found FROM checklist AS c WHERE c.company_id = me_company() AND c.code = checklist_named.code;
    IF found.id IS NULL THEN
        PERFORM refuse('JY005', 'no checklist %s; jiayi checklist list shows them', ROW(code));
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION checklist_named(text) IS
    'A checklist of the caller''s company, by its code; the call ends where there is none.';
GRANT EXECUTE ON FUNCTION checklist_named(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION checklist_items_add(checklist_id bigint, version int, items jsonb) RETURNS void
    LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO checklist_item (checklist_id, version, position, title, text, required, criterion, side, days)
    SELECT checklist_items_add.checklist_id, checklist_items_add.version, i.position, i.title, i.text,
           coalesce(i.required, false), coalesce(i.criterion, false), coalesce(i.side, 'ours'), i.days
    FROM ROWS FROM (jsonb_to_recordset(items) AS (title text, text text, required boolean,
        criterion boolean, side text, days int)) WITH ORDINALITY
        AS i(title, text, required, criterion, side, days, position);
END
$$;
COMMENT ON FUNCTION checklist_items_add(bigint, int, jsonb) IS
    'Gives a checklist its points: objects with title, text, required, criterion, side, days.';
GRANT EXECUTE ON FUNCTION checklist_items_add(bigint, int, jsonb) TO jiayi_app;

-- VOLATILE, so that it sees what the same statement wrote.
CREATE OR REPLACE FUNCTION checklist_show(checklist_id bigint) RETURNS TABLE (
    id bigint, code text, name text, purpose text, active boolean, points int, version int,
    updated_at timestamptz, items jsonb)
LANGUAGE plpgsql VOLATILE SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT c.id, c.code, c.name, c.purpose, nullif(c.active, true), i.points::int, c.version, c.updated_at,
           i.items
    FROM checklist AS c CROSS JOIN LATERAL (
        SELECT count(*) AS points, jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                   'position', x.position, 'title', x.title, 'text', x.text,
                   'required', nullif(x.required, false), 'criterion', nullif(x.criterion, false),
                   'side', x.side, 'days', x.days)) ORDER BY x.position) AS items
        FROM checklist_item AS x WHERE x.checklist_id = c.id AND x.version = c.items_version) AS i
    WHERE c.id = checklist_show.checklist_id;
END
$$;
COMMENT ON FUNCTION checklist_show(bigint) IS
    'A checklist with its points, as calls answer it.';
GRANT EXECUTE ON FUNCTION checklist_show(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION checklist_define(code text, name text, purpose text, items jsonb)
    RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    INSERT INTO checklist (company_id, code, name, purpose)
    VALUES (me_company(), checklist_define.code, checklist_define.name, checklist_define.purpose)
    RETURNING id INTO made;
    PERFORM checklist_items_add(made, 1, items);
    RETURN made;
END
$$;
COMMENT ON FUNCTION checklist_define(text, text, text, jsonb) IS
    'Makes a checklist of the caller''s company with its points; its number.';
GRANT EXECUTE ON FUNCTION checklist_define(text, text, text, jsonb) TO jiayi_app;

CREATE OR REPLACE FUNCTION checklist_update(code text, name text, purpose text, active boolean, items jsonb,
    version int) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    had     bigint := (checklist_named(code)).id;
    changed int;
BEGIN
    UPDATE checklist AS c SET name = coalesce(checklist_update.name, c.name),
        purpose = coalesce(checklist_update.purpose, c.purpose),
        active = coalesce(checklist_update.active, c.active),
        items_version = CASE WHEN items IS NULL THEN c.items_version ELSE c.version + 1 END
    WHERE c.id = had AND check_version('checklist', c.id, c.version, checklist_update.version)
    RETURNING c.version INTO changed;
    IF items IS NOT NULL THEN
        PERFORM checklist_items_add(had, changed, items);
    END IF;
    RETURN had;
END
$$;
COMMENT ON FUNCTION checklist_update(text, text, text, boolean, jsonb, int) IS
    'Changes a checklist: what is not NULL. Its points are all given anew, or stay. Its number.';
GRANT EXECUTE ON FUNCTION checklist_update(text, text, text, boolean, jsonb, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION checklist_partner(on_kind smallint, on_id bigint) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN slug_of(CASE on_kind
        WHEN kind('deal') THEN (SELECT d.vendor_id FROM deal AS d
            WHERE d.id = on_id AND d.company_id = me_company())
        WHEN kind('partner') THEN (SELECT p.vendor_id FROM partnership AS p
            WHERE p.id = on_id AND p.principal_id = me_company()) END);
END
$$;
COMMENT ON FUNCTION checklist_partner(smallint, bigint) IS
    'The vendor that a thing of the caller''s company is about: a deal''s, a partnership''s; NULL: none.';
GRANT EXECUTE ON FUNCTION checklist_partner(smallint, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION checklist_start(code text, ref text, owner text, vendor text, start date)
    RETURNS TABLE (checklist text, "on" text, tasks int, due date) LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    list    checklist := checklist_named(code);
    thing   record;
    doer    bigint := coalesce(member_by_email(owner), me_member());
    partner bigint;
    joint   boolean;
    wanted  boolean;
BEGIN
    SELECT o.on_kind, o.on_id INTO thing FROM object_seen(ref) AS o;
    -- Of an onboarding both sides see all points.
    joint := list.purpose = 'onboarding' AND thing.on_kind = kind('partner');
    SELECT joint OR bool_or(i.side = 'vendor') INTO wanted FROM checklist_item AS i
    WHERE i.checklist_id = list.id AND i.version = list.items_version;
    -- Of two at once the second one sees what the first one made.
    PERFORM FROM checklist AS c WHERE c.id = list.id FOR UPDATE;
    IF NOT list.active THEN
        PERFORM refuse('JY009', 'the checklist %s is not used any more', ROW(code));
    ELSIF EXISTS (SELECT FROM task AS t WHERE t.on_kind = thing.on_kind AND t.on_id = thing.on_id
            AND t.checklist_id = list.id AND t.company_id = me_company()
            AND t.state IN ('open', 'delivered', 'rejected')) THEN
        PERFORM refuse('JY009', 'the checklist %s is being worked on at %s already', ROW(code, ref));
    ELSIF wanted THEN
        partner := task_vendor(coalesce(vendor, checklist_partner(thing.on_kind, thing.on_id)), NULL);
        IF partner IS NULL THEN
            PERFORM refuse('JY003', 'the checklist %s has points for a partner; name it with --vendor',
                ROW(code), field => 'vendor');
        END IF;
    ELSIF vendor IS NOT NULL THEN
        PERFORM refuse('JY003', 'the checklist %s has no points for a partner; leave --vendor away',
            ROW(code), field => 'vendor');
    END IF;
    RETURN QUERY
    WITH made AS (
        INSERT INTO task (company_id, kind, on_kind, on_id, title, text, assignee_id, vendor_id, side,
            required, criterion, due_on, checklist_id, created_by)
        SELECT me_company(), CASE list.purpose WHEN 'onboarding' THEN 'onboarding' ELSE 'check' END,
               thing.on_kind, thing.on_id, i.title, i.text, CASE i.side WHEN 'ours' THEN doer END,
               CASE WHEN joint OR i.side = 'vendor' THEN partner END, i.side, i.required, i.criterion,
               add_working_days(me_company(), coalesce(start, today()), i.days), list.id, me_member()
        FROM checklist_item AS i
        WHERE i.checklist_id = list.id AND i.version = list.items_version ORDER BY i.position
        RETURNING due_on
    )
    SELECT list.code, ref, count(*)::int, max(m.due_on) FROM made AS m;
END
$$;
COMMENT ON FUNCTION checklist_start(text, text, text, text, date) IS
    'Makes a task of each point of a checklist, on a thing that the caller sees; due so many working days '
    'after the start. Says how many, and when the last one is due.';
GRANT EXECUTE ON FUNCTION checklist_start(text, text, text, text, date) TO jiayi_app;

CREATE OR REPLACE FUNCTION checklist_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Whoever starts one locks it, which needs the right to change it.
    IF current_user <> 'jiayi_auth' AND jiayi.caller() IS NOT NULL
        AND jiayi.me_permission() IS DISTINCT FROM 'checklist.manage' THEN
        RAISE insufficient_privilege;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        NEW.version := OLD.version + 1;
        NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION checklist_guard() IS
    'Trigger: a checklist is changed by who may manage checklists; counts its changes.';

---- Tables

CALL protect('checklist', 'id');
CALL shape('checklist', 'house', noun => 'checklist', changes => true);
GRANT SELECT ON checklist TO jiayi_app;
GRANT INSERT (company_id, code, name, purpose), UPDATE (name, purpose, active, items_version)
    ON checklist TO jiayi_app;
CALL open_to_auth('checklist', 'SELECT, INSERT, UPDATE');
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON checklist FOR EACH ROW EXECUTE FUNCTION checklist_guard();

CALL protect('checklist_item', NULL);
CALL logged('checklist_item', 'checklist_id,version,position', at => 'log_at');
CALL shape('checklist_item', 'child', parent => 'checklist', key => 'checklist_id');
CREATE POLICY own_insert ON checklist_item FOR INSERT TO jiayi_app
    WITH CHECK (me_permission() = 'checklist.manage'
                AND EXISTS (SELECT FROM checklist AS c WHERE c.id = checklist_item.checklist_id
                            AND c.version = checklist_item.version
                            AND c.items_version = checklist_item.version));
GRANT SELECT, INSERT ON checklist_item TO jiayi_app;
CALL open_to_auth('checklist_item', 'SELECT, INSERT');
CALL only_added('checklist_item');
