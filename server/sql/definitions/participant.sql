-- Participants: who takes part in a thing sees it, whatever the scope of their role.

-- Asked where nothing else shows a row; the participant's own row is seen without the thing.
-- With the rights of jiayi_auth: of the caller's own rows there is nothing that a policy would have to say, and to set it up would be
-- most of what this costs, which is asked of each thing that nothing else shows.
CREATE OR REPLACE FUNCTION takes_part(on_kind smallint, on_id bigint, company bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    me   bigint := jiayi.me_member();
    span int;
BEGIN
    SELECT p.span INTO span FROM jiayi.participant AS p WHERE p.on_kind = takes_part.on_kind
        AND p.on_id = takes_part.on_id AND p.member_id = me;
    RETURN FOUND AND (company = jiayi.me_company() OR jiayi.in_span(company, span));
END
$$;
COMMENT ON FUNCTION takes_part(smallint, bigint, bigint) IS
    'Whether the caller takes part in that thing of that company, in another one''s while a contract is in '
    'force, and since this span of the partnership.';
GRANT EXECUTE ON FUNCTION takes_part(smallint, bigint, bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION shared_since(on_kind smallint, on_id bigint, company bigint, partner bigint, span int,
    version int) RETURNS int LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF partner = jiayi.me_company() AND jiayi.in_span(company, span) THEN
        RETURN version;
    END IF;
    RETURN (SELECT p.from_version FROM jiayi.participant AS p WHERE p.on_kind = shared_since.on_kind
            AND p.on_id = shared_since.on_id AND p.member_id = jiayi.me_member());
END
$$;
COMMENT ON FUNCTION shared_since(smallint, bigint, bigint, bigint, int, int) IS
    'The version of another company''s thing from which on the caller''s company sees what is done on it: '
    'that from which it was given to partner in this span of the partnership, or since when the caller takes part. NULL: none.';
GRANT EXECUTE ON FUNCTION shared_since(smallint, bigint, bigint, bigint, int, int) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION participant_named(email text, partner bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found bigint[];
BEGIN
    SELECT array_agg(m.id) INTO found FROM member AS m
    WHERE m.email = lower(participant_named.email) AND m.state = 'active'
      AND m.company_id = coalesce(partner, me_company());
    IF found IS NULL AND partner IS NULL THEN
        SELECT array_agg(m.id) INTO found FROM member AS m JOIN partnership AS p
            ON p.vendor_id = m.company_id AND p.principal_id = me_company() AND p.state = 'active'
            AND p.shares @> now()
        WHERE m.email = lower(participant_named.email) AND m.state = 'active';
    END IF;
    IF found IS NULL THEN
        PERFORM refuse('JY005', 'no member %s', ROW(lower(email)));
    ELSIF cardinality(found) > 1 THEN
        PERFORM refuse('JY003', 'several partners have a member %s; name the company with --company',
            ROW(lower(email)), field => 'company');
    END IF;
    RETURN found[1];
END
$$;
COMMENT ON FUNCTION participant_named(text, bigint) IS
    'An active member of the caller''s company by address, else of a vendor with a contract in force; of '
    'partner, where that is given. The call ends where there is none.';
GRANT EXECUTE ON FUNCTION participant_named(text, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION participant_chosen(on_kind smallint, on_id bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    bits int := jiayi.me_scope();
BEGIN
    RETURN jiayi.me_permission() = 'participant.manage' AND coalesce(CASE on_kind
        WHEN 3 THEN (SELECT jiayi.reaches(o.owner_id, bits) FROM jiayi.deal AS o
            WHERE o.id = participant_chosen.on_id AND o.company_id = jiayi.me_company())
        WHEN 8 THEN (SELECT jiayi.reaches(o.assignee_id, bits) OR jiayi.reaches(o.created_by, bits)
            FROM jiayi.task AS o
            WHERE o.id = participant_chosen.on_id AND o.company_id = jiayi.me_company()) END, false);
END
$$;
COMMENT ON FUNCTION participant_chosen(smallint, bigint) IS
    'Whether the caller chooses who takes part in that thing: it is of the caller''s company, and the '
    'called permission reaches its owner.';
GRANT EXECUTE ON FUNCTION participant_chosen(smallint, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION participant_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    p     participant := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    owner bigint := object_company(p.on_kind, p.on_id);
BEGIN
    IF p.on_kind NOT IN (kind('deal'), kind('task')) THEN
        PERFORM refuse('JY003', 'nobody takes part in %s; name a deal or a task',
            ROW(ref(p.on_kind, p.on_id)), field => 'on');
    ELSIF caller() IS NOT NULL AND owner <> me_company() THEN
        PERFORM refuse('JY007', '%s is of %s, whose people choose who takes part',
            ROW(ref(p.on_kind, p.on_id), slug_of(owner)));
    ELSIF caller() IS NOT NULL AND NOT participant_chosen(p.on_kind, p.on_id) THEN
        PERFORM refuse('JY007', 'you may see %s but not choose who takes part',
            ROW(ref(p.on_kind, p.on_id)));
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    NEW.company_id := owner;
    SELECT c.id INTO NEW.member_company_id FROM company AS c WHERE c.slug = company_of(NEW.member_id);
    IF NEW.member_company_id = owner THEN
        RETURN NEW;
    ELSIF NEW.member_company_id IS NULL OR NOT EXISTS (SELECT FROM partnership AS x
            WHERE x.principal_id = owner AND x.vendor_id = NEW.member_company_id
              AND x.state = 'active' AND x.shares @> now()) THEN
        PERFORM refuse('JY009', 'only people of partners with a contract that is in force take part');
    END IF;
    NEW.span := partner_span(owner, NEW.member_company_id);
    -- What was done until now is of versions before: the thing gets another one. Of a deal a reason
    -- alone makes one.
    NEW.from_version := (SELECT min(x.from_version) FROM participant AS x
        WHERE x.on_kind = NEW.on_kind AND x.on_id = NEW.on_id
          AND x.member_company_id = NEW.member_company_id AND x.span = NEW.span);
    IF NEW.from_version IS NULL AND NEW.on_kind = kind('deal') THEN
        UPDATE deal AS d SET change_reason = NEW.function WHERE d.id = NEW.on_id
        RETURNING CASE WHEN d.vendor_id = NEW.member_company_id AND d.shared_span = NEW.span
            THEN d.shared_version ELSE d.version END
        INTO NEW.from_version;
    ELSIF NEW.from_version IS NULL THEN
        UPDATE task AS t SET title = t.title WHERE t.id = NEW.on_id
        RETURNING CASE WHEN t.vendor_id = NEW.member_company_id AND t.shared_span = NEW.span
            THEN t.shared_version ELSE t.version END
        INTO NEW.from_version;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION participant_guard() IS
    'Trigger: who takes part is chosen by people of the thing''s company whom the called permission lets; a '
    'partner''s people see what is done from then on.';

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION participant_shown(p participant) RETURNS TABLE (
    "on" text, member text, member_company text, function text, added_by text, added_by_company text,
    at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT jiayi.ref(p.on_kind, p.on_id), jiayi.email_of(p.member_id),
           CASE WHEN p.member_company_id <> jiayi.me_company()
               THEN jiayi.slug_of(p.member_company_id) END,
           p.function, jiayi.email_of(p.added_by),
           CASE WHEN p.company_id <> jiayi.me_company() THEN jiayi.slug_of(p.company_id) END, p.at
$$;
COMMENT ON FUNCTION participant_shown(participant) IS 'A participant as calls answer it.';
GRANT EXECUTE ON FUNCTION participant_shown(participant) TO jiayi_app;

CREATE OR REPLACE FUNCTION participant_searched() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    p participant := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    INSERT INTO search_todo (kind, on_id, company_id)
    SELECT k.kind, p.on_id, p.company_id FROM object_kind AS k WHERE k.no = p.on_kind;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION participant_searched() IS 'Trigger: who takes part in something finds it.';

---- Tables

CALL protect('participant', 'on_kind,on_id,member_id');
-- By hand: the policies of things ask for the caller's own rows, which must not ask for the thing again;
-- and no partner learns who of another one takes part.
CREATE POLICY visible ON participant FOR SELECT TO jiayi_app
    USING (CASE WHEN member_id = me_member() THEN true
                WHEN me_company() IN (company_id, member_company_id) THEN object_visible(on_kind, on_id)
                ELSE false END);
CREATE POLICY own_insert ON participant FOR INSERT TO jiayi_app
    WITH CHECK (company_id = me_company() AND added_by = me_member());
CREATE POLICY own_delete ON participant FOR DELETE TO jiayi_app USING (true);
GRANT SELECT, DELETE ON participant TO jiayi_app;
GRANT INSERT (on_kind, on_id, member_id, function, added_by) ON participant TO jiayi_app;
CALL open_to_auth('participant', 'SELECT');
CREATE TRIGGER guard BEFORE INSERT OR DELETE ON participant
    FOR EACH ROW EXECUTE FUNCTION participant_guard();
CALL searched('participant', 'INSERT OR DELETE', noted => 'participant_searched');
