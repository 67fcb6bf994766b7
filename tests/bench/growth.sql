-- What `bench.sh --growth` measures on: psql's variable `deals` says how many (a multiple of 10,000), with twice as many
-- follow-ups. Half of them belong to one company, which grows with the database; the others to companies of 5,000, of which
-- there are ever more.
--
--   company big     deals / 2 deals of deals / 1,000 members (10 at least): so each has 500, however many there are, and pages are as
--                   full of ten thousand deals as of ten million
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
-- Run by a superuser on a database fresh from jiayid init; growth.bash says in which order: this one has the people, the customers and the
-- deals, growth_said.sql and growth_done.sql side by side what hangs on them, growth_end.sql what is left. Each table is written without its
-- triggers and keys, in a transaction in which it has got a new file, so that nothing of it goes into the log (wal_level = minimal); and
-- then its indexes are made that no constraint needs.

\set ON_ERROR_STOP on
SET search_path = jiayi, pg_catalog;
SET maintenance_work_mem = '1GB';
SET synchronous_commit = off;

CREATE SCHEMA bench;
CREATE FUNCTION bench.nth(deal_id bigint, deals bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT (deal_id - 1) / 2 / CASE deal_id % 2 WHEN 0 THEN greatest(10, deals / 1000) ELSE deals / 1000 END $$;

-- With triggers, so that each gets its pipeline.
INSERT INTO company (slug, name) VALUES ('big', 'Big'), ('vendor', 'Vendor');
INSERT INTO company (slug, name) SELECT 'c' || i, 'Company ' || i FROM generate_series(1, :deals / 10000) AS i;

SET session_replication_role = replica;
-- Some of our triggers run ALWAYS.
CREATE TABLE bench.switched AS
SELECT tgrelid::regclass AS relation, tgname, tgenabled
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE relnamespace = 'jiayi'::regnamespace AND NOT tgisinternal;
SELECT format('ALTER TABLE %s DISABLE TRIGGER USER', r) FROM (SELECT DISTINCT relation FROM bench.switched) AS t(r) \gexec

CREATE TABLE bench.dropped AS
SELECT indrelid::regclass AS relation, indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
FROM pg_index AS i
WHERE indrelid IN ('deal'::regclass, 'activity'::regclass, 'deal_stage'::regclass, 'deal_pulse'::regclass, 'task'::regclass,
                   'report'::regclass, 'comment'::regclass, 'event'::regclass, 'inbox'::regclass)
  AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = i.indexrelid);
SELECT format('DROP INDEX %s', name) FROM bench.dropped \gexec

CREATE TABLE bench.who AS
SELECT row_number() OVER (ORDER BY c.id, place.p) AS p, c.id AS company_id, c.slug, place.p AS place, NULL::bigint AS person_id,
       NULL::bigint AS member_id, NULL::bigint AS manager_id
FROM company AS c, generate_series(0, CASE c.slug WHEN 'big' THEN greatest(10, :deals / 1000) WHEN 'vendor' THEN 1 ELSE 10 END - 1)
     AS place(p)
WHERE NOT c.is_system;

INSERT INTO person (id) OVERRIDING SYSTEM VALUE SELECT p + 1000 FROM bench.who;
UPDATE bench.who SET person_id = p + 1000;
INSERT INTO member (company_id, person_id, email, name, role_id)
SELECT w.company_id, w.person_id, 'p' || w.p || '@bench.example', 'Person ' || w.p, r.id
FROM bench.who AS w
JOIN role AS r ON r.company_id IS NULL
              AND r.name = CASE WHEN w.slug = 'vendor' THEN 'vendor' WHEN w.place % 10 = 0 THEN 'admin'
                                WHEN w.place % 10 < 3 THEN 'manager' ELSE 'salesperson' END
ORDER BY w.p;
UPDATE bench.who SET member_id = m.id FROM member AS m WHERE m.person_id = who.person_id;
UPDATE bench.who SET manager_id = m.member_id
FROM bench.who AS m
WHERE who.place % 10 >= 3 AND m.company_id = who.company_id AND m.place = who.place / 10 * 10 + 1 + who.place % 2;
UPDATE member SET manager_id = w.manager_id FROM bench.who AS w WHERE w.member_id = member.id;
INSERT INTO team (manager_id, member_id) SELECT manager_id, member_id FROM bench.who WHERE manager_id IS NOT NULL;

INSERT INTO partnership (principal_id, vendor_id, state, shares, span)
SELECT b.id, v.id, 'active', '{[2020-01-01,infinity)}', 1 FROM company AS b, company AS v WHERE b.slug = 'big' AND v.slug = 'vendor';
INSERT INTO contract (company_id, vendor_id, kind, title, state, from_at)
SELECT p.principal_id, p.vendor_id, 'framework', 'big - vendor', 'active', '2020-01-01' FROM partnership AS p;

INSERT INTO customer (company_id, name)
SELECT c.id, 'Customer ' || i || ' of ' || c.slug
FROM company AS c, generate_series(1, CASE c.slug WHEN 'big' THEN :deals / 20 ELSE 500 END) AS i
WHERE NOT c.is_system;

-- For each deal: whose it is.
CREATE TABLE bench.owner AS
SELECT w.company_id, w.member_id, w.manager_id, w.slug, c.first AS first_customer, c.n AS customers,
       CASE WHEN w.slug = 'big' AND w.place % 5 = 3 THEN (SELECT v.id FROM company AS v WHERE v.slug = 'vendor') END AS vendor_id,
       CASE w.slug WHEN 'big' THEN w.place ELSE (substr(w.slug, 2)::bigint - 1) * 10 + w.place END AS turn
FROM bench.who AS w
JOIN (SELECT company_id, min(id) AS first, count(*) AS n FROM customer GROUP BY company_id) AS c ON c.company_id = w.company_id
WHERE w.slug <> 'vendor';
CREATE INDEX ON bench.owner ((slug = 'big'), turn);
ANALYZE bench.owner;

BEGIN;
CLUSTER deal USING deal_pkey;
INSERT INTO deal (id, company_id, title, customer_id, customer_name, stage, outcome, amount, currency, owner_id, vendor_id, shared_version,
    shared_span, created_at, updated_at)
OVERRIDING SYSTEM VALUE
SELECT d.id, o.company_id, 'Deal ' || d.id, c.id, c.name,
       (ARRAY['new', 'contacted', 'quoted', 'negotiating', 'deciding'])[1 + d.n % 5], 'open',
       round((100 + d.id * 7919::numeric % 500000) / 1.01, 2), 'EUR', o.member_id, o.vendor_id, CASE WHEN o.vendor_id IS NOT NULL THEN 1 END, 1,
       now() - (:deals - d.id) * interval '1 second', now() - (:deals - d.id) * interval '1 second'
FROM (SELECT i AS id, i % 2 = 0 AS of_big, (i - 1) / 2 AS k,
             CASE i % 2 WHEN 0 THEN greatest(10, :deals / 1000) ELSE :deals / 1000 END AS turns, bench.nth(i, :deals) AS n
      FROM generate_series(1, :deals::bigint) AS i) AS d
JOIN bench.owner AS o ON (o.slug = 'big') = d.of_big AND o.turn = d.k % d.turns
JOIN customer AS c ON c.id = o.first_customer + d.k % o.customers
ORDER BY d.id;
SELECT definition FROM bench.dropped WHERE relation = 'deal'::regclass \gexec
COMMIT;
ANALYZE deal;
SELECT setval(pg_get_serial_sequence('deal', 'id'), :deals) \g /dev/null
