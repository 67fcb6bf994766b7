-- What members are responsible for, and handing it over.

CREATE OR REPLACE FUNCTION member_duties(who bigint, "only" bigint[], OUT customers int, OUT deals int,
    OUT tasks int, OUT reports int, OUT partners int, OUT contracts int, OUT following int, OUT people int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM member AS m WHERE m.id = who AND m.company_id = me_company()) THEN
        RETURN;
    END IF;
    customers := (SELECT count(*) FROM customer AS c WHERE c.owner_id = who AND c.state <> 'merged'
        AND ("only" IS NULL OR c.id = ANY ("only")));
    deals := (SELECT count(*) FROM deal AS d WHERE d.owner_id = who AND d.outcome = 'open'
        AND ("only" IS NULL OR d.customer_id = ANY ("only")));
    tasks := (SELECT count(*) FROM duty_tasks(who, "only"));
    reports := (SELECT count(*) FROM duty_reports(who) WHERE "only" IS NULL);
    partners := (SELECT count(*) FROM duty_partners(who) WHERE "only" IS NULL);
    contracts := (SELECT count(*) FROM duty_contracts(who) WHERE "only" IS NULL);
    following := (SELECT count(*) FROM subscription AS s WHERE s.member_id = who AND "only" IS NULL);
    people := (SELECT count(*) FROM member AS m WHERE m.manager_id = who AND m.state = 'active' AND "only" IS NULL);
END
$$;
COMMENT ON FUNCTION member_duties(bigint, bigint[]) IS
    'How much a member of the caller''s company is responsible for: customers, open deals, tasks that are not '
    'finished, reports that came back, partnerships, contracts; what they follow, and how many people are right below. only: of '
    'these customers. NULLs for a member of another company.';
GRANT EXECUTE ON FUNCTION member_duties(bigint, bigint[]) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION duty_tasks(who bigint, "only" bigint[]) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT t.id FROM jiayi.task AS t
    WHERE t.assignee_id = who AND t.state IN ('open', 'delivered', 'rejected')
      AND ("only" IS NULL OR (t.on_kind = jiayi.kind('customer') AND t.on_id = ANY ("only"))
           OR (t.on_kind = jiayi.kind('deal') AND EXISTS (SELECT FROM jiayi.deal AS d
               WHERE d.id = t.on_id AND d.customer_id = ANY ("only"))))
$$;
COMMENT ON FUNCTION duty_tasks(bigint, bigint[]) IS
    'The tasks of a member that are not finished: with only, those about these customers and deals with them.';
GRANT EXECUTE ON FUNCTION duty_tasks(bigint, bigint[]) TO jiayi_auth;

CREATE OR REPLACE FUNCTION duty_reports(who bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT r.id FROM jiayi.report AS r
    WHERE r.author_id = who AND r.state = 'returned'
      AND NOT EXISTS (SELECT FROM jiayi.task AS t WHERE t.on_kind = jiayi.kind('report') AND t.on_id = r.id
          AND t.company_id = r.company_id AND t.assignee_id <> who)
$$;
COMMENT ON FUNCTION duty_reports(bigint) IS
    'The reports of a member that came back and of which nobody else has a task.';
GRANT EXECUTE ON FUNCTION duty_reports(bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION duty_partners(who bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT p.id FROM jiayi.partnership AS p WHERE p.responsible_id = who AND p.state <> 'ended'
    UNION ALL
    SELECT p.id FROM jiayi.partnership AS p WHERE p.vendor_responsible_id = who AND p.state <> 'ended'
$$;
COMMENT ON FUNCTION duty_partners(bigint) IS 'The partnerships that a member looks after, on either side.';
GRANT EXECUTE ON FUNCTION duty_partners(bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION duty_contracts(who bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT c.id FROM jiayi.contract AS c WHERE c.owner_id = who AND c.state IN ('draft', 'proposed', 'active', 'suspended')
    UNION ALL
    SELECT c.id FROM jiayi.contract AS c WHERE c.vendor_owner_id = who AND c.state IN ('draft', 'proposed', 'active', 'suspended')
$$;
COMMENT ON FUNCTION duty_contracts(bigint) IS
    'The contracts for which a member is responsible, on either side, that are not over.';
GRANT EXECUTE ON FUNCTION duty_contracts(bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION member_has_duties(who bigint) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT d.customers + d.deals + d.tasks + d.reports + d.partners + d.contracts > 0 FROM jiayi.member_duties(who, NULL) AS d $$;
COMMENT ON FUNCTION member_has_duties(bigint) IS
    'Whether there is something for which somebody would have to come in place of that member.';
GRANT EXECUTE ON FUNCTION member_has_duties(bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION handing_over() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT coalesce(current_setting('jiayi.deciding_on_all', true), '') = 'handover' $$;
COMMENT ON FUNCTION handing_over() IS
    'Whether hand_over() changes things of many deals: then triggers leave to it what it does for all of them at once.';
GRANT EXECUTE ON FUNCTION handing_over() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION hand_over(email text, "to" text, note text, customer_ids bigint[], trial boolean)
    RETURNS TABLE (id bigint, member text, owner text, customers int, deals int, tasks int, reports int,
        partners int, contracts int, following int, people int, dry_run boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    bits    int := coalesce((SELECT g.bits FROM caller_grants() AS g WHERE g.permission = 'member.handover'), 0);
    from_id bigint;
    to_id   bigint;
    picked    bigint[] := nullif(hand_over.customer_ids, '{}');
    zone    text := company_zone(me_company());
    n       record;
    made    bigint;
    foreign_one bigint;
    of_customers bigint[];
    of_deals  bigint[];
    of_tasks  bigint[];
BEGIN
    PERFORM FROM company AS c WHERE c.id = me_company() FOR NO KEY UPDATE;
    SELECT m.id INTO from_id FROM member AS m
    WHERE m.company_id = me_company() AND m.email = lower(hand_over.email);
    IF from_id IS NULL OR NOT reaches(from_id, sight(noun('member')) | bits) THEN
        PERFORM refuse('JY005', 'no member %s', ROW(lower(hand_over.email)));
    END IF;
    to_id := member_by_email("to");
    IF NOT reaches(from_id, bits) THEN
        PERFORM refuse('JY007', 'you may see the member %s but not hand over what is theirs', ROW(lower(hand_over.email)));
    ELSIF NOT reaches(to_id, bits) THEN
        PERFORM refuse('JY007', 'your role lets you hand things over within your team only');
    ELSIF from_id = to_id THEN
        PERFORM refuse('JY003', 'nobody hands over to themselves; name somebody else', field => 'to');
    END IF;
    SELECT s INTO foreign_one FROM unnest(picked) AS s
    WHERE NOT EXISTS (SELECT FROM customer AS c WHERE c.id = s AND c.company_id = me_company()
        AND (c.owner_id = from_id OR EXISTS (SELECT FROM deal AS d WHERE d.customer_id = c.id AND d.owner_id = from_id)))
    LIMIT 1;
    IF foreign_one IS NOT NULL THEN
        PERFORM refuse('JY005', '%s has nothing to do with a customer %s', ROW(lower(hand_over.email), foreign_one),
            field => 'customer_ids');
    END IF;
    SELECT * INTO n FROM member_duties(from_id, picked);
    IF n.customers + n.deals + n.tasks + n.reports + n.partners + n.contracts + n.following > 20000 THEN
        PERFORM refuse('JY008', '%s has more than 20000 things; hand them over in parts, with --customer',
            ROW(lower(hand_over.email)));
    ELSIF NOT coalesce(hand_over.trial, false) AND n.customers + n.deals + n.tasks + n.reports + n.partners + n.contracts + n.following = 0 THEN
        PERFORM refuse('JY009', '%s has nothing to hand over', ROW(lower(hand_over.email)));
    END IF;
    IF NOT coalesce(hand_over.trial, false) THEN
        PERFORM set_config('jiayi.deciding_on_all', 'handover', true);
        -- What is held is as it is by now, and so is what the log says of before.
        WITH held_customer AS MATERIALIZED (
            SELECT c.id, c.version, c.updated_at FROM customer AS c
            WHERE c.owner_id = from_id AND c.state <> 'merged' AND (picked IS NULL OR c.id = ANY (picked)) ORDER BY c.id FOR NO KEY UPDATE
        ), held_deal AS MATERIALIZED (
            SELECT d.id, d.version, d.updated_at FROM deal AS d
            WHERE d.owner_id = from_id AND d.outcome = 'open' AND (picked IS NULL OR d.customer_id = ANY (picked)) ORDER BY d.id FOR NO KEY UPDATE
        ), of_customer AS (
            UPDATE customer AS c SET owner_id = to_id FROM held_customer AS h WHERE c.id = h.id
            RETURNING kind('customer') AS on_kind, c.id AS on_id, c.version, c.updated_at, h.version AS was, h.updated_at AS was_at
        ), of_deal AS (
            UPDATE deal AS d SET owner_id = to_id FROM held_deal AS h WHERE d.id = h.id
            RETURNING kind('deal') AS on_kind, d.id AS on_id, h.version AS was, h.updated_at AS was_at, d.*
        ), changed AS (
            SELECT 'customer' AS object, o.on_kind, o.on_id, o.version, o.updated_at, o.was, o.was_at FROM of_customer AS o
            UNION ALL
            SELECT 'deal', o.on_kind, o.on_id, o.version, o.updated_at, o.was, o.was_at FROM of_deal AS o
        ), logged AS (
            INSERT INTO audit_log (company_id, member_id, member, method, request_id, object, object_id, action, before, after)
            SELECT me_company(), me_member(), me_email(), nullif(current_setting('jiayi.method', true), ''),
                nullif(current_setting('jiayi.request_id', true), ''), o.object, o.on_id, 'update',
                jsonb_build_object('owner_id', from_id, 'version', o.was, 'updated_at', o.was_at),
                jsonb_build_object('owner_id', to_id, 'version', o.version, 'updated_at', o.updated_at)
            FROM changed AS o ORDER BY o.on_kind, o.on_id
        ), searched AS (
            INSERT INTO search_todo (kind, on_id, company_id) SELECT o.object, o.on_id, me_company() FROM changed AS o
        ), history AS (
            INSERT INTO deal_stage (deal_id, seq, company_id, author_company_id, stage, entered_at, member_id, kind, owner_id, outcome,
                closed_at, vendor_id, amount, currency, counted_on, lost_code, lost_to)
            SELECT o.id, o.version, o.company_id, o.company_id, o.stage, o.updated_at, me_member(), 'owner', o.owner_id, o.outcome,
                o.closed_at, o.vendor_id, o.amount, o.currency, (o.updated_at AT TIME ZONE zone)::date, o.lost_code, o.lost_to
            FROM of_deal AS o ORDER BY o.id
        ), told AS (
            -- Others than who hands over: those who follow a deal are told of that deal.
            INSERT INTO event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
            SELECT o.company_id, o.vendor_id, 'deal.assigned', o.on_kind, o.on_id, me_member(), '{}' FROM of_deal AS o
            WHERE EXISTS (SELECT FROM subscription AS s WHERE s.on_kind = o.on_kind AND s.on_id = o.on_id
                AND (picked IS NOT NULL OR s.member_id <> from_id))
            ORDER BY o.on_id
        ), of_pulse AS (
            UPDATE deal_pulse AS p SET member_id = to_id,
                customer_owner_id = CASE p.customer_owner_id WHEN from_id THEN to_id ELSE p.customer_owner_id END
            FROM of_deal AS o WHERE p.deal_id = o.on_id AND p.company_id = me_company()
        ), noted AS (
            INSERT INTO comment (on_kind, on_id, version, member_id, text, audience)
            SELECT o.on_kind, o.on_id, o.version, me_member(), hand_over.note, 'internal' FROM changed AS o
        )
        SELECT ARRAY(SELECT o.on_id FROM of_customer AS o), ARRAY(SELECT o.on_id FROM of_deal AS o) INTO of_customers, of_deals;
        -- Others' deals with these customers, those that are closed, and what was made until they were held.
        UPDATE deal_pulse AS p SET customer_owner_id = to_id FROM deal AS d
        WHERE d.customer_id = ANY (of_customers) AND p.deal_id = d.id AND p.company_id = me_company()
          AND p.customer_id = d.customer_id AND p.customer_owner_id <> to_id;
        WITH of_task AS (
            UPDATE task AS t SET assignee_id = to_id WHERE t.id IN (SELECT duty_tasks(from_id, picked)) RETURNING t.id
        )
        SELECT ARRAY(SELECT o.id FROM of_task AS o) INTO of_tasks;
        PERFORM comments_follow(k.kind, k.ids)
        FROM (VALUES (kind('customer'), of_customers), (kind('deal'), of_deals), (kind('task'), of_tasks)) AS k(kind, ids);
        IF picked IS NULL THEN
            UPDATE partnership AS p SET responsible_id = CASE p.responsible_id WHEN from_id THEN to_id ELSE p.responsible_id END,
                vendor_responsible_id = CASE p.vendor_responsible_id WHEN from_id THEN to_id ELSE p.vendor_responsible_id END
            WHERE p.id IN (SELECT duty_partners(from_id));
            UPDATE contract AS c SET owner_id = CASE c.owner_id WHEN from_id THEN to_id ELSE c.owner_id END,
                vendor_owner_id = CASE c.vendor_owner_id WHEN from_id THEN to_id ELSE c.vendor_owner_id END
            WHERE c.id IN (SELECT duty_contracts(from_id));
            -- Its author's words stay the author's: what is to be done about it is a task.
            INSERT INTO task (company_id, kind, on_kind, on_id, title, text, assignee_id, created_by)
            SELECT r.company_id, 'action', kind('report'), r.id, v.title, left(hand_over.note, 4000), to_id, me_member()
            FROM duty_reports(from_id) AS o(id) JOIN report AS r ON r.id = o.id
            JOIN revision AS v ON v.on_kind = kind('report') AND v.on_id = r.id AND v.version = r.version;
            INSERT INTO subscription (member_id, on_kind, on_id)
            SELECT to_id, s.on_kind, s.on_id FROM subscription AS s WHERE s.member_id = from_id
            ON CONFLICT DO NOTHING;
            DELETE FROM subscription AS s WHERE s.member_id = from_id;
        END IF;
        PERFORM set_config('jiayi.deciding_on_all', '', true);
        -- One message for all of it, and none of a comment; who follows a deal is told of that deal.
        INSERT INTO handover (company_id, from_id, to_id, member_id, note, counts)
        VALUES (me_company(), from_id, to_id, me_member(), hand_over.note, to_jsonb(n) - 'people')
        RETURNING handover.id INTO made;
        INSERT INTO event (company_id, kind, on_kind, on_id, actor_id, member_ids)
        VALUES (me_company(), 'member.handed_over', kind('member'), from_id, me_member(), ARRAY[to_id]);
    END IF;
    RETURN QUERY SELECT made, lower(hand_over.email), lower("to"), n.customers, n.deals, n.tasks, n.reports, n.partners, n.contracts, n.following,
        n.people, nullif(hand_over.trial, false);
END
$$;
COMMENT ON FUNCTION hand_over(text, text, text, bigint[], boolean) IS
    'Gives what a member is responsible for to another one, all at once, and says how much it was; with '
    'customer_ids what has to do with these; with trial it is only counted. Of a report that came back the '
    'other one gets a task.';
GRANT EXECUTE ON FUNCTION hand_over(text, text, text, bigint[], boolean) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION member_remove(email text, hand_to text DEFAULT NULL, note text DEFAULT NULL) RETURNS SETOF member_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    who bigint := member_to_manage(email);
    n   record;
BEGIN
    SELECT * INTO n FROM member_duties(who, NULL);
    IF hand_to IS NOT NULL THEN
        IF n.customers + n.deals + n.tasks + n.reports + n.partners + n.contracts + n.following > 0 THEN
            PERFORM hand_over(member_remove.email, hand_to, member_remove.note, NULL, false);
        END IF;
    ELSIF member_has_duties(who) THEN
        PERFORM refuse('JY009', '%s is still responsible for %s customers, %s open deals, %s tasks, %s returned '
            'reports, %s partnerships and %s contracts; hand them over first: jiayi member handover %s EMAIL --note TEXT',
            ROW(lower(email), n.customers, n.deals, n.tasks, n.reports, n.partners, n.contracts, lower(email)));
    END IF;
    UPDATE member AS m SET state = 'removed' WHERE m.id = who;
    -- What was theirs stays in the team of those above; those below move up.
    UPDATE member AS m SET manager_id = (SELECT b.manager_id FROM member AS b WHERE b.id = who)
        WHERE m.manager_id = who;
    UPDATE session AS s SET revoked_at = now() WHERE s.member_id = who AND s.revoked_at IS NULL;
    PERFORM person_apart(who);
    RETURN QUERY SELECT * FROM member_show(who);
END
$$;
COMMENT ON FUNCTION member_remove(text, text, text) IS
    'Removes a member from the caller''s company; first what they are responsible for is handed over, where '
    'hand_to says to whom; else the call ends where there is something.';
GRANT EXECUTE ON FUNCTION member_remove(text, text, text) TO jiayi_app;

---- Tables

CALL protect('handover', NULL);
CALL logged('handover', 'id', by_hand => true);
CREATE POLICY visible ON handover FOR SELECT TO jiayi_app
    USING (company_id = me_company()
           AND (me_member() = ANY (ARRAY[from_id, to_id, member_id]) OR sight(noun('audit')) & 4 <> 0
                OR in_reach(from_id) OR in_reach(to_id)));
GRANT SELECT ON handover TO jiayi_app;
CALL open_to_auth('handover', 'INSERT, SELECT');
CALL only_added('handover');
