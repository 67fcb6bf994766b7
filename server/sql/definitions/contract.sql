-- Contracts: who sees which, what they have two companies share, and who signed what.

CREATE OR REPLACE FUNCTION framework_text(company_id bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE (SELECT p.language FROM jiayi.company_profile AS p WHERE p.company_id = framework_text.company_id)
WHEN 'zh' THEN '合作框架协议

1. 甲方（邀请方）与乙方（接受邀请方）在本系统上合作。
2. 甲方可以把商机、任务和指标分享给乙方。乙方人员能看到分享给乙方的内容，以及
   从分享时起在其上发生的事，并可添加自己的记录。标为内部的内容只有写的一方能
   看到。
3. 除此之外，任何一方都看不到另一方的数据；甲方的其他合作伙伴看不到这些内容。
4. 已提交的报告、合同以及各方自己写的记录，对该方永久可读。
5. 甲方可以随时暂停分享；任何一方都可以随时终止本协议。分享随即停止。
6. 双方签订的第一份合同取代本协议。
'
WHEN 'sq' THEN 'Kontratë kuadër

1. Pala A (që fton) dhe pala B (që pranon) punojnë bashkë në këtë sistem.
2. Pala A mund t''i japë palës B mundësi shitjeje, detyra dhe objektiva.
   Njerëzit e palës B shohin çfarë i është dhënë asaj dhe çfarë bëhet aty që
   prej asaj kohe, dhe shtojnë shënimet e tyre. Çfarë është shënuar si e
   brendshme e sheh vetëm pala që e shkroi.
3. Asnjëra palë nuk sheh tjetër gjë nga të dhënat e palës tjetër; partnerët e
   tjerë të palës A nuk shohin asgjë nga këto.
4. Raportet e dorëzuara, kontratat dhe çfarë shkroi vetë secila palë mbeten
   përgjithmonë të lexueshme për të.
5. Pala A mund ta pezullojë ndarjen në çdo kohë; secila palë mund ta
   përfundojë këtë kontratë në çdo kohë. Ndarja ndalet menjëherë.
6. Kontrata e parë që nënshkruajnë të dyja palët e zëvendëson këtë kontratë.
'
ELSE 'Framework contract

1. Party A, who invites, and party B, who accepts, work together on this
   system.
2. Party A may give deals, tasks and targets to party B. The people of party B
   see what was given to it and what is done on it from then on, and add
   entries of their own. What is marked as internal is seen only by the side
   that wrote it.
3. Neither side sees anything else of the other''s data; other partners of
   party A see none of this.
4. Reports that were submitted, contracts, and what each side wrote itself
   stay readable to that side for good.
5. Party A may suspend sharing at any time; either side may end this contract
   at any time. Sharing stops at once.
6. The first contract that both sides sign replaces this one.
' END
$$;
COMMENT ON FUNCTION framework_text(bigint) IS
    'The page that says what partners share, in the language of the company that invites.';
GRANT EXECUTE ON FUNCTION framework_text(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION signs() RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF jiayi.caller() IS NOT NULL
       AND NOT EXISTS (SELECT FROM jiayi.caller_grants() AS g WHERE g.permission = 'contract.sign') THEN
        PERFORM jiayi.refuse('JY007', 'this signs a contract, which needs the permission contract.sign');
    END IF;
END
$$;
COMMENT ON FUNCTION signs() IS 'Ends the call of whoever may not sign for the company.';
GRANT EXECUTE ON FUNCTION signs() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION framework_sign(given invitation, vendor bigint) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    made contract;
    hash bytea := sha256(convert_to(given.terms, 'UTF8'));
BEGIN
    INSERT INTO contract (company_id, vendor_id, kind, title, state, from_at, author_company_id)
    VALUES (given.principal_id, vendor, 'framework', slug_of(given.principal_id) || ' - ' || slug_of(vendor),
        'active', now(), given.principal_id)
    RETURNING * INTO made;
    INSERT INTO contract_version (contract_id, version, company_id, vendor_id, author_company_id, member_id, state, title,
        prose, sha256, from_at)
    VALUES (made.id, 1, made.company_id, vendor, given.principal_id, given.signed_by, 'executed', made.title, given.terms,
        hash, made.from_at);
    INSERT INTO revision (on_kind, on_id, version, company_id, member_id, title, body)
    VALUES (kind('contract'), made.id, 1, made.company_id, given.signed_by, made.title, given.terms);
    INSERT INTO signature (on_kind, on_id, version, company_id, member_id, capacity, sha256, at)
    VALUES (kind('contract'), made.id, 1, given.principal_id, given.signed_by, 'principal', hash, given.created_at),
        (kind('contract'), made.id, 1, vendor, caller(), 'vendor', hash, clock_timestamp());
END
$$;
COMMENT ON FUNCTION framework_sign(invitation, bigint) IS
    'Makes the framework contract of an invitation that was accepted: signed by who invited, then, and by who '
    'accepts, now.';
GRANT EXECUTE ON FUNCTION framework_sign(invitation, bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION contract_seen(company bigint, vendor bigint, author bigint, audience text, owner bigint,
    vendor_owner bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF audience = 'internal' AND author IS DISTINCT FROM jiayi.me_company() THEN
        RETURN false;
    END IF;
    RETURN jiayi.sides_reached(company, owner, vendor, vendor_owner, jiayi.sight(jiayi.noun('contract')));
END
$$;
COMMENT ON FUNCTION contract_seen(bigint, bigint, bigint, text, bigint, bigint) IS
    'Policy of contracts: each side sees them as far as its sight of contracts reaches who of it is responsible, a '
    'team''s also where nobody is; before one was proposed only the side that drafted it.';
GRANT EXECUTE ON FUNCTION contract_seen(bigint, bigint, bigint, text, bigint, bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION contract_ruling(c contract, at timestamptz) RETURNS int LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT max(v.version) FROM jiayi.contract_version AS v WHERE v.contract_id = c.id AND v.from_at <= at),
        nullif(c.version, 0));
END
$$;
COMMENT ON FUNCTION contract_ruling(contract, timestamptz) IS
    'Which version of a contract rules then: the last one that had begun; before the first begins that one. NULL: none.';
GRANT EXECUTE ON FUNCTION contract_ruling(contract, timestamptz) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION contract_change(contract_id bigint, state text, reason text, last_day date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c       contract := contract_locked(contract_id);
    notice  int;
    today   date;
BEGIN
    IF c.state IN ('active', 'suspended') AND c.to_at <= clock_timestamp() THEN
        PERFORM refuse('JY009', 'contract %s is over; draft another one: jiayi contract draft', ROW(c.id));
    END IF;
    PERFORM check_transition('contract', '', c.id::text, c.state, state, contract_side(c));
    IF state = 'ended' THEN
        today := today(c.company_id);
        SELECT coalesce((v.terms ->> 'notice_days')::int, 0) INTO notice FROM contract_version AS v
        WHERE v.contract_id = c.id AND v.version = contract_ruling(c, clock_timestamp());
        IF coalesce(last_day, today) < today + notice THEN
            PERFORM refuse('JY009', 'contract %s is ended with %s days of notice; the earliest last day is %s',
                ROW(c.id, notice, (today + notice)::text), field => 'on');
        -- One whose last day is before it begins never does, and is over at once.
        ELSIF day_ends(c.company_id, last_day) > c.from_at THEN
            IF day_ends(c.company_id, last_day) >= c.to_at THEN
                PERFORM refuse('JY009', 'contract %s ends before that day anyhow', ROW(c.id), field => 'on');
            END IF;
            -- It goes on until then.
            UPDATE contract AS x SET to_at = day_ends(c.company_id, last_day), reason = contract_change.reason, reminded = NULL
            WHERE x.id = c.id;
            RETURN c.id;
        END IF;
    END IF;
    UPDATE contract AS x SET state = contract_change.state, reason = coalesce(contract_change.reason, x.reason),
        to_at = CASE WHEN contract_change.state = 'ended' AND x.from_at IS NOT NULL
            THEN greatest(clock_timestamp(), x.from_at + interval '1 microsecond') ELSE x.to_at END
    WHERE x.id = c.id;
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION contract_change(bigint, text, text, date) IS
    'Suspends, resumes or ends a contract; with last_day it ends with that day, no earlier than its days of notice allow. '
    'Its number.';
GRANT EXECUTE ON FUNCTION contract_change(bigint, text, text, date) TO jiayi_app;

CREATE OR REPLACE FUNCTION contract_assign(contract_id bigint, email text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c   contract := contract_locked(contract_id);
    who bigint := member_by_email(email);
BEGIN
    UPDATE contract AS x SET owner_id = CASE me_company() WHEN x.company_id THEN who ELSE x.owner_id END,
        vendor_owner_id = CASE me_company() WHEN x.vendor_id THEN who ELSE x.vendor_owner_id END
    WHERE x.id = c.id;
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION contract_assign(bigint, text) IS
    'Makes a member of the caller''s company responsible for a contract. Its number.';
GRANT EXECUTE ON FUNCTION contract_assign(bigint, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION contract_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    -- A framework is superseded by what both have signed: they need not ask.
    IF caller() IS NOT NULL AND NEW.state <> OLD.state AND NEW.state <> 'superseded' THEN
        PERFORM check_transition('contract', CASE OLD.kind WHEN 'framework' THEN 'framework' ELSE '' END,
            OLD.id::text, OLD.state, NEW.state, contract_side(OLD));
    END IF;
    NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
    NEW.state_since := CASE WHEN NEW.state = OLD.state THEN OLD.state_since ELSE NEW.updated_at END;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION contract_guard() IS 'Trigger: a contract changes its state as transition has it.';

-- The partnership is locked first: of two contracts of a pair that change at once the second sees the first.
-- A framework has no day to wait for: it holds as soon as it is signed, whatever the database's clock says then
-- and later; what was there before, the span keeps out.
CREATE OR REPLACE FUNCTION contract_share() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    begins boolean;
BEGIN
    PERFORM FROM partnership AS p WHERE p.principal_id = NEW.company_id AND p.vendor_id = NEW.vendor_id FOR UPDATE;
    begins := NEW.state = 'active' AND (TG_OP = 'INSERT' OR OLD.state NOT IN ('active', 'suspended'))
        AND NOT EXISTS (SELECT FROM contract AS c
            WHERE c.company_id = NEW.company_id AND c.vendor_id = NEW.vendor_id AND c.id <> NEW.id
              AND c.state IN ('active', 'suspended') AND c.to_at > clock_timestamp());
    UPDATE partnership AS p SET span = p.span + begins::int,
        shares = coalesce((SELECT range_agg(tstzrange(CASE WHEN c.kind <> 'framework' THEN c.from_at END,
                c.to_at)) FROM contract AS c
            WHERE c.company_id = NEW.company_id AND c.vendor_id = NEW.vendor_id AND c.state = 'active'), '{}')
    WHERE p.principal_id = NEW.company_id AND p.vendor_id = NEW.vendor_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION contract_share() IS
    'Trigger: a partnership repeats when the contracts of the two are in force; one that is signed while none '
    'runs, rests or is signed for later begins another span.';

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION contract_shown(c contract) RETURNS TABLE (
    id bigint, kind text, title text, state text, in_force boolean, principal text, vendor text, version int,
    "from" timestamptz, "to" timestamptz, state_since timestamptz, created_at timestamptz, no text, owner text,
    vendor_owner text, reason text)
LANGUAGE sql STABLE AS $$
    SELECT c.id, c.kind, c.title, c.state,
           nullif(c.state = 'active' AND c.from_at <= now() AND now() < c.to_at AND EXISTS (
               SELECT FROM jiayi.partnership AS p WHERE p.principal_id = c.company_id
                   AND p.vendor_id = c.vendor_id AND p.state = 'active'), false),
           jiayi.slug_of(c.company_id), jiayi.slug_of(c.vendor_id), nullif(c.version, 0), c.from_at, nullif(c.to_at, 'infinity'),
           c.state_since, c.created_at, c.no, jiayi.email_of(c.owner_id),
           jiayi.email_of(c.vendor_owner_id), c.reason
$$;
COMMENT ON FUNCTION contract_shown(contract) IS 'A contract as calls answer it.';
GRANT EXECUTE ON FUNCTION contract_shown(contract) TO jiayi_app;

-- These are VOLATILE, so that they see what the same statement wrote.
CREATE OR REPLACE FUNCTION contract_version_asked(c contract, asked int) RETURNS contract_version LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    v contract_version;
BEGIN
    SELECT x.* INTO v FROM contract_version AS x WHERE x.contract_id = c.id AND CASE WHEN asked IS NULL
        THEN x.state = ANY (ARRAY['draft', 'proposed']) OR x.version = c.version OR c.version = 0 ELSE x.version = asked END
    ORDER BY x.version DESC LIMIT 1;
    IF v.version IS NULL AND c.id IS NOT NULL AND asked IS NOT NULL THEN
        PERFORM refuse('JY005', 'contract %s has no version %s that you can see; you can see %s', ROW(c.id, asked, (
            SELECT string_agg(x.version::text, ', ' ORDER BY x.version DESC) FROM (SELECT x.version FROM contract_version AS x
                WHERE x.contract_id = c.id ORDER BY x.version DESC LIMIT 20) AS x)));
    END IF;
    RETURN v;
END
$$;
COMMENT ON FUNCTION contract_version_asked(contract, int) IS
    'The version that is asked for, and the call ends where the caller sees none of that number; NULL: the one that is drafted '
    'or proposed, where the caller sees one, else the one that was signed last.';
GRANT EXECUTE ON FUNCTION contract_version_asked(contract, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION contract_body(c contract, v contract_version) RETURNS text LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN coalesce((SELECT r.body FROM revision AS r
        WHERE r.on_kind = kind('contract') AND r.on_id = v.contract_id AND r.version = v.version), contract_text(c, v));
END
$$;
COMMENT ON FUNCTION contract_body(contract, contract_version) IS 'The text of a version, as it was proposed, or as it is drafted.';
GRANT EXECUTE ON FUNCTION contract_body(contract, contract_version) TO jiayi_app;

CREATE OR REPLACE FUNCTION signatures_of(on_kind smallint, on_id bigint, version int) RETURNS jsonb LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('capacity', g.capacity, 'company', slug_of(g.company_id),
            'member', email_of(g.member_id),
            'member_company', CASE WHEN g.member_id IS NOT NULL AND g.company_id <> me_company() THEN slug_of(g.company_id) END,
            'at', g.at, 'version', g.version, 'key_id', g.key_id, 'public_key', encode(k.public_key, 'hex'),
            'note', g.note, 'signature', encode(g.signature, 'hex'), 'revoked_at', k.revoked_at)) ORDER BY g.id)
        FROM signature AS g LEFT JOIN member_key AS k ON k.id = g.key_id
        WHERE g.on_kind = signatures_of.on_kind AND g.on_id = signatures_of.on_id AND g.version = signatures_of.version);
END
$$;
COMMENT ON FUNCTION signatures_of(smallint, bigint, int) IS
    'Who signed that version of a thing which the caller sees, and by which key, as calls answer it.';
GRANT EXECUTE ON FUNCTION signatures_of(smallint, bigint, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION contract_show(contract_id bigint, asked int DEFAULT NULL) RETURNS TABLE (
    id bigint, kind text, title text, state text, in_force boolean, principal text, vendor text, version int,
    "from" timestamptz, "to" timestamptz, state_since timestamptz, created_at timestamptz, no text, owner text,
    vendor_owner text, reason text, text_version int, text_state text,
    drafter text, valid_from text, valid_to text, sha256 text, text text, signatures jsonb, points jsonb, payments jsonb, more_payments boolean, breaches jsonb,
    pauses text, pauses_until timestamptz, verify text)
LANGUAGE plpgsql SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    c contract;
    v contract_version;
BEGIN
    SELECT x.* INTO c FROM contract AS x WHERE x.id = contract_show.contract_id;
    v := contract_version_asked(c, asked);
    IF v.version IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT s.*, v.version, v.state, slug_of(v.author_company_id), v.valid_from::text, v.valid_to::text,
        encode(v.sha256, 'hex'), contract_body(c, v),
        signatures_of(kind('contract'), c.id, v.version),
        CASE WHEN v.state IN ('draft', 'proposed') THEN
            (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('position', p.position, 'point', p.point,
                    'answer', CASE WHEN p.at IS NULL THEN 'open' WHEN p.outdated THEN 'outdated' WHEN p.fine THEN 'fine'
                        ELSE 'not_fine' END,
                    'text', p.text, 'member', email_of(p.member_id), 'at', p.at)) ORDER BY p.position)
             FROM contract_reviewed(c.id, v.version, v.sha256) AS p) END,
        m.payments, m.more_payments, breaches_of(c.id), p.pauses, p.pauses_until,
        CASE WHEN EXISTS (SELECT FROM signature AS g WHERE g.on_kind = kind('contract') AND g.on_id = c.id AND g.version = v.version
                AND g.key_id IS NOT NULL)
            THEN format('jiayi contract text %s %s --signed DIR', c.id, v.version) END
    FROM contract_shown(c) AS s CROSS JOIN payments_of(c.id) AS m LEFT JOIN sharing_pause(c.company_id, c.vendor_id) AS p
        ON c.state IN ('active', 'suspended');
END
$$;
COMMENT ON FUNCTION contract_show(bigint, int) IS
    'A contract as it is now, in the middle of a statement that changes it too, with the text of a version: see '
    'contract_version_asked(). No row: the caller sees no such contract.';
GRANT EXECUTE ON FUNCTION contract_show(bigint, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION contract_people(c contract, company bigint, signs boolean) RETURNS bigint[] LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    owner bigint := CASE company WHEN c.company_id THEN c.owner_id ELSE c.vendor_owner_id END;
BEGIN
    RETURN owner || ARRAY(SELECT m.id FROM member AS m
        JOIN role_permission AS p ON p.role_id = m.role_id AND p.permission = 'contract.sign'
        WHERE m.company_id = company AND m.state = 'active' AND (signs OR owner IS NULL) AND m.id IS DISTINCT FROM owner
        ORDER BY m.id LIMIT 20);
END
$$;
COMMENT ON FUNCTION contract_people(contract, bigint, boolean) IS
    'Whom of a side a contract concerns: who is responsible, and where nobody is, or signs says so, who may sign, 20 at most.';
GRANT EXECUTE ON FUNCTION contract_people(contract, bigint, boolean) TO jiayi_auth;

CREATE OR REPLACE FUNCTION contract_told(c contract, kind text, signs boolean DEFAULT false) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    VALUES (c.company_id, c.vendor_id, contract_told.kind, kind('contract'), c.id,
        nullif(current_setting('jiayi.member_id', true), '')::bigint,
        contract_people(c, c.company_id, signs) || contract_people(c, c.vendor_id, signs));
END
$$;
COMMENT ON FUNCTION contract_told(contract, text, boolean) IS 'Tells both sides what happened to a contract; with signs also who may sign it.';
GRANT EXECUTE ON FUNCTION contract_told(contract, text, boolean) TO jiayi_auth;

CREATE OR REPLACE FUNCTION contract_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.owner_id IS DISTINCT FROM OLD.owner_id OR NEW.vendor_owner_id IS DISTINCT FROM OLD.vendor_owner_id THEN
        -- Who gets all that somebody had is told once of all of it.
        INSERT INTO event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
        SELECT NEW.company_id, NEW.vendor_id, 'contract.assigned', kind('contract'), NEW.id,
            nullif(current_setting('jiayi.member_id', true), '')::bigint,
            ARRAY[CASE WHEN NEW.owner_id IS DISTINCT FROM OLD.owner_id THEN NEW.owner_id END,
                CASE WHEN NEW.vendor_owner_id IS DISTINCT FROM OLD.vendor_owner_id THEN NEW.vendor_owner_id END]
        WHERE NOT deciding_on_all();
    ELSIF NEW.reminded IS DISTINCT FROM OLD.reminded AND NEW.reminded IS NOT NULL THEN
        PERFORM contract_told(NEW, 'contract.expiring');
    ELSIF NEW.state = 'active' AND OLD.state = 'suspended' THEN
        PERFORM contract_told(NEW, 'contract.resumed');
    ELSIF NEW.state <> OLD.state THEN
        PERFORM contract_told(NEW, 'contract.' || NEW.state);
    ELSE
        PERFORM contract_told(NEW, 'contract.ended');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION contract_tell() IS
    'Trigger: tells both sides that a contract rests, goes on, ends or is about to; and who is responsible for it from now on.';

CREATE OR REPLACE FUNCTION job_expiry(company_id bigint, slot timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    changed bigint;
    n       bigint;
BEGIN
    UPDATE contract AS c SET state = 'expired' WHERE c.id IN (SELECT x.id FROM contract AS x
        WHERE x.state IN ('active', 'suspended') AND x.to_at < 'infinity' AND x.to_at <= slot ORDER BY x.to_at LIMIT 1000);
    GET DIAGNOSTICS changed = ROW_COUNT;
    UPDATE contract AS c SET reminded = CASE WHEN c.to_at <= slot + interval '7 days' THEN 7 ELSE 30 END
    WHERE c.id IN (SELECT x.id FROM contract AS x
        WHERE x.state IN ('active', 'suspended') AND x.to_at < 'infinity' AND x.to_at > slot AND x.to_at <= slot + interval '30 days'
          AND (x.reminded IS NULL OR (x.reminded = 30 AND x.to_at <= slot + interval '7 days'))
        ORDER BY x.to_at LIMIT 1000);
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN changed + n;
END
$$;
COMMENT ON FUNCTION job_expiry(bigint, timestamptz) IS
    'The job that writes down, every minute, which contracts have come to their end - what is shared goes by the clock and does '
    'not wait for it - and tells both sides 30 and 7 days before.';

CREATE OR REPLACE FUNCTION signature_witness() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO ledger_entry (kind, on_kind, on_id, version, company_id, partner_id, at, entry)
    SELECT 'signature', NEW.on_kind, NEW.on_id, NEW.version, o.company_id, o.partner_id, NEW.at,
           convert_to(row_to_json(ROW(NEW.at AT TIME ZONE 'UTC', NEW.member_id, NEW.capacity, o.company_id,
               encode(k.public_key, 'hex'), 'signature', gen_random_uuid(), o.partner_id, ref(NEW.on_kind, NEW.on_id),
               encode(NEW.sha256, 'hex'), NEW.company_id, encode(NEW.signature, 'hex'), NEW.version)::ledger_signature)::text, 'UTF8')
    FROM object_sides(NEW.on_kind, NEW.on_id) AS o LEFT JOIN member_key AS k ON k.id = NEW.key_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION signature_witness() IS 'Trigger: the ledger''s entry of a signature.';

---- Tables

CALL protect('contract', 'id', 'company_id,vendor_id');
-- By hand: each of the two sides has its own responsible member, or none, and a draft is of one side.
CREATE POLICY visible ON contract FOR SELECT TO jiayi_app
    USING (contract_seen(company_id, vendor_id, author_company_id, audience, owner_id, vendor_owner_id));
GRANT SELECT ON contract TO jiayi_app;
CALL open_to_auth('contract', 'SELECT, INSERT, UPDATE');
CREATE TRIGGER guard BEFORE UPDATE ON contract FOR EACH ROW EXECUTE FUNCTION contract_guard();
CREATE TRIGGER share AFTER INSERT OR UPDATE OF state, from_at, to_at ON contract
    FOR EACH ROW EXECUTE FUNCTION contract_share();
-- Of what is proposed and signed the functions tell that do it.
CALL told('contract', 'UPDATE', $$NEW.kind <> 'framework' AND NEW.version = OLD.version AND NEW.version > 0
    AND (NEW.state <> OLD.state OR NEW.to_at < OLD.to_at OR NEW.reminded IS DISTINCT FROM OLD.reminded
         OR NEW.owner_id IS DISTINCT FROM OLD.owner_id OR NEW.vendor_owner_id IS DISTINCT FROM OLD.vendor_owner_id)$$);

CALL protect('signature', NULL);
CALL logged('signature', 'id');
CALL shape('signature', 'child', key => 'on_kind, on_id');
GRANT SELECT ON signature TO jiayi_app;
CALL open_to_auth('signature', 'SELECT, INSERT');
CALL only_added('signature');
CALL witnessed('signature');
