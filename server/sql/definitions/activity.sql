-- Follow-ups on deals: who sees them, and who logs them.

CREATE OR REPLACE FUNCTION activity_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    d record;
BEGIN
    SELECT x.company_id, x.owner_id, x.vendor_id, x.version INTO d
    FROM jiayi.deal AS x WHERE x.id = NEW.deal_id;
    NEW.deal_version := d.version;
    IF jiayi.caller() IS NULL THEN
        SELECT m.company_id INTO NEW.author_company_id FROM jiayi.member AS m
        WHERE m.id = NEW.member_id;
        RETURN NEW;
    END IF;
    NEW.author_company_id := jiayi.me_company();
    IF NOT (CASE WHEN d.company_id = jiayi.me_company()
        THEN jiayi.reaches(d.owner_id, jiayi.me_scope())
                 ELSE jiayi.me_scope() & 8 <> 0
                     AND d.vendor_id IS NOT DISTINCT FROM jiayi.me_company() END) THEN
        PERFORM jiayi.refuse('JY007', 'you may see deal %s but not log on it', ROW(NEW.deal_id));
    ELSIF NEW.due_on IS NOT NULL AND NEW.next_step IS NULL THEN
        PERFORM jiayi.refuse('JY003', 'a due date needs a next step; give one with --next',
            field => 'due');
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION activity_guard() IS
    'Trigger: a follow-up is logged by whom the called permission reaches; it has their company, and '
    'the deal''s version that they see.';

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION activity_shown(a activity) RETURNS TABLE (
    id bigint, deal_id bigint, kind text, text text, member text, member_company text,
    at timestamptz, next text, due date, internal boolean)
LANGUAGE sql STABLE AS $$
    SELECT a.id, a.deal_id, a.kind, a.text,
           CASE a.member_id WHEN jiayi.me_member() THEN jiayi.me_email()
               ELSE jiayi.email_of(a.member_id) END,
           CASE WHEN a.author_company_id <> jiayi.me_company()
               THEN jiayi.slug_of(a.author_company_id) END,
           a.at, a.next_step, a.due_on, nullif(a.audience = 'internal', false)
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

---- Tables

CALL protect('activity', 'id');
CALL shape('activity', 'child', parent => 'deal', key => 'deal_id', version => 'deal_version',
    author => 'member_id');
GRANT SELECT ON activity TO jiayi_app;
GRANT INSERT (deal_id, company_id, member_id, kind, text, next_step, due_on, audience)
    ON activity TO jiayi_app;
CALL open_to_auth('activity', 'SELECT');
CALL only_added('activity');
CALL told('activity', 'INSERT');
CREATE TRIGGER guard BEFORE INSERT ON activity FOR EACH ROW EXECUTE FUNCTION activity_guard();
