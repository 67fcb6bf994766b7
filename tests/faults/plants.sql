-- Faults planted into the history or the database of a run that kept all promises: faults.violation has to find each.
--
-- A row each: the kind of violation that it is, what is planted, and the statement that plants it.

SET search_path = faults, jiayi, pg_catalog;
CREATE TABLE plant (kind text NOT NULL, name text PRIMARY KEY, sql text NOT NULL);
INSERT INTO plant (kind, name, sql) VALUES
('lost', 'an acknowledged follow-up is gone',
 $$DELETE FROM activity WHERE id = (SELECT max((answer ->> 'id')::bigint) FROM written
   WHERE method = 'DealService/LogActivity' AND outcome = 'acknowledged')$$),
('lost', 'an acknowledged move is not in the history of the deal',
 $$DELETE FROM deal_stage WHERE reason = (SELECT max(mark) FROM written
   WHERE method = 'DealService/MoveDeal' AND outcome = 'acknowledged')$$),
('lost', 'an acknowledged record of a KPI is gone',
 $$DELETE FROM kpi_record WHERE text = (SELECT max(mark) FROM written
   WHERE method = 'KpiService/RecordKpi' AND outcome = 'acknowledged')$$),
('lost', 'an acknowledged change is not in the log',
 $$DELETE FROM audit_log WHERE request_id = (SELECT max(id) FROM written
   WHERE method = 'DealService/UpdateDeal' AND outcome = 'acknowledged')$$),
('lost', 'an acknowledged call has no record',
 $$DELETE FROM call_record WHERE request_id = (SELECT decode(max(id), 'hex') FROM written WHERE outcome = 'acknowledged')$$),
('doubled', 'a follow-up is there twice',
 $$INSERT INTO activity (deal_id, company_id, member_id, kind, text)
   SELECT deal_id, company_id, member_id, kind, text FROM activity WHERE text LIKE 'logged %' LIMIT 1$$),
('doubled', 'a move is there twice',
 $$INSERT INTO deal_stage (deal_id, seq, company_id, stage, reason)
   SELECT deal_id, seq + 1000, company_id, stage, reason FROM deal_stage WHERE reason LIKE 'moved %' LIMIT 1$$),
('doubled', 'a change is twice in the log',
 $$INSERT INTO audit_log (company_id, member_id, method, request_id, object, object_id, action, before, after)
   SELECT company_id, member_id, method, request_id, object, object_id, action, before, after FROM audit_log
   WHERE object = 'deal' AND action = 'insert' LIMIT 1$$),
('refused', 'what was applied was told as refused',
 $$UPDATE line SET doc = doc || '{"outcome": "refused", "code": 10}' WHERE doc ->> 'request_id' =
   (SELECT max(id) FROM written WHERE method = 'DealService/LogActivity' AND outcome = 'acknowledged')$$),
('halved', 'of a call without an answer the record is gone, and the change is not',
 $$WITH u AS (UPDATE line SET doc = doc || '{"outcome": "unknown", "code": 14}' WHERE doc ->> 'request_id' =
       (SELECT max(id) FROM written WHERE method = 'DealService/LogActivity' AND outcome = 'acknowledged')
       RETURNING doc ->> 'request_id' AS id)
   DELETE FROM call_record USING u WHERE request_id = decode(u.id, 'hex')$$),
('unasked', 'a change that nobody asked for',
 $$DELETE FROM line WHERE doc ->> 'request_id' = (SELECT max(id) FROM written WHERE outcome = 'acknowledged')$$),
('unreal', 'an answer out of the record has more than is kept',
 $$UPDATE line SET doc = doc || '{"replayed": true}' WHERE doc ->> 'request_id' =
   (SELECT max(w.id) FROM written AS w JOIN call AS c USING (id)
    WHERE w.method = 'DealService/MoveDeal' AND w.outcome = 'acknowledged' AND NOT c.replayed)$$),
('answer', 'a write answered the version of another',
 $$UPDATE line SET doc = jsonb_set(doc, '{answer,version}', '77') WHERE doc ->> 'request_id' =
   (SELECT max(id) FROM written WHERE method = 'DealService/MoveDeal' AND outcome = 'acknowledged')$$),
('state', 'a change was overwritten',
 $$UPDATE deal SET title = 'somebody''s' WHERE id = (SELECT max(deal) FROM made)$$),
('state', 'a version was counted twice',
 $$UPDATE deal SET version = version + 1 WHERE id = (SELECT max(deal) FROM made)$$),
('foreign', 'a read told a deal of another company, as its own row says',
 $$UPDATE line SET doc = jsonb_set(doc, '{answer,company}', '"gamma"') WHERE doc ->> 'request_id' =
   (SELECT max(id) FROM call WHERE method = 'DealService/GetDeal' AND company = 'acme' AND answer IS NOT NULL)$$),
('foreign', 'a read told a deal of another company, as the database says',
 $$UPDATE deal SET company_id = (SELECT id FROM company WHERE slug = 'gamma'), vendor_id = NULL, shared_version = NULL WHERE id =
   (SELECT max(deal) FROM seen WHERE company = 'acme' AND method = 'DealService/ListDeals')$$),
('foreign', 'a read told a follow-up of another deal',
 $$UPDATE activity SET deal_id = (SELECT min(deal) FROM made) WHERE id =
   (SELECT max((a ->> 'id')::bigint) FROM call AS c, jsonb_array_elements(c.answer -> 'activities') AS a
    WHERE c.method = 'DealService/GetDeal' AND c.answer ->> 'id' <> (SELECT min(deal) FROM made)::text)$$),
('unreal', 'a read told what was never there',
 $$UPDATE line SET doc = jsonb_set(doc, '{answer,title}', '"never"') WHERE doc ->> 'request_id' =
   (SELECT max(id) FROM call WHERE method = 'DealService/GetDeal' AND answer IS NOT NULL)$$),
('stale', 'a read told the version before the acknowledged one',
 $$UPDATE line SET doc = jsonb_set(doc, '{answer,version}', to_jsonb((doc -> 'answer' ->> 'version')::int - 1))
   WHERE doc ->> 'request_id' =
   (SELECT max(s.call) FROM seen AS s JOIN written AS w ON w.outcome = 'acknowledged' AND w.object = 'deal'
    AND (w.answer ->> 'id')::bigint = s.deal AND (w.answer ->> 'version')::int = s.version AND w.ends < s.begins
    WHERE s.method = 'DealService/GetDeal' AND s.version > 1)$$),
('stale', 'an acknowledged deal was not found by its owner',
 $$UPDATE line SET doc = doc || '{"outcome": "refused", "code": 5, "answer": null}' WHERE doc ->> 'request_id' =
   (SELECT max(c.id) FROM call AS c JOIN made AS m ON m.deal = (c.request ->> 'deal_id')::bigint AND m.person = c.person
    AND m.ends < c.begins WHERE c.method = 'DealService/GetDeal')$$),
('stale', 'a list left out an acknowledged deal',
 $$UPDATE line SET doc = jsonb_set(doc, '{answer,deals}', (doc -> 'answer' -> 'deals') - 0) WHERE doc ->> 'request_id' =
   (SELECT max(c.id) FROM call AS c JOIN made AS m ON m.deal = (c.answer -> 'deals' -> 0 ->> 'id')::bigint
    AND m.person = c.person AND m.ends < c.begins
    WHERE c.method = 'DealService/ListDeals' AND jsonb_array_length(c.answer -> 'deals') > 1)$$),
('stale', 'a deal was shown without an acknowledged follow-up',
 $$UPDATE line SET doc = jsonb_set(doc, '{answer,activities}', '[]') WHERE doc ->> 'request_id' =
   (SELECT max(c.id) FROM call AS c JOIN written AS w ON w.answer ->> 'deal_id' = c.answer ->> 'id' AND w.ends < c.begins
    AND w.method = 'DealService/LogActivity' AND w.outcome = 'acknowledged' WHERE c.method = 'DealService/GetDeal')$$),
('witness', 'a move has no entry of the ledger',
 $$DELETE FROM ledger_entry WHERE id = (SELECT max(id) FROM ledger_entry WHERE kind = 'stage')$$),
('witness', 'the ledger has a move that never was',
 $$INSERT INTO ledger_entry (kind, on_kind, on_id, version, company_id, at, entry)
   SELECT kind, on_kind, on_id, version + 1000, company_id, at, entry FROM ledger_entry WHERE kind = 'stage' LIMIT 1$$),
('witness', 'a record of a KPI is witnessed twice',
 $$INSERT INTO ledger_entry (kind, on_kind, on_id, company_id, at, entry)
   SELECT kind, on_kind, on_id, company_id, at, entry FROM ledger_entry WHERE kind = 'record' LIMIT 1$$),
('signing', 'a contract holds that one side has signed',
 $$DELETE FROM signature WHERE id = (SELECT max(id) FROM signature)$$),
('signing', 'both sides have signed, and the contract does not hold',
 $$UPDATE contract_version SET state = 'proposed' WHERE state = 'executed'$$),
('signing', 'one side has signed another text',
 $$UPDATE signature SET sha256 = sha256('x') WHERE id = (SELECT max(id) FROM signature)$$),
('signing', 'the text is another than both have signed',
 $$UPDATE revision SET body = body || ' ' WHERE on_kind = kind('contract')$$),
('signing', 'a signature has no entry of the ledger',
 $$DELETE FROM ledger_entry WHERE id = (SELECT max(id) FROM ledger_entry WHERE kind = 'signature')$$),
('failure', 'the server failed',
 $$UPDATE line SET doc = doc || '{"outcome": "unknown", "code": 13, "answer": null}' WHERE doc ->> 'request_id' =
   (SELECT max(id) FROM call WHERE method = 'DealService/ListDeals')$$);

CREATE FUNCTION found(sql text) RETURNS text[] LANGUAGE plpgsql
SET search_path = faults, jiayi, pg_catalog SET session_replication_role = replica AS $f$
DECLARE
    kinds text[];
    relation regclass;
BEGIN
    BEGIN
        -- What keeps evidence runs ALWAYS.
        FOR relation IN SELECT DISTINCT tgrelid FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
                        WHERE relnamespace = 'jiayi'::regnamespace AND NOT tgisinternal LOOP
            EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', relation);
        END LOOP;
        EXECUTE sql;
        PERFORM refresh();
        kinds := ARRAY(SELECT DISTINCT kind FROM violation);
        RAISE SQLSTATE 'FAULT';
    EXCEPTION WHEN SQLSTATE 'FAULT' THEN
        NULL; -- the plant is gone, what was found is not
    END;
    RETURN kinds;
END
$f$;

-- The plants that were not found.
SELECT p.kind, p.name, found FROM plant AS p, found(p.sql) WHERE p.kind <> ALL (found);
