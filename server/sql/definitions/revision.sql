-- Revisions: the texts of things that are submitted or agreed on, each of which never changes again.

CREATE OR REPLACE FUNCTION revision_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.company_id := jiayi.object_company(NEW.on_kind, NEW.on_id);
    NEW.sha256 := sha256(convert_to(NEW.body, 'UTF8'));
    NEW.digest := CASE NEW.on_kind WHEN jiayi.kind('report') THEN jiayi.report_digest(NEW) END;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION revision_guard() IS
    'Trigger: a revision has the company of its thing, and sha256 and digest are worked out.';

CREATE OR REPLACE FUNCTION revision_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    SELECT r.company_id, nullif(r.to_company_id, r.company_id), 'report.submitted', kind('report'), r.id,
           r.author_id, CASE r.to_company_id WHEN r.company_id THEN ARRAY[m.manager_id]
               ELSE ARRAY(SELECT b.id FROM member AS b JOIN role_permission AS p ON p.role_id = b.role_id
                   AND p.permission = 'report.review' AND p.bits & 8 <> 0
                   WHERE b.company_id = r.to_company_id AND b.state = 'active' ORDER BY b.id LIMIT 20) END
    FROM added AS a JOIN report AS r ON a.on_kind = kind('report') AND r.id = a.on_id
    JOIN member AS m ON m.id = r.author_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION revision_tell() IS
    'Trigger: tells of a report the author''s manager; or, where it is addressed to another company, '
    'those who may review it there, 20 at most. What they decide, their comment tells.';

CREATE OR REPLACE FUNCTION revision_witness() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO ledger_entry (kind, on_kind, on_id, version, company_id, partner_id, at, entry)
    SELECT 'revision', NEW.on_kind, NEW.on_id, NEW.version, NEW.company_id, o.partner_id,
           NEW.submitted_at, convert_to(row_to_json(ROW(NEW.submitted_at AT TIME ZONE 'UTC',
               NEW.member_id, NEW.company_id, encode(NEW.digest, 'hex'), 'revision', gen_random_uuid(),
               o.partner_id, ref(NEW.on_kind, NEW.on_id), encode(NEW.sha256, 'hex'), NEW.version
               )::ledger_revision)::text, 'UTF8')
    FROM object_sides(NEW.on_kind, NEW.on_id) AS o;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION revision_witness() IS 'Trigger: the ledger''s entry of a revision.';

---- Tables

-- The text is evidence where it is; the log has its digests.
CALL protect('revision', NULL);
CALL logged('revision', 'on_kind,on_id,version', at => 'submitted_at', hidden => 'body');
-- What is asked for with every report is asked in place.
-- Of a play that is shared its partners read the text that counts.
CALL shape('revision', 'child', key => 'on_kind, on_id',
    first => 'WHEN on_kind = kind(''report'') THEN EXISTS (SELECT FROM report AS r WHERE r.id = on_id)
        WHEN on_kind = kind(''playbook'') THEN EXISTS (SELECT FROM playbook AS p WHERE p.id = on_id
            AND (p.company_id = me_company() OR p.text_version = version))');
CREATE POLICY own_insert ON revision FOR INSERT TO jiayi_app
    WITH CHECK (member_id = me_member() AND CASE
        WHEN on_kind = kind('report') THEN EXISTS (SELECT FROM report AS r WHERE r.id = on_id
            AND r.author_id = member_id AND r.version = revision.version)
        WHEN on_kind = kind('playbook') THEN me_permission() = 'playbook.manage'
            AND EXISTS (SELECT FROM playbook AS p WHERE p.id = on_id AND p.company_id = me_company()
                        AND p.version = revision.version AND p.text_version = revision.version)
        ELSE false END);
GRANT SELECT ON revision TO jiayi_app;
GRANT INSERT (on_kind, on_id, version, member_id, title, body) ON revision TO jiayi_app;
CALL open_to_auth('revision', 'SELECT, INSERT');
CALL only_added('revision');
CALL witnessed('revision');
CALL told('revision', 'INSERT');
CREATE TRIGGER guard BEFORE INSERT ON revision FOR EACH ROW EXECUTE FUNCTION revision_guard();
ALTER TABLE revision ENABLE ALWAYS TRIGGER guard;
