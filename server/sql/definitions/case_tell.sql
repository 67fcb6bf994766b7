-- Cases: who is told what becomes of them, and what happens at its time.

CREATE OR REPLACE FUNCTION case_told(c case_file, what text, to_principal boolean, to_vendors boolean) RETURNS void
    LANGUAGE sql SET search_path = jiayi, pg_catalog, pg_temp AS $$
    INSERT INTO event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    SELECT c.company_id, t.partner, 'case.' || what, kind('case'), c.id,
           (SELECT m.id FROM member AS m WHERE m.id = nullif(current_setting('jiayi.member_id', true), '')::bigint
                AND (t.partner IS NULL OR m.company_id IN (c.company_id, t.partner))), t.who
    FROM (
        SELECT NULL::bigint AS partner, CASE WHEN c.opened_company_id = c.company_id THEN ARRAY[c.opened_by] ELSE '{}' END
            || CASE WHEN c.handler_id IS NULL THEN partner_people(c.company_id) ELSE ARRAY[c.handler_id] END
            || (SELECT k.owner_id FROM contract AS k WHERE k.id = c.contract_id) AS who
        WHERE to_principal
        UNION ALL
        SELECT v, CASE WHEN c.opened_company_id = v THEN ARRAY[c.opened_by] ELSE partner_people(v) END
            || (SELECT k.vendor_owner_id FROM contract AS k WHERE k.id = c.contract_id)
        FROM unnest(ARRAY[c.vendor_id, c.other_vendor_id]) AS v WHERE to_vendors AND v IS NOT NULL
    ) AS t
$$;
COMMENT ON FUNCTION case_told(case_file, text, boolean, boolean) IS
    'Tells what happens to a case: in the company who opened it and who handles it, or who looks after partnerships; each '
    'vendor apart from the other, without saying that the other did it, who opened it there, or those who look after partnerships; '
    'of a contract also who is responsible for it.';
GRANT EXECUTE ON FUNCTION case_told(case_file, text, boolean, boolean) TO jiayi_auth;

CREATE OR REPLACE FUNCTION case_hearers(id bigint, author bigint, OUT company_id bigint, OUT partner_id bigint) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
    SELECT v.company_id, v.partner_id FROM case_file AS c, LATERAL (VALUES
        (c.company_id, CASE WHEN c.kind <> 'conflict' OR author = c.company_id THEN c.vendor_id ELSE author END),
        (CASE WHEN author = c.company_id THEN c.other_vendor_id END, NULL)) AS v(company_id, partner_id)
    WHERE c.id = case_hearers.id AND v.company_id IS NOT NULL
$$;
COMMENT ON FUNCTION case_hearers(bigint, bigint) IS
    'For whose people something is that somebody of that company said in a case, as events have it: of a conflict each vendor is '
    'told what it did itself, and what the principal did.';
GRANT EXECUTE ON FUNCTION case_hearers(bigint, bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION case_file_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    one case_file := NEW;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.other_vendor_id IS DISTINCT FROM OLD.other_vendor_id THEN
        one.vendor_id := NULL; -- the second side of it is asked to speak
        PERFORM case_told(one, 'opened', false, true);
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.cure_over AND NOT OLD.cure_over AND NEW.state NOT IN ('resolved', 'closed', 'withdrawn')
       AND NOT EXISTS (SELECT FROM breach_span(NEW) AS s WHERE day_ends(NEW.company_id, s.made_good) <= NEW.cure_by) THEN
        PERFORM case_told(NEW, 'overdue', true, true);
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM case_told(NEW, 'opened', true, NEW.opened_company_id = NEW.company_id);
    ELSIF NEW.handler_id IS DISTINCT FROM OLD.handler_id AND NEW.handler_id IS NOT NULL THEN
        PERFORM case_told(NEW, 'assigned', true, false);
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.state <> OLD.state AND NEW.state NOT IN ('assigned', 'answered', 'heard') THEN
        PERFORM case_told(NEW, CASE WHEN NEW.state IN ('arbitration', 'litigation') THEN 'escalated'
            WHEN NEW.state IN ('decided', 'resolved', 'adopted', 'declined') THEN 'decided'
            WHEN NEW.state IN ('reopened', 'appealed') THEN 'reopened'
            WHEN NEW.state IN ('closed', 'done') THEN 'closed'
            WHEN NEW.state = 'withdrawn' THEN 'withdrawn' ELSE 'handled' END, true, true);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION case_file_tell() IS 'Trigger: tells the sides of a case what becomes of it.';

CREATE OR REPLACE FUNCTION case_proposed(id bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM case_told(c, 'proposed', c.company_id <> me_company(), c.company_id = me_company())
    FROM case_file AS c WHERE c.id = case_proposed.id AND c.proposed_side = me_company();
END
$$;
COMMENT ON FUNCTION case_proposed(bigint) IS 'Tells the other side of a breach or a dispute what the caller''s company proposes.';
GRANT EXECUTE ON FUNCTION case_proposed(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_member_sees(m member, id bigint) RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c   case_file;
    far int;
BEGIN
    SELECT x.* INTO c FROM case_file AS x WHERE x.id = case_member_sees.id;
    SELECT ascii(substr(r.sights, noun('case'), 1)) & 15 INTO far FROM role AS r WHERE r.id = m.role_id;
    RETURN m.company_id = ANY (ARRAY[c.company_id, c.vendor_id, c.other_vendor_id]) AND (far & 4 <> 0
        OR (far & 1 <> 0 AND m.id = ANY (ARRAY[c.opened_by, c.handler_id]))
        OR (far & 2 <> 0 AND (m.company_id <> c.opened_company_id OR EXISTS (SELECT FROM team AS t
            WHERE t.manager_id = m.id AND t.member_id = ANY (ARRAY[c.opened_by, c.handler_id])))));
END
$$;
COMMENT ON FUNCTION case_member_sees(member, bigint) IS 'Whether a member is told of a case, by what the rows say just now.';
GRANT EXECUTE ON FUNCTION case_member_sees(member, bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION job_cases(company_id bigint, slot timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    changed bigint;
    n       bigint;
BEGIN
    UPDATE case_file AS c SET state = 'closed' WHERE c.state = 'handled' AND c.answer_by < slot;
    GET DIAGNOSTICS changed = ROW_COUNT;
    UPDATE case_file AS c SET cure_over = true WHERE c.id IN (SELECT x.id FROM case_file AS x
        WHERE NOT x.cure_over AND x.cure_by < slot ORDER BY x.cure_by LIMIT 1000);
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN changed + n;
END
$$;
COMMENT ON FUNCTION job_cases(bigint, timestamptz) IS
    'The job that closes what was handled and whoever opened it said nothing more of in time, and tells both sides where a '
    'breach was not made good within its days, every hour.';
