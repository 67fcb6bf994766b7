-- What `bench.sh --growth` measures on: psql's variable `deals` says how many (a multiple of 10,000), with twice as many
-- follow-ups. Half of them belong to one company, which grows with the database; the others to companies of 5,000, of which
-- there are ever more.
--
--   company big     deals / 2 deals of deals / 5,000 members (10 at least)
--   company c<i>    5,000 deals of 10 members, i from 1 to deals / 10,000
--   company vendor  one member; the deals of every fifth member of big are shared with it
--
-- In each ten members of a company the first is an admin, the next two are the managers of the others, who are salespeople. Members
-- take turns in having deals, and companies too, so that what belongs together lies far apart. An owner's n-th deal is in the
-- open stage n % 5. Every deal has a customer, its first stage in the history and two follow-ups. The session of person p
-- has the token p in 43 digits. By n, of an owner's deals:
--
--   n % 2 = 0    has a next step with a day, from three weeks ago to six weeks ahead
--   n % 2 = 1    has a task, that the owner's manager gave: n % 8 = 1 open; n % 40 = 3 delivered; else done;
--                n % 8 = 5 of what is shared with the vendor: open, and the vendor's member's to do
--   n % 40       days ago it was touched last
--   n % 120 = 0  has 60 comments by the owner: as many as one on every second deal
--
-- Every member but the vendor's wrote a hundred reports. Of each deal its owner was told that it was assigned, the vendor that it was shared, and of every second one the owner's
-- manager that it was moved; of all that one in ten is unread. Days are counted from today, and what is asked for does not
-- depend on how many deals there are.
--
-- Run by a superuser on a database fresh from jiayid init. Indexes that no constraint needs are made anew at the end.

\set ON_ERROR_STOP on
SET search_path = jiayi, pg_catalog;
SET maintenance_work_mem = '1GB';
SET synchronous_commit = off;

CREATE FUNCTION pg_temp.nth(deal_id bigint, deals bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT (deal_id - 1) / 2 / CASE deal_id % 2 WHEN 0 THEN greatest(10, deals / 5000) ELSE deals / 1000 END $$;

-- With triggers, so that each gets its pipeline.
INSERT INTO company (slug, name) VALUES ('big', 'Big'), ('vendor', 'Vendor');
INSERT INTO company (slug, name) SELECT 'c' || i, 'Company ' || i FROM generate_series(1, :deals / 10000) AS i;

SET session_replication_role = replica;
-- Some of our triggers run ALWAYS.
CREATE TEMP TABLE switched AS
SELECT tgrelid::regclass AS relation, tgname, tgenabled
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE relnamespace = 'jiayi'::regnamespace AND NOT tgisinternal;
SELECT format('ALTER TABLE %s DISABLE TRIGGER USER', r) FROM (SELECT DISTINCT relation FROM switched) AS t(r) \gexec

CREATE TEMP TABLE dropped AS
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
FROM pg_index AS i
WHERE indrelid IN ('deal'::regclass, 'activity'::regclass, 'deal_stage'::regclass, 'deal_pulse'::regclass, 'task'::regclass,
                   'report'::regclass, 'comment'::regclass, 'event'::regclass, 'inbox'::regclass)
  AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = i.indexrelid);
SELECT format('DROP INDEX %s', name) FROM dropped \gexec

CREATE TEMP TABLE who AS
SELECT row_number() OVER (ORDER BY c.id, place.p) AS p, c.id AS company_id, c.slug, place.p AS place, NULL::bigint AS person_id,
       NULL::bigint AS member_id, NULL::bigint AS manager_id
FROM company AS c, generate_series(0, CASE c.slug WHEN 'big' THEN greatest(10, :deals / 5000) WHEN 'vendor' THEN 1 ELSE 10 END - 1)
     AS place(p)
WHERE NOT c.is_system;

INSERT INTO person (id) OVERRIDING SYSTEM VALUE SELECT p + 1000 FROM who;
UPDATE who SET person_id = p + 1000;
INSERT INTO member (company_id, person_id, email, name, role_id)
SELECT w.company_id, w.person_id, 'p' || w.p || '@bench.example', 'Person ' || w.p, r.id
FROM who AS w
JOIN role AS r ON r.company_id IS NULL
              AND r.name = CASE WHEN w.slug = 'vendor' THEN 'vendor' WHEN w.place % 10 = 0 THEN 'admin'
                                WHEN w.place % 10 < 3 THEN 'manager' ELSE 'salesperson' END
ORDER BY w.p;
UPDATE who SET member_id = m.id FROM member AS m WHERE m.person_id = who.person_id;
UPDATE who SET manager_id = m.member_id
FROM who AS m
WHERE who.place % 10 >= 3 AND m.company_id = who.company_id AND m.place = who.place / 10 * 10 + 1 + who.place % 2;
UPDATE member SET manager_id = w.manager_id FROM who AS w WHERE w.member_id = member.id;
INSERT INTO team (manager_id, member_id) SELECT manager_id, member_id FROM who WHERE manager_id IS NOT NULL;

INSERT INTO partnership (principal_id, vendor_id, state, shares, span)
SELECT b.id, v.id, 'active', '{[2020-01-01,infinity)}', 1 FROM company AS b, company AS v WHERE b.slug = 'big' AND v.slug = 'vendor';
INSERT INTO contract (company_id, vendor_id, kind, title, state, from_at)
SELECT p.principal_id, p.vendor_id, 'framework', 'big - vendor', 'active', '2020-01-01' FROM partnership AS p;

INSERT INTO customer (company_id, name)
SELECT c.id, 'Customer ' || i || ' of ' || c.slug
FROM company AS c, generate_series(1, CASE c.slug WHEN 'big' THEN :deals / 20 ELSE 500 END) AS i
WHERE NOT c.is_system;

-- For each deal: whose it is.
CREATE TEMP TABLE owner AS
SELECT w.company_id, w.member_id, w.manager_id, w.slug, c.first AS first_customer, c.n AS customers,
       CASE WHEN w.slug = 'big' AND w.place % 5 = 3 THEN (SELECT v.id FROM company AS v WHERE v.slug = 'vendor') END AS vendor_id,
       CASE w.slug WHEN 'big' THEN w.place ELSE (substr(w.slug, 2)::bigint - 1) * 10 + w.place END AS turn
FROM who AS w
JOIN (SELECT company_id, min(id) AS first, count(*) AS n FROM customer GROUP BY company_id) AS c ON c.company_id = w.company_id
WHERE w.slug <> 'vendor';
CREATE INDEX ON owner ((slug = 'big'), turn);
ANALYZE owner;

INSERT INTO deal (id, company_id, title, customer_id, customer_name, stage, outcome, amount, currency, owner_id, vendor_id, shared_version,
    shared_span, created_at, updated_at)
OVERRIDING SYSTEM VALUE
SELECT d.id, o.company_id, 'Deal ' || d.id, c.id, c.name,
       (ARRAY['new', 'contacted', 'quoted', 'negotiating', 'deciding'])[1 + d.n % 5], 'open',
       round((100 + d.id * 7919::numeric % 500000) / 1.01, 2), 'EUR', o.member_id, o.vendor_id, CASE WHEN o.vendor_id IS NOT NULL THEN 1 END, 1,
       now() - (:deals - d.id) * interval '1 second', now() - (:deals - d.id) * interval '1 second'
FROM (SELECT i AS id, i % 2 = 0 AS of_big, (i - 1) / 2 AS k,
             CASE i % 2 WHEN 0 THEN greatest(10, :deals / 5000) ELSE :deals / 1000 END AS turns, pg_temp.nth(i, :deals) AS n
      FROM generate_series(1, :deals::bigint) AS i) AS d
JOIN owner AS o ON (o.slug = 'big') = d.of_big AND o.turn = d.k % d.turns
JOIN customer AS c ON c.id = o.first_customer + d.k % o.customers
ORDER BY d.id;
SELECT setval(pg_get_serial_sequence('deal', 'id'), :deals) \g /dev/null

INSERT INTO deal_stage (deal_id, seq, company_id, author_company_id, stage, entered_at, member_id)
SELECT id, 1, company_id, company_id, stage, created_at, owner_id FROM deal;
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
FROM deal AS d, pg_temp.nth(d.id, :deals) AS n, LATERAL (SELECT now() - n % 40 * interval '1 day' AS at) AS t;
SELECT setval(pg_get_serial_sequence('activity', 'id'), 2 * :deals) \g /dev/null
INSERT INTO deal_pulse (deal_id, company_id, deal_company_id, member_id, open, stage_on, stay_days, touched_on, touches, step_id, next_step, next_due_on, beside,
    touch_by)
SELECT d.id, d.company_id, d.company_id, d.owner_id, true, d.created_at::date, s.max_days, a.counted_on, 2, a.id, a.next_step, a.due_on, 4,
       least(a.due_on, a.counted_on + coalesce(s.max_days, 14))
FROM deal AS d JOIN stage AS s ON s.company_id = d.company_id AND s.name = d.stage JOIN activity AS a ON a.id = :deals + d.id;
INSERT INTO deal_pulse (deal_id, company_id, deal_company_id, shared_span, open, stage_on, stay_days, touched_on, touches, beside, touch_by)
SELECT p.deal_id, d.vendor_id, d.company_id, 1, true, p.stage_on, p.stay_days, p.touched_on, p.touches, 4,
       p.touched_on + coalesce(p.stay_days, 14)
FROM deal_pulse AS p JOIN deal AS d ON d.id = p.deal_id WHERE d.vendor_id IS NOT NULL;

INSERT INTO task (company_id, on_kind, on_id, title, assignee_id, vendor_id, shared_span, side, acceptance, due_on, due_at, state, done_by, done_at,
    created_by, created_at, updated_at, state_since)
SELECT d.company_id, kind('deal'), d.id, 'Prepare the offer', t.assignee_id, t.vendor_id, 1, CASE WHEN t.vendor_id IS NULL THEN 'ours' ELSE 'vendor' END,
       t.state = 'delivered', t.due_on, (t.due_on + 1)::timestamp AT TIME ZONE 'UTC', t.state, CASE WHEN t.state <> 'open' THEN t.assignee_id END,
       CASE WHEN t.state <> 'open' THEN d.updated_at END, coalesce(o.manager_id, o.member_id), d.created_at, d.updated_at, d.updated_at
FROM deal AS d JOIN owner AS o ON o.member_id = d.owner_id, pg_temp.nth(d.id, :deals) AS n,
     (SELECT member_id AS vendor_member FROM who WHERE slug = 'vendor') AS v,
     LATERAL (SELECT CASE WHEN n % 8 = 1 OR (n % 8 = 5 AND d.vendor_id IS NOT NULL) THEN 'open' WHEN n % 40 = 3 THEN 'delivered' ELSE 'done' END,
                     CASE WHEN n % 8 = 5 THEN d.vendor_id END,
                     CASE WHEN n % 8 = 5 AND d.vendor_id IS NOT NULL THEN vendor_member ELSE d.owner_id END,
                     current_date - 21 + (n * 11 % 64)::int) AS t(state, vendor_id, assignee_id, due_on)
WHERE n % 2 = 1;

INSERT INTO comment (on_kind, on_id, version, company_id, log_company_id, author_company_id, member_id, text, at, topic, digest)
SELECT kind('deal'), d.id, 1, d.company_id, d.company_id, d.company_id, d.owner_id, 'They need it by the end of the quarter.', d.updated_at, 'comment',
       sha256(d.id::text::bytea)
FROM deal AS d, generate_series(1, 60) AS i WHERE pg_temp.nth(d.id, :deals) % 120 = 0
ORDER BY i, d.id;

-- What each of a company wrote day by day: the newest two wait for review, the third was returned.
INSERT INTO report (id, company_id, author_id, to_company_id, kind, period, state, created_at, updated_at)
OVERRIDING SYSTEM VALUE
SELECT row_number() OVER (ORDER BY i DESC, p), company_id, member_id, company_id, 'daily', (current_date - i)::text,
       CASE WHEN i <= 2 THEN 'submitted' WHEN i = 3 THEN 'returned' ELSE 'accepted' END, current_date - i, current_date - i
FROM who, generate_series(1, 100) AS i WHERE slug <> 'vendor';
SELECT setval(pg_get_serial_sequence('report', 'id'), max(id)) FROM report \g /dev/null
INSERT INTO revision (on_kind, on_id, version, company_id, member_id, title, body, sha256, submitted_at)
SELECT kind('report'), id, 1, company_id, author_id, 'What was done', 'Called three, visited one.', sha256('Called three, visited one.'), created_at
FROM report;

-- Each event has been told: assigned, moved and shared, in the order of the deals.
INSERT INTO event (id, xid, position, at, company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids, data)
OVERRIDING SYSTEM VALUE
SELECT 3 * d.id + e.no, '1', 3 * d.id + e.no, d.updated_at, d.company_id, d.vendor_id, e.kind, kind('deal'), d.id, e.actor_id, ARRAY[e.told_id], e.data::jsonb
FROM deal AS d JOIN owner AS o ON o.member_id = d.owner_id, pg_temp.nth(d.id, :deals) AS n,
     (SELECT member_id AS vendor_member FROM who WHERE slug = 'vendor') AS v,
     LATERAL (VALUES (0, 'deal.assigned', o.manager_id, o.member_id, NULL),
                     (1, 'deal.moved', o.member_id, CASE WHEN n % 2 = 0 THEN o.manager_id END, '{"from": "new", "to": "contacted"}'),
                     (2, 'deal.shared', o.member_id, CASE WHEN d.vendor_id IS NOT NULL THEN v.vendor_member END, NULL)
     ) AS e(no, kind, actor_id, told_id, data)
WHERE e.told_id IS NOT NULL;
SELECT setval(pg_get_serial_sequence('event', 'id'), 3 * :deals + 3), setval('event_position', 3 * :deals + 3) \g /dev/null
INSERT INTO inbox (member_id, event_id, at, kind, on_kind, on_id, actor_id, data, read_at)
SELECT e.member_ids[1], e.id, e.at, e.kind, e.on_kind, e.on_id, e.actor_id, e.data, CASE WHEN pg_temp.nth(e.on_id, :deals) % 10 > 0 THEN e.at END
FROM event AS e ORDER BY e.id;

SELECT definition FROM dropped \gexec
SELECT format('ALTER TABLE %s ENABLE %s TRIGGER %I', relation, CASE tgenabled WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' ELSE '' END, tgname)
FROM switched WHERE tgenabled <> 'D' \gexec
RESET session_replication_role;

-- With triggers, which say what each may do.
INSERT INTO session (member_id, token_hash, client, address)
SELECT member_id, sha256(lpad(p::text, 43, '0')::bytea), 'bench', '127.0.0.1' FROM who ORDER BY p;
VACUUM ANALYZE;
CHECKPOINT;
