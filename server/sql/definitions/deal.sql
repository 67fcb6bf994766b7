-- Deals and the stages that they were in: who sees which, who may change them, the rules of moving,
-- and how calls answer them.

CREATE OR REPLACE FUNCTION deal_seen(id bigint) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM deal AS d WHERE d.id = deal_seen.id) THEN
        PERFORM refuse('JY005', 'there is no deal %s that you can see', ROW(id));
    END IF;
    RETURN id;
END
$$;
COMMENT ON FUNCTION deal_seen(bigint) IS
    'The number itself, if the caller sees that deal; the call ends where not.';
GRANT EXECUTE ON FUNCTION deal_seen(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_known(id bigint) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM deal_stage AS s WHERE s.deal_id = deal_known.id)
        AND NOT EXISTS (SELECT FROM activity AS a WHERE a.deal_id = deal_known.id) THEN
        PERFORM deal_seen(id);
    END IF;
    RETURN id;
END
$$;
COMMENT ON FUNCTION deal_known(bigint) IS
    'The number itself, if the caller sees that deal or something that was done on it: a vendor''s '
    'own is seen for good. The call ends where neither.';
GRANT EXECUTE ON FUNCTION deal_known(bigint) TO jiayi_app;

-- VOLATILE, so that it sees what the same statement wrote.
CREATE OR REPLACE FUNCTION lost_reason(deal_id bigint, version int) RETURNS text
    LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN (SELECT coalesce(s.reason, r.text) FROM jiayi.deal_stage AS s
            LEFT JOIN jiayi.deal_reason AS r ON r.deal_id = s.deal_id AND r.seq = s.seq
            WHERE s.deal_id = lost_reason.deal_id AND s.seq = lost_reason.version);
END
$$;
COMMENT ON FUNCTION lost_reason(bigint, int) IS
    'Why a deal was lost in that version; NULL where the caller may not know.';
GRANT EXECUTE ON FUNCTION lost_reason(bigint, int) TO jiayi_app;

-- Put into the calling statement by the planner: no call of its own. The caller's names are known;
-- and customer_name(), which costs more, only tells of a customer that the same statement made.
CREATE OR REPLACE FUNCTION deal_shown(d deal) RETURNS TABLE (
    id bigint, title text, customer text, stage text, "amount.amount" text, "amount.currency" text,
    owner text, vendor text, company text, version int, created_at timestamptz,
    updated_at timestamptz, closed_at timestamptz, lost_reason text)
LANGUAGE sql STABLE AS $$
    SELECT d.id, d.title,
           coalesce((SELECT c.name FROM jiayi.customer AS c WHERE c.id = d.customer_id),
               jiayi.customer_name(d.customer_id)),
           d.stage, d.amount::text, d.currency,
           CASE d.owner_id WHEN jiayi.me_member() THEN jiayi.me_email()
               ELSE jiayi.email_of(d.owner_id) END,
           CASE d.vendor_id WHEN jiayi.me_company() THEN jiayi.me_slug()
               ELSE jiayi.slug_of(d.vendor_id) END,
           CASE d.company_id WHEN jiayi.me_company() THEN jiayi.me_slug()
               ELSE jiayi.slug_of(d.company_id) END,
           d.version, d.created_at, d.updated_at, d.closed_at,
           CASE d.outcome WHEN 'lost' THEN jiayi.lost_reason(d.id, d.closed_version) END
$$;
COMMENT ON FUNCTION deal_shown(deal) IS 'A deal as calls answer it.';
GRANT EXECUTE ON FUNCTION deal_shown(deal) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_may_reopen(d deal) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT d.company_id = jiayi.me_company() AND EXISTS (
        SELECT FROM jiayi.caller_grants() AS g
        WHERE g.permission = 'deal.reopen' AND jiayi.reaches(d.owner_id, g.bits))
$$;
COMMENT ON FUNCTION deal_may_reopen(deal) IS
    'Whether the caller''s deal.reopen reaches the deal.';
GRANT EXECUTE ON FUNCTION deal_may_reopen(deal) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION deal_last_move(deal_id bigint, OUT kind text, OUT moved_at timestamptz,
    OUT stage text, OUT entered_at timestamptz, OUT seq int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    last  jiayi.deal_stage;
    below jiayi.deal_stage;
BEGIN
    SELECT * INTO last FROM jiayi.deal_stage AS s
    WHERE s.deal_id = deal_last_move.deal_id AND s.kind IN ('move', 'undo')
    ORDER BY s.seq DESC LIMIT 1;
    IF last.member_id IS DISTINCT FROM jiayi.me_member() THEN
        RETURN;
    END IF;
    SELECT * INTO below FROM jiayi.deal_stage AS s
    WHERE s.deal_id = last.deal_id AND s.kind IN ('move', 'undo') AND s.seq < last.seq
    ORDER BY s.seq DESC LIMIT 1;
    kind := last.kind;
    moved_at := last.entered_at;
    stage := below.stage;
    entered_at := below.entered_at;
    seq := below.seq;
END
$$;
COMMENT ON FUNCTION deal_last_move(bigint) IS
    'The last move of a deal, where the caller made it: how and when, and the stage before with its '
    'time and the version then; NULLs where somebody else did. Of a deal that was never moved there '
    'is no stage before.';
GRANT EXECUTE ON FUNCTION deal_last_move(bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION deal_undo(deal_id bigint) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    last record;
BEGIN
    SELECT * INTO last FROM deal_last_move(deal_id);
    IF last.kind IS NULL THEN
        PERFORM refuse('JY007',
            'the last move of deal %s was not yours; only who moved it takes it back',
            ROW(deal_id));
    ELSIF last.stage IS NULL THEN
        PERFORM refuse('JY009', 'deal %s has not been moved yet', ROW(deal_id));
    ELSIF last.kind = 'undo' THEN
        PERFORM refuse('JY009', 'the last move of deal %s was taken back already', ROW(deal_id));
    ELSIF last.moved_at < now() - interval '10 minutes' THEN
        PERFORM refuse('JY009',
            'the last move of deal %s was made more than ten minutes ago; move it: jiayi deal move '
            '%s %s', ROW(deal_id, deal_id, last.stage));
    END IF;
    RETURN last.stage;
END
$$;
COMMENT ON FUNCTION deal_undo(bigint) IS
    'The stage to which the caller may take a deal back; the call ends where the last move was '
    'somebody else''s, long ago or taken back already.';
GRANT EXECUTE ON FUNCTION deal_undo(bigint) TO jiayi_app;

-- On the hot path: names in full instead of a search_path, and as few expressions as can be, for each
-- that is come to is set up once in every transaction. What it writes into the history is the log's entry
-- of a move as well (see audit_entries()): so it has what was before. It takes the reason out of the deal,
-- which its vendor sees whole.
CREATE OR REPLACE FUNCTION deal_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    me     bigint := nullif(current_setting('jiayi.member_id', true), '')::bigint;
    author bigint := nullif(current_setting('jiayi.company_id', true), '')::bigint;
    bits   int;
    -- The row is locked by now: who waited for it is later than whoever was waited for.
    moment timestamptz := greatest(clock_timestamp(), OLD.updated_at);
    way    text := 'move'; -- how the deal came where it is: deal_stage.kind
    back   text;           -- of a move that is taken back: the stage before it, when the deal came
    since  timestamptz;    -- into that, and as which version
    was    int;
    hidden text;           -- a reason that is internal
BEGIN
    IF me IS NULL THEN
        me := jiayi.no_caller();
    ELSE
        bits := jiayi.me_scope();
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF me IS NOT NULL AND NOT jiayi.reaches(NEW.owner_id, bits) THEN
            PERFORM jiayi.refuse('JY007',
                'your role lets you create deals for yourself or your team only; leave --owner '
                'away');
        END IF;
        SELECT s.name, s.outcome INTO NEW.stage, NEW.outcome FROM jiayi.stage AS s
        WHERE s.company_id = NEW.company_id ORDER BY s.position LIMIT 1;
        NEW.shared_version := CASE WHEN NEW.vendor_id IS NOT NULL THEN 1 END;
    ELSE
        -- What is the caller's own is known by the owner alone, who belongs to the deal's company.
        IF me IS NOT NULL AND (OLD.owner_id <> me OR bits & 1 = 0) THEN
            IF NOT (CASE WHEN OLD.company_id = author THEN
                             bits & 4 <> 0 OR (bits & 2 <> 0 AND jiayi.reaches(OLD.owner_id, 2))
                         ELSE bits & 8 <> 0 AND OLD.vendor_id IS NOT DISTINCT FROM author END) THEN
                PERFORM jiayi.refuse('JY007', CASE jiayi.me_permission()
                    WHEN 'deal.move' THEN 'you may see deal %s but not move it'
                    WHEN 'deal.assign' THEN 'you may see deal %s but not assign it'
                    ELSE 'you may see deal %s but not change it' END, ROW(OLD.id));
            END IF;
        END IF;

        -- Moving is what names a stage: a reason is always given anew.
        IF NEW.stage <> OLD.stage THEN
            NEW.outcome := (SELECT s.outcome FROM jiayi.stage AS s
                WHERE s.company_id = NEW.company_id AND s.name = NEW.stage);
            IF NEW.outcome IS NULL THEN
                PERFORM jiayi.refuse('JY003', 'unknown stage %s; the stages are %s',
                    ROW(NEW.stage, (SELECT string_agg(s.name, ', ' ORDER BY s.position)
                        FROM jiayi.stage AS s WHERE s.company_id = NEW.company_id)), field => 'stage');
            END IF;
            IF me IS NOT NULL AND current_setting('jiayi.method') LIKE '%/UndoDeal' THEN
                way := 'undo';
                SELECT u.stage, u.entered_at, u.seq INTO back, since, was
                FROM jiayi.deal_last_move(OLD.id) AS u;
            END IF;
            IF OLD.outcome <> 'open' THEN
                IF me IS NOT NULL AND back IS DISTINCT FROM NEW.stage
                   AND NOT jiayi.deal_may_reopen(OLD) THEN
                    PERFORM jiayi.refuse('JY007',
                        'deal %s is %s; moving it out of there needs the permission deal.reopen',
                        ROW(OLD.id, jiayi.word('stage', OLD.stage)));
                END IF;
                NEW.closed_at := NULL;
                NEW.closed_version := NULL;
            END IF;
            IF NEW.outcome <> 'open' THEN
                IF NEW.outcome = 'lost' AND NEW.stage_reason IS NULL AND back IS NULL THEN
                    PERFORM jiayi.refuse('JY003',
                        'losing a deal needs a reason; give one with --reason', field => 'reason');
                ELSIF NEW.outcome = 'won' AND NEW.amount IS NULL THEN
                    PERFORM jiayi.refuse('JY009',
                        'deal %s has no amount; winning it needs one: jiayi deal update --amount '
                        '--currency', ROW(OLD.id));
                ELSIF NEW.outcome = 'won' AND NEW.amount = 0 THEN
                    PERFORM jiayi.refuse('JY009',
                        'the amount of deal %s is 0; winning it needs more: jiayi deal update %s --amount '
                        '--currency', ROW(OLD.id, OLD.id));
                END IF;
                NEW.closed_at := coalesce(since, moment);
                NEW.closed_version := coalesce(was, OLD.version + 1);
            END IF;
        ELSE
            IF me IS NOT NULL AND jiayi.me_permission() = 'deal.move' THEN
                PERFORM jiayi.refuse('JY009', 'deal %s is in stage %s already',
                    ROW(OLD.id, jiayi.word('stage', OLD.stage)));
            ELSIF OLD.outcome <> 'open' AND me IS NOT NULL
                  AND (NEW.title, NEW.customer_id, NEW.amount, NEW.currency, NEW.vendor_id) IS DISTINCT FROM
                      (OLD.title, OLD.customer_id, OLD.amount, OLD.currency, OLD.vendor_id) THEN
                -- What counted stays, or is changed like the outcome itself.
                IF NOT jiayi.deal_may_reopen(OLD) THEN
                    PERFORM jiayi.refuse('JY007',
                        'deal %s is %s; changing what counted needs the permission deal.reopen',
                        ROW(OLD.id, jiayi.word('stage', OLD.stage)));
                ELSIF NEW.change_reason IS NULL THEN
                    PERFORM jiayi.refuse('JY003',
                        'deal %s is %s; changing what counted needs a reason; give one with --reason',
                        ROW(OLD.id, jiayi.word('stage', OLD.stage)), field => 'reason');
                ELSIF OLD.outcome = 'won' AND NEW.amount = 0 THEN
                    PERFORM jiayi.refuse('JY009', 'deal %s is %s; its amount cannot become 0',
                        ROW(OLD.id, jiayi.word('stage', OLD.stage)));
                END IF;
            END IF;
            NEW.stage_reason := NULL;
            NEW.stage_audience := NULL;
            IF NEW IS NOT DISTINCT FROM OLD THEN
                -- What changes nothing is no version; that it was asked for is in the log all the same.
                INSERT INTO jiayi.audit_log (company_id, member_id, member, method, request_id, object,
                    object_id, action, before, after)
                VALUES (OLD.company_id, me, nullif(split_part(current_setting('jiayi.call', true), ' ', 4), ''),
                    nullif(current_setting('jiayi.method', true), ''),
                    nullif(current_setting('jiayi.request_id', true), ''),
                    'deal', OLD.id, 'update', '{}', '{}');
                RETURN NEW;
            END IF;
            way := 'owner';
            IF NEW.vendor_id IS DISTINCT FROM OLD.vendor_id THEN
                NEW.shared_version := CASE WHEN NEW.vendor_id IS NOT NULL THEN OLD.version + 1 END;
            END IF;
        END IF;
        NEW.version := OLD.version + 1;
        NEW.updated_at := moment;
    END IF;

    IF NEW.owner_id IS DISTINCT FROM OLD.owner_id THEN
        IF TG_OP = 'UPDATE' AND me IS NOT NULL AND NOT jiayi.reaches(NEW.owner_id, bits) THEN
            PERFORM jiayi.refuse('JY007', 'your role lets you assign deals within your team only');
        END IF;
        bits := NULL;
    ELSIF way = 'owner' THEN
        RETURN NEW; -- neither moved nor handed over
    END IF;
    IF NEW.stage_audience = 'internal' THEN
        hidden := NEW.stage_reason;
        NEW.stage_reason := NULL;
    END IF;
    INSERT INTO jiayi.deal_stage (deal_id, seq, company_id, author_company_id, stage, entered_at,
        member_id, reason, kind, owner_id, from_stage, outcome, from_outcome, closed_at,
        from_closed_at, vendor_id)
    VALUES (NEW.id, NEW.version, NEW.company_id, coalesce(author, NEW.company_id), NEW.stage,
        NEW.updated_at, me, NEW.stage_reason, way,
        CASE WHEN bits IS NULL THEN NEW.owner_id END,
        CASE WHEN way <> 'owner' THEN OLD.stage END, NEW.outcome,
        CASE WHEN way <> 'owner' THEN OLD.outcome END, NEW.closed_at,
        CASE WHEN way <> 'owner' THEN OLD.closed_at END, NEW.vendor_id);
    IF hidden IS NOT NULL THEN
        INSERT INTO jiayi.deal_reason (deal_id, seq, company_id, author_company_id, text)
        VALUES (NEW.id, NEW.version, NEW.company_id, coalesce(author, NEW.company_id), hidden);
    END IF;
    NEW.stage_reason := NULL;
    NEW.stage_audience := NULL;
    -- The owner is told. Here, where all of it is known: as a trigger of deal_stage it would cost the move
    -- half as much again.
    INSERT INTO jiayi.event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids, data)
    VALUES (NEW.company_id, NEW.vendor_id,
        CASE WHEN TG_OP = 'INSERT' THEN 'deal.created' WHEN way = 'owner' THEN 'deal.assigned'
             WHEN NEW.outcome <> 'open' THEN 'deal.' || NEW.outcome
             WHEN OLD.outcome <> 'open' THEN 'deal.reopened' ELSE 'deal.moved' END,
        3, NEW.id, me, ARRAY[NEW.owner_id],
        CASE WHEN way <> 'owner' AND TG_OP = 'UPDATE'
             THEN jsonb_build_object('from', OLD.stage, 'to', NEW.stage) END);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION deal_guard() IS
    'Trigger: a deal is changed by whom the called permission reaches; moves follow the '
    'pipeline''s rules; what counted of a won or lost deal stays but for deal.reopen and a reason; '
    'version, times and the span of sharing are kept. Writes into deal_stage who owns a deal from when '
    'on and in which stage it is, and deal_reason where the reason is internal, and tells the owner.';

-- As constraints they would be read and set up for every move, which changes nothing of it.
CREATE OR REPLACE FUNCTION deal_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text := CASE
        WHEN length(NEW.title) NOT BETWEEN 1 AND 200 THEN 'deal_title_check'
        WHEN NEW.amount < 0 THEN 'deal_amount_check'
        WHEN (NEW.amount IS NULL) <> (NEW.currency IS NULL) THEN 'deal_amount_currency'
        WHEN NEW.outcome = 'won' AND NEW.amount IS NULL THEN 'deal_won_amount'
        WHEN length(NEW.change_reason) NOT BETWEEN 1 AND 500 THEN 'deal_change_reason_check'
        WHEN NEW.vendor_id IS NULL AND NEW.shared_version IS NOT NULL THEN 'deal_shared_vendor' END;
BEGIN
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = broken, TABLE = 'deal',
            MESSAGE = format('the deal violates %s', broken);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION deal_check() IS 'Trigger: what holds of every deal by itself.';

-- A move is told as what it changed of the deal; what else is in the history as itself.
CREATE OR REPLACE FUNCTION deal_stage_entry(s deal_stage) RETURNS SETOF audit_log
LANGUAGE sql STABLE AS $$
    SELECT s.log_id, s.entered_at, s.company_id, s.member_id, s.member, s.method, s.request_id,
           CASE WHEN s.from_stage IS NULL THEN 'deal_stage' ELSE 'deal' END,
           s.deal_id || CASE WHEN s.from_stage IS NULL THEN '/' || s.seq ELSE '' END,
           CASE WHEN s.from_stage IS NULL THEN 'insert' ELSE 'update' END,
           CASE WHEN s.from_stage IS NOT NULL THEN
               jsonb_build_object('stage', s.from_stage, 'version', s.seq - 1)
               || CASE WHEN s.outcome <> s.from_outcome
                       THEN jsonb_build_object('outcome', s.from_outcome) ELSE '{}' END
               || CASE WHEN s.closed_at IS DISTINCT FROM s.from_closed_at
                       THEN jsonb_build_object('closed_at', s.from_closed_at) ELSE '{}' END END,
           CASE WHEN s.from_stage IS NULL THEN
               to_jsonb(s) - '{log_id,member,method,request_id,from_stage,from_outcome,from_closed_at,vendor_id}'
                   ::text[]
               ELSE jsonb_build_object('stage', s.stage, 'version', s.seq)
               || CASE WHEN s.outcome <> s.from_outcome
                       THEN jsonb_build_object('outcome', s.outcome) ELSE '{}' END
               || CASE WHEN s.closed_at IS DISTINCT FROM s.from_closed_at
                       THEN jsonb_build_object('closed_at', s.closed_at) ELSE '{}' END
               || CASE WHEN s.reason IS NOT NULL
                       THEN jsonb_build_object('reason', s.reason) ELSE '{}' END END
$$;
COMMENT ON FUNCTION deal_stage_entry(deal_stage) IS
    'What a row of a deal''s history is in the log of changes.';
GRANT EXECUTE ON FUNCTION deal_stage_entry(deal_stage) TO jiayi_app;

-- Before the update, so that it can take the reason out.
CREATE OR REPLACE FUNCTION deal_history_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    before jsonb := jsonb_build_object('title', OLD.title, 'amount', OLD.amount || ' ' || OLD.currency,
        'customer', (SELECT c.name FROM jiayi.customer AS c WHERE c.id = OLD.customer_id),
        'vendor', (SELECT c.slug FROM jiayi.company AS c WHERE c.id = OLD.vendor_id));
    after  jsonb := jsonb_build_object('title', NEW.title, 'amount', NEW.amount || ' ' || NEW.currency,
        'customer', (SELECT c.name FROM jiayi.customer AS c WHERE c.id = NEW.customer_id),
        'vendor', (SELECT c.slug FROM jiayi.company AS c WHERE c.id = NEW.vendor_id));
BEGIN
    IF OLD.outcome <> 'open' AND OLD.stage = NEW.stage THEN
        INSERT INTO jiayi.deal_stage (deal_id, seq, company_id, author_company_id, stage,
            entered_at, member_id, reason, kind, vendor_id, changed)
        SELECT NEW.id, NEW.version, NEW.company_id, NEW.company_id, NEW.stage, NEW.updated_at,
            nullif(current_setting('jiayi.member_id', true), '')::bigint, NEW.change_reason,
            'change', NEW.vendor_id, jsonb_object_agg(b.key, jsonb_build_array(b.value, after -> b.key))
        FROM jsonb_each(before) AS b WHERE b.value IS DISTINCT FROM after -> b.key
        HAVING count(*) > 0;
    END IF;
    NEW.change_reason := NULL;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION deal_history_change() IS
    'Trigger: writes into deal_stage what was changed of a deal that was won or lost.';

CREATE OR REPLACE FUNCTION deal_change_text(changed jsonb, own boolean) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg(format('%s: %s → %s', c.key, coalesce(c.value ->> 0, '-'),
                             coalesce(c.value ->> 1, '-')), '; ' ORDER BY c.key)
    FROM jsonb_each(changed) AS c WHERE own OR c.key <> 'vendor'
$$;
COMMENT ON FUNCTION deal_change_text(jsonb, boolean) IS
    'deal_stage.changed for people. Which vendors a deal had is only for its own company.';
GRANT EXECUTE ON FUNCTION deal_change_text(jsonb, boolean) TO jiayi_app;

-- Of the deal's own trigger: it is given to a vendor.
CREATE OR REPLACE FUNCTION deal_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO jiayi.event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    VALUES (NEW.company_id, NEW.vendor_id, 'deal.shared', 3, NEW.id,
        nullif(current_setting('jiayi.member_id', true), '')::bigint, jiayi.partner_people(NEW.vendor_id));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION deal_tell() IS 'Trigger: tells a vendor''s people that a deal is theirs as well.';

-- On the hot path: of few parts, for each is set up anew for every move.
CREATE OR REPLACE FUNCTION deal_stage_witness() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO jiayi.ledger_entry (kind, on_kind, on_id, version, company_id, partner_id, at, entry)
    VALUES ('stage', jiayi.kind('deal'), NEW.deal_id, NEW.seq, NEW.company_id, NEW.vendor_id,
        NEW.entered_at, convert_to(row_to_json(ROW(NEW.entered_at AT TIME ZONE 'UTC', NEW.member_id,
            jiayi.sha256_hex(NEW.changed::text), NEW.closed_at AT TIME ZONE 'UTC', NEW.company_id,
            NEW.from_stage, 'stage', gen_random_uuid(), NEW.outcome, NEW.owner_id, NEW.vendor_id,
            'deal/' || NEW.deal_id, jiayi.sha256_hex(NEW.reason), NEW.author_company_id, NEW.stage,
            NEW.seq, NEW.kind)::jiayi.ledger_stage)::text, 'UTF8'));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION deal_stage_witness() IS
    'Trigger: the ledger''s entry of a row of a deal''s history.';

---- Tables

-- The log has a move from deal_stage. Here are all columns but those that moving sets; and what sets
-- those in replication, where there is no guard.
CALL protect('deal', 'id', event => 'INSERT OR DELETE OR UPDATE OF id, company_id, title, customer_id, '
    'outcome, amount, currency, owner_id, vendor_id, version, created_at, updated_at, closed_at, '
    'shared_version, closed_version, change_reason');
CREATE TRIGGER audit_replicated AFTER UPDATE OF stage, stage_reason, stage_audience ON deal
    FOR EACH ROW EXECUTE FUNCTION audit('id', 'company_id', '');
ALTER TABLE deal ENABLE REPLICA TRIGGER audit_replicated;
-- One function sees: docs/PERFORMANCE.md has what that saves. What may be changed of what is seen, the
-- trigger says: there it can be refused with a reason.
CALL shape('deal', 'shared', partner => 'vendor_id',
    seen => 'shared_seen(noun(''deal''), owner_id, company_id, vendor_id, kind(''deal''), id)');
GRANT SELECT ON deal TO jiayi_app;
GRANT INSERT (company_id, title, customer_id, amount, currency, owner_id, vendor_id),
      UPDATE (title, customer_id, stage, stage_reason, stage_audience, amount, currency, owner_id,
              vendor_id, change_reason) ON deal TO jiayi_app;
CALL open_to_auth('deal', 'SELECT');
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON deal FOR EACH ROW EXECUTE FUNCTION deal_guard();
-- After the guard, in the order of names; moving a deal sets none of these.
CREATE TRIGGER guarded BEFORE INSERT OR UPDATE OF title, amount, currency, vendor_id, change_reason
    ON deal FOR EACH ROW EXECUTE FUNCTION deal_check();
ALTER TABLE deal ENABLE ALWAYS TRIGGER guarded;
-- A condition is read and set up for every statement: so not for those that set none of these.
CREATE TRIGGER history_change BEFORE UPDATE OF title, customer_id, amount, currency, vendor_id,
    change_reason ON deal FOR EACH ROW
    WHEN (OLD.outcome <> 'open' OR NEW.change_reason IS NOT NULL)
    EXECUTE FUNCTION deal_history_change();
CALL told('deal', 'INSERT', 'NEW.vendor_id IS NOT NULL');
CALL told('deal', 'UPDATE OF vendor_id',
    'NEW.vendor_id IS NOT NULL AND NEW.vendor_id IS DISTINCT FROM OLD.vendor_id');

-- A row of a shared object has its company, that of who wrote it, and the object's version then. In
-- the object's company it is seen with the object. On the other side: one's own company's for good;
-- of the object's company's, those of the span of sharing; of nobody else. The object is asked for
-- once: each sub-select more costs every statement its start.
-- In calls about the log it is what the log has.
CALL protect('deal_stage', NULL);
CALL shape('deal_stage', 'child', parent => 'deal', key => 'deal_id', version => 'seq',
    first => 'WHEN me_noun() = noun(''audit'') THEN company_id = me_company()
        AND audit_seen(member_id, ''deal'', deal_id::text)');
GRANT SELECT ON deal_stage TO jiayi_app;
CALL open_to_auth('deal_stage', 'SELECT, INSERT');
GRANT USAGE ON SEQUENCE audit_log_id_seq TO jiayi_auth;
CALL only_added('deal_stage');
CALL witnessed('deal_stage');

CALL protect('deal_reason', 'deal_id,seq');
CREATE POLICY visible ON deal_reason FOR SELECT TO jiayi_app
    USING (author_company_id = me_company()
           AND CASE WHEN company_id = me_company()
                    THEN EXISTS (SELECT FROM deal AS d WHERE d.id = deal_reason.deal_id)
                    ELSE sight(noun('deal')) & 8 <> 0 END);
GRANT SELECT ON deal_reason TO jiayi_app;
CALL open_to_auth('deal_reason', 'INSERT');
CALL only_added('deal_reason');
