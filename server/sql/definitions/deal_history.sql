-- The history of deals: the stages that they were in, whose they were, and what was changed once they were won or lost.

-- VOLATILE, so that it sees what the same statement wrote.
CREATE OR REPLACE FUNCTION lost_reason_now(deal_id bigint, version int) RETURNS text
    LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN (SELECT coalesce(s.reason, r.text) FROM jiayi.deal_stage AS s
            LEFT JOIN jiayi.deal_reason AS r ON r.deal_id = s.deal_id AND r.seq = s.seq
            WHERE s.deal_id = lost_reason_now.deal_id AND s.seq = lost_reason_now.version);
END
$$;
COMMENT ON FUNCTION lost_reason_now(bigint, int) IS
    'Why a deal was lost in that version; NULL where the caller may not know.';
GRANT EXECUTE ON FUNCTION lost_reason_now(bigint, int) TO jiayi_app;

-- STABLE in the planner's eyes: what is VOLATILE keeps deal_shown() from becoming a part of the calling statement.
CREATE OR REPLACE FUNCTION lost_reason(deal_id bigint, version int) RETURNS text
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jiayi.lost_reason_now(deal_id, version);
END
$$;
COMMENT ON FUNCTION lost_reason(bigint, int) IS 'lost_reason_now(), for statements.';
GRANT EXECUTE ON FUNCTION lost_reason(bigint, int) TO jiayi_app;

-- A move is told as what it changed of the deal; what else is in the history as itself.
CREATE OR REPLACE FUNCTION deal_stage_log() RETURNS SETOF log_entry
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
               to_jsonb(s) - '{log_id,member,method,request_id,from_stage,from_outcome,from_closed_at,vendor_id,
                   amount,currency,counted_on,skipped,lost_code,lost_to}'::text[]
               ELSE jsonb_build_object('stage', s.stage, 'version', s.seq)
               || CASE WHEN s.outcome <> s.from_outcome
                       THEN jsonb_build_object('outcome', s.outcome) ELSE '{}' END
               || CASE WHEN s.closed_at IS DISTINCT FROM s.from_closed_at
                       THEN jsonb_build_object('closed_at', s.closed_at) ELSE '{}' END
               || CASE WHEN s.reason IS NOT NULL
                       THEN jsonb_build_object('reason', s.reason) ELSE '{}' END
               || jsonb_strip_nulls(jsonb_build_object('skipped', s.skipped, 'lost_code', s.lost_code,
                   'lost_to', s.lost_to)) END,
           s.deal_id
    FROM jiayi.deal_stage AS s
$$;
COMMENT ON FUNCTION deal_stage_log() IS
    'What the rows of deals'' histories are in the log of changes; see logged().';
GRANT EXECUTE ON FUNCTION deal_stage_log() TO jiayi_app;

-- Before the update, so that it can take the reason out.
CREATE OR REPLACE FUNCTION deal_history_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    before jsonb := jsonb_build_object('title', OLD.title, 'amount', OLD.amount || ' ' || OLD.currency,
        'customer', (SELECT c.name FROM jiayi.customer AS c WHERE c.id = OLD.customer_id),
        'vendor', (SELECT c.slug FROM jiayi.company AS c WHERE c.id = OLD.vendor_id), 'contract', OLD.contract_id);
    after  jsonb := jsonb_build_object('title', NEW.title, 'amount', NEW.amount || ' ' || NEW.currency,
        'customer', (SELECT c.name FROM jiayi.customer AS c WHERE c.id = NEW.customer_id),
        'vendor', (SELECT c.slug FROM jiayi.company AS c WHERE c.id = NEW.vendor_id), 'contract', NEW.contract_id);
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
    FROM jsonb_each(changed) AS c WHERE own OR c.key NOT IN ('vendor', 'contract')
$$;
COMMENT ON FUNCTION deal_change_text(jsonb, boolean) IS
    'deal_stage.changed for people. Which vendors a deal had, and under which contracts, is only for its own company.';
GRANT EXECUTE ON FUNCTION deal_change_text(jsonb, boolean) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_skipped(skipped text[], company_id bigint) RETURNS text[]
    LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF skipped IS NULL OR deal_skipped.company_id <> me_company() THEN
        RETURN NULL;
    END IF;
    RETURN ARRAY(SELECT CASE WHEN w.what LIKE 'task/%' THEN concat_ws(' ', w.what,
            object_title(kind('task'), split_part(w.what, '/', 2)::bigint)) ELSE w.what END
        FROM unnest(skipped) WITH ORDINALITY AS w(what, n) ORDER BY w.n);
END
$$;
COMMENT ON FUNCTION deal_skipped(text[], bigint) IS
    'deal_stage.skipped for people, with the titles of tasks. What a company''s stages ask for is only for its own.';
GRANT EXECUTE ON FUNCTION deal_skipped(text[], bigint) TO jiayi_app;

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

-- A row of a shared object has its company, that of who wrote it, and the object's version then. In
-- the object's company it is seen with the object. On the other side: one's own company's for good;
-- of the object's company's, those of the span of sharing; of nobody else. The object is asked for
-- once: each sub-select more costs every statement its start.
CALL protect('deal_stage', NULL);
CALL shape('deal_stage', 'child', parent => 'deal', key => 'deal_id', version => 'seq', one_by_one => true);
GRANT SELECT ON deal_stage TO jiayi_app;
CALL open_to_auth('deal_stage', 'SELECT, INSERT');
CALL only_added('deal_stage');
CALL witnessed('deal_stage');

CALL protect('deal_reason', NULL);
CALL logged('deal_reason', 'deal_id,seq', by_hand => true);
CREATE POLICY visible ON deal_reason FOR SELECT TO jiayi_app
    USING (author_company_id = me_company()
           AND CASE WHEN company_id = me_company()
                    THEN deal_since(deal_id) IS NOT NULL
                    ELSE sight(noun('deal')) & 8 <> 0 END);
GRANT SELECT ON deal_reason TO jiayi_app;
CALL open_to_auth('deal_reason', 'SELECT, INSERT');
CALL only_added('deal_reason');
