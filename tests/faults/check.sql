-- What a run of tests/faults has to keep: faults.violation has a row for each promise that was broken.
--
-- faults.line holds the history of the workload (tests/faults/workload.c), one object a line. A view each tells what was
-- written, what came of it in the real tables, and what was read; faults.refresh() works them out after a change of
-- either. Times are on the clients' one monotonic clock.

\set ON_ERROR_STOP on
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS faults CASCADE;
\ir signing.sql
SET search_path = faults, jiayi, pg_catalog;

CREATE TABLE line (doc jsonb NOT NULL);

CREATE MATERIALIZED VIEW call AS
SELECT doc ->> 'request_id' AS id, doc ->> 'method' AS method, doc ->> 'person' AS person, doc ->> 'company' AS company,
       doc ->> 'outcome' AS outcome, (doc ->> 'code')::int AS code, doc ->> 'message' AS message,
       (doc ->> 'begin_us')::bigint AS begins, (doc ->> 'end_us')::bigint AS ends,
       (doc ->> 'replayed')::boolean AS replayed, (doc ->> 'sent')::int AS sent, (doc ->> 'unanswered')::int AS unanswered,
       (doc -> 'request' ->> 'deal_id')::bigint AS asked_deal, (doc -> 'answer' ->> 'id')::bigint AS answered,
       (doc -> 'answer' ->> 'version')::int AS answered_version,
       doc -> 'request' AS request, nullif(doc -> 'answer', 'null') AS answer
FROM line;

-- The table that a method writes to, and how its row comes to be.
CREATE VIEW kind AS
SELECT * FROM (VALUES
    ('DealService/CreateDeal', 'deal', 'insert'),
    ('DealService/MoveDeal', 'deal', 'update'),
    ('DealService/UpdateDeal', 'deal', 'update'),
    ('DealService/LogActivity', 'activity', 'insert'),
    ('KpiService/RecordKpi', 'kpi_record', 'insert')) AS v(method, object, action);

CREATE MATERIALIZED VIEW written AS
SELECT c.*, k.object, k.action, coalesce(request ->> 'reason', request ->> 'text', request ->> 'title') AS mark
FROM call AS c JOIN kind AS k USING (method);

-- How often a write is found, by each place that has to know of it.
CREATE VIEW effect AS
SELECT w.id, w.outcome, w.method, w.person, w.begins, w.ends, 'audit' AS place,
       (SELECT count(*) FROM audit_entries() AS a WHERE a.request_id = w.id AND a.object = w.object AND a.action = w.action) AS times
FROM written AS w
UNION ALL
SELECT w.id, w.outcome, w.method, w.person, w.begins, w.ends, 'call_record',
       (SELECT count(*) FROM call_record AS r WHERE r.request_id = decode(w.id, 'hex'))
FROM written AS w
UNION ALL
SELECT w.id, w.outcome, w.method, w.person, w.begins, w.ends, 'row',
       CASE w.method
       -- The title changes later on: the log of changes says which deal it was.
       WHEN 'DealService/CreateDeal' THEN (SELECT count(*) FROM deal AS d WHERE d.id = ANY (
           SELECT a.object_id::bigint FROM audit_log AS a
           WHERE a.object = 'deal' AND a.action = 'insert' AND a.after ->> 'title' = w.mark))
       WHEN 'DealService/MoveDeal' THEN (SELECT count(*) FROM deal_stage AS s WHERE s.reason = w.mark)
       WHEN 'DealService/UpdateDeal' THEN (SELECT count(*) FROM audit_log AS a
           WHERE a.object = 'deal' AND a.action = 'update' AND a.after ->> 'title' = w.mark)
       WHEN 'DealService/LogActivity' THEN (SELECT count(*) FROM activity AS y WHERE y.text = w.mark)
       WHEN 'KpiService/RecordKpi' THEN (SELECT count(*) FROM kpi_record AS k WHERE k.text = w.mark)
       END
FROM written AS w;

-- Every version that a deal ever had, as the log of changes has it.
CREATE MATERIALIZED VIEW version AS
SELECT deal, version, request_id,
       first_value(title) OVER (PARTITION BY deal, titles ORDER BY version) AS title,
       first_value(stage) OVER (PARTITION BY deal, stages ORDER BY version) AS stage
FROM (SELECT a.object_id::bigint AS deal, (a.after ->> 'version')::int AS version, a.request_id,
             a.after ->> 'title' AS title, a.after ->> 'stage' AS stage,
             count(a.after ->> 'title') OVER w AS titles, count(a.after ->> 'stage') OVER w AS stages
      FROM audit_entries() AS a WHERE a.object = 'deal'
      WINDOW w AS (PARTITION BY a.object_id ORDER BY (a.after ->> 'version')::int)) AS a;

-- The deals that were answered: by reads, and by writes.
CREATE MATERIALIZED VIEW seen AS
SELECT c.id AS call, c.method, c.person, c.company, c.begins, c.replayed, (d ->> 'id')::bigint AS deal, (d ->> 'version')::int AS version,
       d ->> 'company' AS of_company, d ->> 'vendor' AS vendor, d ->> 'title' AS title, d ->> 'stage' AS stage
FROM call AS c, jsonb_array_elements(CASE WHEN c.method = 'DealService/ListDeals' THEN c.answer -> 'deals'
                                          ELSE jsonb_build_array(c.answer) END) AS d
WHERE c.answer IS NOT NULL AND c.method LIKE 'DealService/%'
  AND c.method NOT IN ('DealService/LogActivity', 'DealService/ListDealHistory');

-- The deals that were made and acknowledged; who sees them for certain from then on.
CREATE MATERIALIZED VIEW made AS
SELECT answered AS deal, ends, person, company, request ->> 'vendor' AS vendor
FROM call WHERE method = 'DealService/CreateDeal' AND outcome = 'acknowledged';

CREATE VIEW violation AS
-- Nothing acknowledged is lost, nothing is applied twice, nothing that was refused is applied.
SELECT 'lost' AS kind, format('%s %s was acknowledged and is not in the %s', method, id, place) AS what
FROM effect WHERE outcome = 'acknowledged' AND times = 0
UNION ALL
SELECT 'doubled', format('%s %s is %s times in the %s', method, id, times, place) FROM effect WHERE times > 1
UNION ALL
SELECT 'refused', format('%s %s was refused and is in the %s', method, id, place)
FROM effect WHERE outcome = 'refused' AND times > 0
UNION ALL
SELECT 'halved', format('%s %s: %s', method, id, string_agg(place || ' ' || times, ', '))
FROM effect WHERE outcome = 'unknown' GROUP BY method, id HAVING min(times) <> max(times)
UNION ALL
SELECT 'unasked', format('%s %s %s is of no call', a.action, a.object, a.object_id)
FROM audit_entries() AS a
WHERE a.object IN ('deal', 'deal_stage', 'activity', 'kpi_record')
  AND a.member IN (SELECT c.person FROM call AS c)
  AND NOT EXISTS (SELECT FROM written AS w WHERE w.id = a.request_id)
UNION ALL
-- The answer of a write is the version that it made.
SELECT 'answer', format('%s %s answered version %s of deal %s, its own is %s', w.method, w.id, w.answered_version,
                        w.answered, coalesce(v.version::text, 'none'))
FROM written AS w
LEFT JOIN version AS v ON v.request_id = w.id AND v.deal = w.answered
WHERE w.object = 'deal' AND w.answer IS NOT NULL AND v.version IS DISTINCT FROM w.answered_version
UNION ALL
-- A deal is what its changes made of it, one version for each; its stage is the last that it came into.
SELECT 'state', format('deal %s is at version %s after %s changes', d.id, d.version, count(v.version))
FROM deal AS d LEFT JOIN version AS v ON v.deal = d.id
GROUP BY d.id HAVING d.version <> count(v.version) OR d.version <> max(v.version)
UNION ALL
SELECT 'state', format('deal %s has the title "%s" and the stage %s, its last change made "%s" and %s', d.id, d.title,
                       d.stage, v.title, v.stage)
FROM deal AS d JOIN version AS v ON v.deal = d.id AND v.version = d.version
WHERE d.title <> v.title OR d.stage <> v.stage
   OR d.stage <> (SELECT s.stage FROM deal_stage AS s WHERE s.deal_id = d.id ORDER BY s.seq DESC LIMIT 1)
UNION ALL
-- No row of another company: neither by what the answer says nor by what the database does.
SELECT 'foreign', format('%s of %s saw deal %s of %s', s.method, s.company, s.deal, coalesce(o.slug, s.of_company))
FROM seen AS s
LEFT JOIN deal AS d ON d.id = s.deal
LEFT JOIN company AS o ON o.id = d.company_id
LEFT JOIN company AS v ON v.id = d.vendor_id
WHERE (s.company <> s.of_company AND s.company IS DISTINCT FROM s.vendor)
   OR (s.company IS DISTINCT FROM o.slug AND s.company IS DISTINCT FROM v.slug)
UNION ALL
SELECT 'foreign', format('GetDeal of deal %s told activity %s of deal %s', c.answer ->> 'id', a ->> 'id', y.deal_id)
FROM call AS c, jsonb_array_elements(c.answer -> 'activities') AS a
LEFT JOIN activity AS y ON y.id = (a ->> 'id')::bigint
WHERE c.method = 'DealService/GetDeal' AND y.deal_id IS DISTINCT FROM (c.answer ->> 'id')::bigint
UNION ALL
SELECT 'foreign', format('ListKpis of %s told a line of %s', c.company, k ->> 'company')
FROM call AS c, jsonb_array_elements(c.answer -> 'kpis') AS k
WHERE c.method = 'KpiService/ListKpis' AND k ->> 'company' <> c.company AND k ->> 'vendor' IS DISTINCT FROM c.company
UNION ALL
-- What is read was there: the very version, as that change left it.
SELECT 'unreal', format('%s saw version %s of deal %s as "%s" in %s', s.method, s.version, s.deal, s.title, s.stage)
FROM seen AS s LEFT JOIN version AS v USING (deal, version)
-- Of what had been done before, the stage is answered again and no title.
WHERE s.stage IS DISTINCT FROM v.stage
   OR s.title IS DISTINCT FROM CASE WHEN NOT s.replayed THEN v.title END
UNION ALL
-- A read shows whatever was acknowledged, to anybody, before it began.
SELECT 'stale', format('%s %s saw version %s of deal %s, %s was acknowledged before', s.method, s.call, s.version, s.deal,
                       max(w.answered_version))
FROM seen AS s
JOIN written AS w ON w.object = 'deal' AND w.outcome = 'acknowledged' AND w.answered = s.deal
WHERE s.method IN ('DealService/GetDeal', 'DealService/ListDeals')
  AND w.ends < s.begins AND w.answered_version > s.version
GROUP BY s.method, s.call, s.version, s.deal
UNION ALL
SELECT 'stale', format('%s %s of %s found no deal %s', c.method, c.id, c.person, m.deal)
FROM call AS c JOIN made AS m ON m.deal = c.asked_deal
WHERE c.code = 5 AND m.ends < c.begins AND (c.person = m.person OR c.company = m.vendor)
UNION ALL
SELECT 'stale', format('ListDeals %s of %s left out deal %s', c.id, c.person, m.deal)
FROM call AS c JOIN made AS m ON m.ends < c.begins AND (c.person = m.person OR c.company = m.vendor)
WHERE c.method = 'DealService/ListDeals' AND c.answer IS NOT NULL
  AND (NOT c.answer ? 'next_page_token'
       OR m.deal > (SELECT min((d ->> 'id')::bigint) FROM jsonb_array_elements(c.answer -> 'deals') AS d))
  AND NOT EXISTS (SELECT FROM jsonb_array_elements(c.answer -> 'deals') AS d WHERE (d ->> 'id')::bigint = m.deal)
UNION ALL
SELECT 'stale', format('GetDeal %s did not tell activity %s', c.id, w.answer ->> 'id')
FROM call AS c
JOIN written AS w ON w.method = 'DealService/LogActivity' AND w.outcome = 'acknowledged' AND w.ends < c.begins
                 AND w.asked_deal = c.answered
WHERE c.method = 'DealService/GetDeal' AND jsonb_array_length(c.answer -> 'activities') < 100
  AND NOT EXISTS (SELECT FROM jsonb_array_elements(c.answer -> 'activities') AS a WHERE a ->> 'id' = w.answer ->> 'id')
UNION ALL
SELECT 'stale', format('ListDealHistory %s did not tell the move %s', c.id, w.id)
FROM call AS c
JOIN written AS w ON w.method = 'DealService/MoveDeal' AND w.outcome = 'acknowledged' AND w.ends < c.begins
                 AND w.answered = c.asked_deal
WHERE c.method = 'DealService/ListDealHistory' AND c.answer IS NOT NULL
  AND NOT EXISTS (SELECT FROM jsonb_array_elements(c.answer -> 'history') AS h WHERE h ->> 'reason' = w.mark)
UNION ALL
SELECT 'stale', format('ListKpis %s told "%s", "%s" was acknowledged before', c.id, k ->> 'text', w.mark)
FROM call AS c, jsonb_array_elements(c.answer -> 'kpis') AS k, written AS w
WHERE c.method = 'KpiService/ListKpis' AND k ->> 'code' = 'calls'
  AND w.method = 'KpiService/RecordKpi' AND w.outcome = 'acknowledged' AND w.ends < c.begins
  AND w.request ->> 'period' = k ->> 'period' AND w.person = k ->> 'member' AND w.company = k ->> 'company'
  AND (SELECT r.id FROM kpi_record AS r WHERE r.text = w.mark) >
      coalesce((SELECT r.id FROM kpi_record AS r WHERE r.text = k ->> 'text'), 0)
UNION ALL
-- Evidence has its entry of the ledger, one for each, and nothing else has.
SELECT 'witness', format('change %s of deal %s has %s entries of the ledger', coalesce(s.seq, e.version),
                         coalesce(s.deal_id, e.on_id), count(e.id))
FROM deal_stage AS s FULL JOIN (SELECT * FROM ledger_entry WHERE kind = 'stage') AS e
    ON e.on_id = s.deal_id AND e.version = s.seq
GROUP BY coalesce(s.deal_id, e.on_id), coalesce(s.seq, e.version), s.deal_id HAVING count(e.id) <> 1 OR s.deal_id IS NULL
UNION ALL
SELECT 'witness', format('record %s has %s entries of the ledger', coalesce(r.id, e.record), count(e.record))
FROM kpi_record AS r FULL JOIN (SELECT (convert_from(entry, 'UTF8')::jsonb ->> 'id')::bigint AS record
                                FROM ledger_entry WHERE kind = 'record') AS e ON e.record = r.id
GROUP BY coalesce(r.id, e.record), r.id HAVING count(e.record) <> 1 OR r.id IS NULL
UNION ALL
SELECT 'signing', what FROM signing
UNION ALL
-- Whatever fails around it, the server itself does not.
SELECT 'failure', format('%s %s: %s %s', method, id, code, message) FROM call WHERE code IN (2, 13, 15) OR code < 0;

-- After the history was loaded.
CREATE INDEX ON jiayi.audit_log (request_id);
CREATE INDEX ON jiayi.audit_log ((after ->> 'title')) WHERE object = 'deal';
CREATE INDEX ON jiayi.call_record (request_id);
CREATE INDEX ON jiayi.deal_stage (reason);
CREATE INDEX ON jiayi.deal_stage (request_id);
CREATE INDEX ON jiayi.activity (text);
CREATE INDEX ON jiayi.activity (request_id);
CREATE INDEX ON jiayi.kpi_record (request_id);
CREATE INDEX ON jiayi.kpi_record (text);
CREATE FUNCTION refresh() RETURNS void LANGUAGE plpgsql SET search_path = faults, jiayi, pg_catalog AS $$
BEGIN
    REFRESH MATERIALIZED VIEW call;
    REFRESH MATERIALIZED VIEW written;
    REFRESH MATERIALIZED VIEW version;
    REFRESH MATERIALIZED VIEW seen;
    REFRESH MATERIALIZED VIEW made;
    ANALYZE call, written, version, seen, made, audit_log, call_record, deal, deal_stage, activity, kpi_record;
END
$$;
