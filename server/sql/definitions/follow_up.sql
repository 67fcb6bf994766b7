-- The next steps of deals that have a day: kept beside the activities, for to-do lists.

CREATE OR REPLACE FUNCTION follow_up_logged() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.due_on IS NULL THEN
        DELETE FROM follow_up AS f
        WHERE f.deal_id = NEW.deal_id AND f.company_id = NEW.author_company_id;
        RETURN NULL;
    END IF;
    INSERT INTO follow_up (deal_id, company_id, member_id, activity_id, due_on, due_at)
    SELECT d.id, NEW.author_company_id,
           CASE d.company_id WHEN NEW.author_company_id THEN d.owner_id ELSE NEW.member_id END,
           NEW.id, NEW.due_on, day_ends(NEW.author_company_id, NEW.due_on)
    FROM deal AS d WHERE d.id = NEW.deal_id AND d.outcome = 'open'
    ON CONFLICT (deal_id, company_id) DO UPDATE SET member_id = excluded.member_id,
        activity_id = excluded.activity_id, due_on = excluded.due_on, due_at = excluded.due_at;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION follow_up_logged() IS
    'Trigger: the newest activity of a side says what its next step is; without a day there is none.';

CREATE OR REPLACE FUNCTION follow_up_renew() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM follow_up AS f WHERE f.deal_id = NEW.id;
    INSERT INTO follow_up (deal_id, company_id, member_id, activity_id, due_on, due_at)
    SELECT NEW.id, s.company_id,
           CASE s.company_id WHEN NEW.company_id THEN NEW.owner_id ELSE a.member_id END, a.id, a.due_on,
           day_ends(s.company_id, a.due_on)
    FROM (VALUES (NEW.company_id), (NEW.vendor_id)) AS s(company_id)
    CROSS JOIN LATERAL (SELECT x.* FROM activity AS x
        WHERE x.deal_id = NEW.id AND x.author_company_id = s.company_id
          AND (s.company_id = NEW.company_id OR x.deal_version >= NEW.shared_version)
        ORDER BY x.id DESC LIMIT 1) AS a
    WHERE NEW.outcome = 'open' AND a.due_on IS NOT NULL;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION follow_up_renew() IS
    'Trigger: with the owner, the vendor and the end of a deal its next steps change.';

---- Tables

-- It repeats what the activity says.
CALL protect('follow_up', NULL);
CREATE POLICY visible ON follow_up FOR SELECT TO jiayi_app
    USING (company_id = me_company() AND object_visible(kind('deal'), deal_id));
GRANT SELECT ON follow_up TO jiayi_app;
CALL open_to_auth('follow_up', 'SELECT, INSERT, UPDATE, DELETE');
CREATE TRIGGER follow_up AFTER INSERT ON activity FOR EACH ROW EXECUTE FUNCTION follow_up_logged();
CREATE TRIGGER follow_up AFTER UPDATE ON deal FOR EACH ROW
    WHEN (OLD.owner_id <> NEW.owner_id OR (OLD.outcome = 'open') <> (NEW.outcome = 'open')
          OR OLD.vendor_id IS DISTINCT FROM NEW.vendor_id)
    EXECUTE FUNCTION follow_up_renew();
