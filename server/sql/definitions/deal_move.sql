-- Deals from stage to stage: the rules of moving, of taking a move back, and of what counted.

CREATE OR REPLACE FUNCTION deal_may_reopen(d deal) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT d.company_id = jiayi.me_company() AND EXISTS (
        SELECT FROM jiayi.caller_grants() AS g
        WHERE g.permission = 'deal.reopen' AND jiayi.reaches(d.owner_id, g.bits))
$$;
COMMENT ON FUNCTION deal_may_reopen(deal) IS
    'Whether the caller''s deal.reopen reaches the deal.';
GRANT EXECUTE ON FUNCTION deal_may_reopen(deal) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION deal_skips(d deal, reason text) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT (d.company_id = jiayi.me_company() AND EXISTS (SELECT FROM jiayi.caller_grants() AS g
            WHERE g.permission = 'deal.override' AND jiayi.reaches(d.owner_id, g.bits))) THEN
        PERFORM jiayi.refuse('JY007', 'skipping what the stage of deal %s asks for needs the permission '
            'deal.override', ROW(d.id));
    ELSIF reason IS NULL THEN
        PERFORM jiayi.refuse('JY003', 'skipping what a stage asks for needs a reason; give one with --reason',
            field => 'reason');
    END IF;
END
$$;
COMMENT ON FUNCTION deal_skips(deal, text) IS
    'Ends the call where the caller''s deal.override does not reach the deal, or no reason is given.';
GRANT EXECUTE ON FUNCTION deal_skips(deal, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION deal_lost_for(company_id bigint, code text) RETURNS text
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    found text;
    known text;
BEGIN
    SELECT min(c.code) FILTER (WHERE jiayi.stage_key(deal_lost_for.code) IN (jiayi.stage_key(c.code), jiayi.stage_key(c.label))),
           string_agg(c.code || ' ' || c.label, ', ' ORDER BY c.position, c.code)
    INTO found, known
    FROM jiayi.choice AS c
    WHERE c.company_id = deal_lost_for.company_id AND c.list = 'lost_reason' AND c.active;
    IF code IS NULL AND known IS NOT NULL THEN
        PERFORM jiayi.refuse('JY003', 'losing a deal needs a reason by code; give one with --lost-reason: %s',
            ROW(known), field => 'lost_code');
    ELSIF code IS NOT NULL AND found IS NULL THEN
        PERFORM jiayi.refuse('JY003', 'there is no reason of loss %s; the reasons are %s',
            ROW(code, coalesce(known, '-')), field => 'lost_code');
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION deal_lost_for(bigint, text) IS
    'The code of why a deal of a company is lost, by code or label; the call ends where there is none, and says '
    'which there are. NULL where the company has none in use.';
GRANT EXECUTE ON FUNCTION deal_lost_for(bigint, text) TO jiayi_auth;

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
    starts  boolean;       -- of the stage that it comes into: it brings tasks, no deal comes in any more,
    retired boolean;       -- it is further on
    further boolean;
    asks    boolean;       -- of the one before: it asks for more than tasks
    missed  text[];        -- what that asks for, and is skipped
    plain   boolean;       -- of both, and of the deal: nothing of a move between them has to be looked at
    zone    text;          -- the company's
    stay    int;           -- how long the deal may stay in that stage
    beside  int;           -- deal_pulse.beside
    moved   boolean;       -- way is not owner
    all_at_once boolean;   -- an import writes the history
    today   date;          -- where the company is
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
        IF NEW.stage IS NULL THEN
            SELECT s.name, s.outcome, s.starts, p.time_zone INTO NEW.stage, NEW.outcome, starts, zone
            FROM jiayi.stage AS s JOIN jiayi.company_profile AS p ON p.company_id = s.company_id
            WHERE s.company_id = NEW.company_id AND s.outcome = 'open' AND NOT s.retired ORDER BY s.position LIMIT 1;
            NEW.checks := starts;
        ELSE
            -- Only what is imported is in a stage already, and was closed already: nothing begins with it.
            IF NEW.outcome IS NULL THEN
                NEW.outcome := (SELECT s.outcome FROM jiayi.stage AS s
                    WHERE s.company_id = NEW.company_id AND s.name = NEW.stage);
            END IF;
            NEW.closed_version := CASE WHEN NEW.closed_at IS NOT NULL THEN 1 END;
            NEW.updated_at := coalesce(NEW.closed_at, NEW.created_at);
            all_at_once := jiayi.importing();
        END IF;
        IF NEW.vendor_id IS NOT NULL THEN
            NEW.shared_version := 1;
            NEW.shared_span := jiayi.partner_span(NEW.company_id, NEW.vendor_id);
        END IF;
        IF all_at_once THEN
            RETURN NEW;
        END IF;
    ELSE
        -- The customer has another name: nothing of the deal itself. Only customer_renamed() sets it.
        IF NEW.customer_name <> OLD.customer_name THEN
            RETURN NEW;
        END IF;
        -- What is the caller's own is known by the owner alone, who belongs to the deal's company.
        IF me IS NOT NULL AND (OLD.owner_id <> me OR bits & 1 = 0) THEN
            IF NOT (CASE WHEN OLD.company_id = author THEN
                             bits & 4 <> 0 OR (bits & 2 <> 0 AND jiayi.reaches(OLD.owner_id, 2))
                         ELSE (bits & 8 <> 0 AND OLD.vendor_id IS NOT DISTINCT FROM author)
                             OR jiayi.deal_is_assigned(OLD, NEW) END)
               AND NOT jiayi.deciding_on_all() THEN
                PERFORM jiayi.refuse('JY007', CASE jiayi.me_permission()
                    WHEN 'deal.move' THEN 'you may see deal %s but not move it'
                    WHEN 'deal.assign' THEN 'you may see deal %s but not assign it'
                    ELSE 'you may see deal %s but not change it' END, ROW(OLD.id));
            END IF;
        END IF;

        -- Moving is what names a stage: a reason is always given anew.
        IF NEW.stage <> OLD.stage THEN
            LOOP
                SELECT s.outcome, s.retired, s.starts, s.position > o.position,
                       o.requires IS NOT NULL OR o.min_touches IS NOT NULL, p.time_zone, s.max_days,
                       s.outcome = 'open' AND o.outcome = 'open'
                INTO NEW.outcome, retired, starts, further, asks, zone, stay, plain
                FROM jiayi.stage AS s JOIN jiayi.company_profile AS p ON p.company_id = s.company_id
                JOIN jiayi.stage AS o ON o.company_id = s.company_id AND o.name = OLD.stage
                WHERE s.company_id = NEW.company_id AND s.name = NEW.stage;
                EXIT WHEN FOUND;
                NEW.stage := jiayi.stage_meant(NEW.company_id, NEW.stage); -- a title
            END LOOP;
            IF NEW.stage = OLD.stage THEN
                PERFORM jiayi.refuse('JY009', 'deal %s is in stage %s already',
                    ROW(OLD.id, jiayi.stage_named(OLD.company_id, OLD.stage)));
            END IF;
            IF me IS NOT NULL AND current_setting('jiayi.method') LIKE '%/UndoDeal' THEN
                way := 'undo';
                SELECT u.stage, u.entered_at, u.seq INTO back, since, was
                FROM jiayi.deal_last_move(OLD.id) AS u;
            END IF;
            -- Most moves are from one open stage into another, neither of which asks for anything: of these there is
            -- nothing to look at, and each expression that is not come to saves its start.
            IF plain AND back IS NULL AND NOT (retired OR asks OR OLD.checks)
               AND NEW.stage_skip IS NOT TRUE AND NEW.lost_code IS NULL AND NEW.lost_to IS NULL THEN
                NEW.checks := starts;
            ELSE
                IF OLD.outcome <> 'open' THEN
                    IF me IS NOT NULL AND back IS DISTINCT FROM NEW.stage
                       AND NOT jiayi.deal_may_reopen(OLD) THEN
                        PERFORM jiayi.refuse('JY007',
                            'deal %s is %s; moving it out of there needs the permission deal.reopen',
                            ROW(OLD.id, jiayi.stage_named(OLD.company_id, OLD.stage)));
                    END IF;
                    NEW.closed_at := NULL;
                    NEW.closed_version := NULL;
                    NEW.won_on := NULL;
                ELSIF back IS NULL AND (OLD.checks OR asks) AND (further OR NEW.outcome = 'won')
                      AND NEW.outcome <> 'lost' AND me IS NOT NULL AND jiayi.me_permission() = 'deal.move' THEN
                    missed := jiayi.stay_asks(OLD, NEW.stage_skip);
                END IF;
                IF NEW.stage_skip THEN
                    PERFORM jiayi.deal_skips(OLD, NEW.stage_reason);
                END IF;
                IF retired AND back IS NULL THEN
                    PERFORM jiayi.refuse('JY009', 'stage %s is retired; no deal comes into it',
                        ROW(jiayi.stage_named(NEW.company_id, NEW.stage)));
                END IF;
                IF NEW.outcome = 'lost' THEN
                    IF back IS NOT NULL THEN
                        SELECT s.lost_code, s.lost_to INTO NEW.lost_code, NEW.lost_to FROM jiayi.deal_stage AS s
                        WHERE s.deal_id = OLD.id AND s.seq = was;
                    ELSIF NEW.stage_reason IS NOT NULL THEN
                        NEW.lost_code := jiayi.deal_lost_for(NEW.company_id, NEW.lost_code);
                    END IF;
                ELSIF OLD.outcome = 'lost' THEN
                    NEW.lost_code := NULL;
                    NEW.lost_to := NULL;
                ELSIF NEW.lost_code IS NOT NULL OR NEW.lost_to IS NOT NULL THEN
                    PERFORM jiayi.refuse('JY003', 'only a deal that is lost has a reason of loss; leave --lost-reason '
                        'and --lost-to away', field => 'lost_code');
                END IF;
                IF OLD.outcome = 'open' AND NEW.outcome = 'won' AND NEW.amount > 0 AND me IS NOT NULL AND author = OLD.vendor_id
                   AND jiayi.won_is_confirmed(OLD.company_id, author) THEN
                    PERFORM jiayi.won_ask(OLD, NEW.stage_reason);
                    RETURN OLD; -- it stays where it is
                END IF;
                IF back IS NOT NULL THEN
                    NEW.checks := jiayi.stay_undone(OLD, was);
                ELSE
                    IF OLD.checks THEN
                        PERFORM jiayi.stay_ends(OLD);
                    END IF;
                    NEW.checks := starts;
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
                    UPDATE jiayi.task AS t SET state = CASE NEW.outcome WHEN 'won' THEN 'done' ELSE 'cancelled' END
                    WHERE t.on_kind = 3 AND t.on_id = OLD.id AND t.kind = 'confirm' AND t.state = 'open';
                    NEW.closed_at := coalesce(since, moment);
                    NEW.closed_version := coalesce(was, OLD.version + 1);
                    IF NEW.outcome = 'won' THEN
                        NEW.won_on := (NEW.closed_at AT TIME ZONE zone)::date;
                    END IF;
                END IF;
            END IF;
        ELSE
            IF me IS NOT NULL AND NEW.owner_id = OLD.owner_id AND jiayi.me_permission() = 'deal.move' THEN
                PERFORM jiayi.refuse('JY009', 'deal %s is in stage %s already',
                    ROW(OLD.id, jiayi.stage_named(OLD.company_id, OLD.stage)));
            ELSIF OLD.outcome <> 'open' AND me IS NOT NULL AND NOT jiayi.deciding_on_all()
                  AND (NEW.title, NEW.customer_id, NEW.amount, NEW.currency, NEW.vendor_id, NEW.contract_id) IS DISTINCT FROM
                      (OLD.title, OLD.customer_id, OLD.amount, OLD.currency, OLD.vendor_id, OLD.contract_id) THEN
                -- What counted stays, or is changed like the outcome itself.
                IF NOT jiayi.deal_may_reopen(OLD) THEN
                    PERFORM jiayi.refuse('JY007',
                        'deal %s is %s; changing what counted needs the permission deal.reopen',
                        ROW(OLD.id, jiayi.stage_named(OLD.company_id, OLD.stage)));
                ELSIF NEW.change_reason IS NULL THEN
                    PERFORM jiayi.refuse('JY003',
                        'deal %s is %s; changing what counted needs a reason; give one with --reason',
                        ROW(OLD.id, jiayi.stage_named(OLD.company_id, OLD.stage)), field => 'reason');
                ELSIF OLD.outcome = 'won' AND NEW.amount = 0 THEN
                    PERFORM jiayi.refuse('JY009', 'deal %s is %s; its amount cannot become 0',
                        ROW(OLD.id, jiayi.stage_named(OLD.company_id, OLD.stage)));
                END IF;
            END IF;
            IF NEW.stage_reason IS NOT NULL OR NEW.stage_audience IS NOT NULL OR NEW.stage_skip IS NOT NULL THEN
                NEW.stage_reason := NULL;
                NEW.stage_audience := NULL;
                NEW.stage_skip := NULL;
            END IF;
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
            -- Given to a vendor, or to the same one in another span of the partnership.
            IF NEW.vendor_id IS DISTINCT FROM OLD.vendor_id OR NEW.shared_span IS DISTINCT FROM OLD.shared_span THEN
                NEW.shared_version := CASE WHEN NEW.vendor_id IS NOT NULL THEN OLD.version + 1 END;
                NEW.shared_span := jiayi.partner_span(NEW.company_id, NEW.vendor_id);
                NEW.vendor_owner_id := NULL;
            END IF;
        END IF;
        NEW.version := OLD.version + 1;
        NEW.updated_at := moment;
    END IF;

    IF NEW.owner_id IS DISTINCT FROM OLD.owner_id THEN
        IF TG_OP = 'UPDATE' AND me IS NOT NULL AND NOT jiayi.deciding_on_all()
           AND NOT jiayi.reaches(NEW.owner_id, bits) THEN
            PERFORM jiayi.refuse('JY007', 'your role lets you assign deals within your team only');
        END IF;
        IF OLD.checks AND way = 'owner' THEN
            PERFORM jiayi.stay_handed(OLD, NEW.owner_id);
        END IF;
        IF TG_OP = 'UPDATE' AND jiayi.handing_over() THEN
            RETURN NEW; -- it writes the history, and tells who follows, for all of them at once
        END IF;
        bits := NULL;
    ELSIF way = 'owner' THEN -- neither moved nor handed over
        IF OLD.outcome = 'open' AND (NEW.title, NEW.customer_id, NEW.amount, NEW.currency, NEW.close_on, NEW.kind)
               IS DISTINCT FROM (OLD.title, OLD.customer_id, OLD.amount, OLD.currency, OLD.close_on, OLD.kind)
           OR NEW.amount IS DISTINCT FROM OLD.amount THEN
            PERFORM jiayi.deal_updated(NEW, me);
        END IF;
        RETURN NEW;
    END IF;
    moved := way <> 'owner';
    IF zone IS NULL THEN
        zone := (SELECT p.time_zone FROM jiayi.company_profile AS p WHERE p.company_id = NEW.company_id);
    END IF;
    today := (NEW.updated_at AT TIME ZONE zone)::date;
    IF NEW.stage_audience IS NOT NULL AND NEW.stage_audience = 'internal' THEN
        hidden := NEW.stage_reason;
        NEW.stage_reason := NULL;
    END IF;
    INSERT INTO jiayi.deal_stage (deal_id, seq, company_id, author_company_id, stage, entered_at,
        member_id, reason, kind, owner_id, from_stage, outcome, from_outcome, closed_at,
        from_closed_at, vendor_id, amount, currency, counted_on, skipped, lost_code, lost_to)
    VALUES (NEW.id, NEW.version, NEW.company_id, coalesce(author, NEW.company_id), NEW.stage,
        NEW.updated_at, me, NEW.stage_reason, way,
        CASE WHEN bits IS NULL THEN NEW.owner_id END,
        CASE WHEN moved THEN OLD.stage END, NEW.outcome,
        CASE WHEN moved THEN OLD.outcome END, NEW.closed_at,
        CASE WHEN moved THEN OLD.closed_at END, NEW.vendor_id, NEW.amount, NEW.currency,
        today, missed, NEW.lost_code, NEW.lost_to);
    IF hidden IS NOT NULL THEN
        INSERT INTO jiayi.deal_reason (deal_id, seq, company_id, author_company_id, log_company_id, text)
        VALUES (NEW.id, NEW.version, NEW.company_id, coalesce(author, NEW.company_id), coalesce(author, NEW.company_id), hidden);
    END IF;
    IF NEW.stage_reason IS NOT NULL OR NEW.stage_audience IS NOT NULL OR NEW.stage_skip IS NOT NULL THEN
        NEW.stage_reason := NULL;
        NEW.stage_audience := NULL;
        NEW.stage_skip := NULL;
    END IF;
    IF starts AND way = 'move' THEN
        PERFORM jiayi.stay_begins(NEW);
    END IF;
    IF moved AND TG_OP = 'UPDATE' THEN
        UPDATE jiayi.deal_pulse AS p SET open = NEW.outcome = 'open', stay_days = stay, stage_on = today,
            touch_by = least(p.next_due_on, coalesce(p.touched_on, today) + coalesce(stay, 14))
        WHERE p.deal_id = NEW.id AND p.company_id = NEW.company_id RETURNING p.beside INTO beside;
        IF NEW.vendor_id IS NOT NULL THEN
            UPDATE jiayi.deal_pulse AS p SET open = NEW.outcome = 'open', stay_days = stay, stage_on = today,
                touch_by = least(p.next_due_on, coalesce(p.touched_on, today) + coalesce(stay, 14))
            WHERE p.deal_id = NEW.id AND p.company_id = NEW.vendor_id;
        END IF;
    END IF;
    -- The owner is told. Here, where all of it is known: as a trigger of deal_stage it would cost the move
    -- half as much again. Where the owner does it, and nobody follows or takes part, there is nobody to tell, and
    -- nothing is written; what ends or comes back the owner's manager is told of.
    IF (me = NEW.owner_id AND moved AND coalesce(plain AND beside & 18 = 0, TG_OP = 'INSERT')) IS NOT TRUE THEN
        INSERT INTO jiayi.event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids, data)
        VALUES (NEW.company_id, NEW.vendor_id,
            CASE WHEN TG_OP = 'INSERT' THEN 'deal.created' WHEN NOT moved THEN 'deal.assigned'
                 WHEN NEW.outcome <> 'open' THEN 'deal.' || NEW.outcome
                 WHEN OLD.outcome <> 'open' THEN 'deal.reopened' ELSE 'deal.moved' END,
            3, NEW.id, me, ARRAY[NEW.owner_id],
            CASE WHEN moved AND TG_OP = 'UPDATE'
                 THEN jsonb_build_object('from', OLD.stage, 'to', NEW.stage) END);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION deal_guard() IS
    'Trigger: a deal is changed by whom the called permission reaches; moves follow the '
    'pipeline''s rules; what counted of a won or lost deal stays but for deal.reopen and a reason; '
    'version, times and the span of sharing are kept. Writes into deal_stage who owns a deal from when '
    'on and in which stage it is, and deal_reason where the reason is internal, tells the owner, and has '
    'deal_pulse know how long the deal may stay.';

CREATE OR REPLACE FUNCTION deal_updated(d deal, who bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- What is decided on many at once is told by itself; who changes their own deal, which nobody follows, tells nobody.
    IF who IS NULL OR jiayi.deciding_on_all() OR (who = d.owner_id AND NOT EXISTS (SELECT FROM jiayi.subscription AS s
            WHERE s.on_kind = 3 AND s.on_id = d.id)) THEN
        RETURN;
    END IF;
    INSERT INTO jiayi.event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    VALUES (d.company_id, d.vendor_id, 'deal.updated', 3, d.id, who, ARRAY[d.owner_id]);
END
$$;
COMMENT ON FUNCTION deal_updated(deal, bigint) IS
    'Tells the owner of a deal, and those who follow it, that somebody else changed what it is about.';
GRANT EXECUTE ON FUNCTION deal_updated(deal, bigint) TO jiayi_auth;
