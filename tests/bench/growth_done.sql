-- Part of growth.sql: what was done on the deals, what the next step is, and what people wrote of their days.

\set ON_ERROR_STOP on
SET search_path = jiayi, pg_catalog;
SET maintenance_work_mem = '1GB';
SET synchronous_commit = off;
SET session_replication_role = replica;

BEGIN;
CLUSTER activity USING activity_pkey;
INSERT INTO activity (id, deal_id, company_id, log_company_id, author_company_id, deal_version, member_id, kind, text, at, happened_at, counted_on, next_step)
OVERRIDING SYSTEM VALUE
SELECT id, id, company_id, company_id, company_id, 1, owner_id, 'call', 'Asked what they need, when, and who decides.', created_at, created_at,
       created_at::date, 'Send an offer'
FROM deal;
INSERT INTO activity (id, deal_id, company_id, log_company_id, author_company_id, deal_version, member_id, kind, text, at, happened_at, counted_on, next_step, due_on)
OVERRIDING SYSTEM VALUE
SELECT :deals + d.id, d.id, d.company_id, d.company_id, d.company_id, 1, d.owner_id, 'visit', 'Showed the samples.', t.at, t.at,
       t.at::date, 'Send an offer',
       CASE WHEN n % 2 = 0 THEN current_date - 21 + (n * 7 % 64)::int END
FROM deal AS d, bench.nth(d.id, :deals) AS n, LATERAL (SELECT now() - n % 40 * interval '1 day' AS at) AS t;
SELECT setval(pg_get_serial_sequence('activity', 'id'), 2 * :deals) \g /dev/null
SELECT definition FROM bench.dropped WHERE relation = 'activity'::regclass \gexec
COMMIT;
ANALYZE activity;

BEGIN;
CLUSTER deal_pulse USING deal_pulse_pkey;
INSERT INTO deal_pulse (deal_id, company_id, deal_company_id, member_id, open, stage_on, stay_days, touched_on, touches, step_id, next_step, next_due_on, beside,
    touch_by, customer_id, customer_owner_id)
SELECT d.id, d.company_id, d.company_id, d.owner_id, true, d.created_at::date, s.max_days, a.counted_on, 2, a.id, a.next_step, a.due_on, 4,
       least(a.due_on, a.counted_on + coalesce(s.max_days, 14)), c.id, coalesce(c.owner_id, 0)
FROM deal AS d JOIN stage AS s ON s.company_id = d.company_id AND s.name = d.stage JOIN activity AS a ON a.id = :deals + d.id
JOIN customer AS c ON c.id = d.customer_id;
INSERT INTO deal_pulse (deal_id, company_id, deal_company_id, shared_span, open, stage_on, stay_days, touched_on, touches, beside, touch_by)
SELECT p.deal_id, d.vendor_id, d.company_id, 1, true, p.stage_on, p.stay_days, p.touched_on, p.touches, 4,
       p.touched_on + coalesce(p.stay_days, 14)
FROM deal_pulse AS p JOIN deal AS d ON d.id = p.deal_id WHERE d.vendor_id IS NOT NULL;
SELECT definition FROM bench.dropped WHERE relation = 'deal_pulse'::regclass \gexec
COMMIT;

-- What each of a company wrote day by day: the newest two wait for review, the third was returned.
INSERT INTO report (id, company_id, author_id, to_company_id, kind, period, state, created_at, updated_at)
OVERRIDING SYSTEM VALUE
SELECT row_number() OVER (ORDER BY i DESC, p), company_id, member_id, company_id, 'daily', (current_date - i)::text,
       CASE WHEN i <= 2 THEN 'submitted' WHEN i = 3 THEN 'returned' ELSE 'accepted' END, current_date - i, current_date - i
FROM bench.who, generate_series(1, 100) AS i WHERE slug <> 'vendor';
SELECT setval(pg_get_serial_sequence('report', 'id'), max(id)) FROM report \g /dev/null
INSERT INTO revision (on_kind, on_id, version, company_id, member_id, title, body, sha256, submitted_at)
SELECT kind('report'), id, 1, company_id, author_id, 'What was done', 'Called three, visited one.', sha256('Called three, visited one.'), created_at
FROM report;

