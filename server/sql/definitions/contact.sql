-- The people at customers: who sees and changes them.

CREATE OR REPLACE FUNCTION contact_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c customer;
BEGIN
    IF deciding_on_all() OR caller() IS NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.customer_id := customer_held(NEW.customer_id);
    END IF;
    SELECT o.* INTO c FROM customer AS o WHERE o.id = NEW.customer_id;
    IF c.company_id IS DISTINCT FROM me_company() OR NOT customer_reached(c.owner_id) THEN
        PERFORM refuse('JY007', 'you may see customer %s but not change it', ROW(NEW.customer_id));
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.state <> OLD.state THEN
            PERFORM check_transition('contact', '', OLD.id::text, OLD.state, NEW.state, 'ours');
        END IF;
        IF (NEW.name, NEW.title, NEW.function, NEW.email, NEW.phone, NEW.wechat, NEW.note, NEW.state)
           IS NOT DISTINCT FROM
           (OLD.name, OLD.title, OLD.function, OLD.email, OLD.phone, OLD.wechat, OLD.note, OLD.state) THEN
            RETURN NEW;
        END IF;
        NEW.version := OLD.version + 1;
        NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION contact_guard() IS
    'Trigger: contacts are added and changed by whom the called permission reaches the customer. What changes '
    'nothing makes no version.';

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION contact_shown(k contact) RETURNS TABLE (
    id bigint, customer_id bigint, name text, title text, function text, email text, phone text, wechat text,
    note text, state text, version int, created_at timestamptz, updated_at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT k.id, k.customer_id, k.name, k.title, k.function, k.email, k.phone, k.wechat, k.note, k.state,
           k.version, k.created_at, k.updated_at
$$;
COMMENT ON FUNCTION contact_shown(contact) IS 'A contact as calls answer it.';
GRANT EXECUTE ON FUNCTION contact_shown(contact) TO jiayi_app;

CREATE OR REPLACE FUNCTION contact_words(ids bigint[]) RETURNS SETOF search_words LANGUAGE sql STABLE AS $$
    SELECT c.id, c.created_at, jiayi.kind('customer'), c.customer_id, c.company_id, NULL::bigint, NULL, NULL::int,
           concat_ws(E'\n', c.name, c.title, c.email, c.phone, c.wechat, c.note)
    FROM jiayi.contact AS c WHERE c.id = ANY (ids)
$$;
COMMENT ON FUNCTION contact_words(bigint[]) IS
    'What contacts are found by: name, job, how they are reached, and what else there is to know.';
GRANT EXECUTE ON FUNCTION contact_words(bigint[]) TO jiayi_app, jiayi_auth;

---- Tables

CALL protect('contact', 'id', hidden => 'phone_key', many => true);
CALL shape('contact', 'child', key => 'customer_id', seen => 'customer_shows(customer_id)');
-- Whose may be added and changed, the trigger says: there it can be refused with a reason.
CREATE POLICY own_insert ON contact FOR INSERT TO jiayi_app WITH CHECK (company_id = me_company());
CREATE POLICY own_update ON contact FOR UPDATE TO jiayi_app USING (true) WITH CHECK (company_id = me_company());
GRANT SELECT ON contact TO jiayi_app;
GRANT INSERT (company_id, customer_id, name, title, function, email, phone, wechat, note),
    UPDATE (name, title, function, email, phone, wechat, note, state) ON contact TO jiayi_app;
CALL open_to_auth('contact', 'SELECT, INSERT, UPDATE');
CALL searched('contact', 'INSERT');
CALL searched('contact', 'UPDATE OF customer_id, name, title, email, phone, wechat, note');
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION contact_guard();
