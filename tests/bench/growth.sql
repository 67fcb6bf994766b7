-- What `bench.sh --growth` measures on: psql's variable `deals` says how many (a multiple of 10,000). Half of them belong to
-- one company, which grows with the database; the others to companies of 5,000, of which there are ever more.
--
--   company big     deals / 2 deals of deals / 5,000 members (10 at least)
--   company c<i>    5,000 deals of 10 members, i from 1 to deals / 10,000
--   company vendor  one member; the deals of every fifth member of big are shared with it
--
-- In each ten members of a company the first is an admin, the next two are the managers of the others, who are salespeople. Members
-- take turns in having deals, and companies too, so that what belongs together lies far apart. An owner's n-th deal is in the
-- open stage n % 5. Every deal has a customer, its first stage in the history and one follow-up. The session of person p
-- has the token p in 43 digits.
--
-- Run by a superuser on a database fresh from jiayid init. Indexes that no constraint needs are made anew at the end.

\set ON_ERROR_STOP on
SET search_path = jiayi, pg_catalog;
SET maintenance_work_mem = '1GB';
SET synchronous_commit = off;

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
WHERE indrelid IN ('deal'::regclass, 'activity'::regclass, 'deal_stage'::regclass)
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
INSERT INTO session (member_id, token_hash, client, address)
SELECT member_id, sha256(lpad(p::text, 43, '0')::bytea), 'bench', '127.0.0.1' FROM who ORDER BY p;

INSERT INTO partnership (principal_id, vendor_id, state)
SELECT b.id, v.id, 'active' FROM company AS b, company AS v WHERE b.slug = 'big' AND v.slug = 'vendor';

INSERT INTO customer (company_id, name)
SELECT c.id, 'Customer ' || i || ' of ' || c.slug
FROM company AS c, generate_series(1, CASE c.slug WHEN 'big' THEN :deals / 20 ELSE 500 END) AS i
WHERE NOT c.is_system;

-- For each deal: whose it is.
CREATE TEMP TABLE owner AS
SELECT w.company_id, w.member_id, w.slug, c.first AS first_customer, c.n AS customers,
       CASE WHEN w.slug = 'big' AND w.place % 5 = 3 THEN (SELECT v.id FROM company AS v WHERE v.slug = 'vendor') END AS vendor_id,
       CASE w.slug WHEN 'big' THEN w.place ELSE (substr(w.slug, 2)::bigint - 1) * 10 + w.place END AS turn
FROM who AS w
JOIN (SELECT company_id, min(id) AS first, count(*) AS n FROM customer GROUP BY company_id) AS c ON c.company_id = w.company_id
WHERE w.slug <> 'vendor';
CREATE INDEX ON owner ((slug = 'big'), turn);
ANALYZE owner;

INSERT INTO deal (id, company_id, title, customer_id, stage, outcome, amount, currency, owner_id, vendor_id, shared_version,
    created_at, updated_at)
OVERRIDING SYSTEM VALUE
SELECT d.id, o.company_id, 'Deal ' || d.id, o.first_customer + d.k % o.customers,
       (ARRAY['new', 'contacted', 'quoted', 'negotiating', 'deciding'])[1 + d.k / d.turns % 5], 'open',
       round((100 + d.id * 7919::numeric % 500000) / 1.01, 2), 'EUR', o.member_id, o.vendor_id, CASE WHEN o.vendor_id IS NOT NULL THEN 1 END,
       now() - (:deals - d.id) * interval '1 second', now() - (:deals - d.id) * interval '1 second'
FROM (SELECT i AS id, i % 2 = 0 AS of_big, (i - 1) / 2 AS k,
             CASE i % 2 WHEN 0 THEN greatest(10, :deals / 5000) ELSE :deals / 1000 END AS turns
      FROM generate_series(1, :deals::bigint) AS i) AS d
JOIN owner AS o ON (o.slug = 'big') = d.of_big AND o.turn = d.k % d.turns
ORDER BY d.id;
SELECT setval(pg_get_serial_sequence('deal', 'id'), :deals) \g /dev/null

INSERT INTO deal_stage (deal_id, seq, company_id, author_company_id, stage, entered_at, member_id)
SELECT id, 1, company_id, company_id, stage, created_at, owner_id FROM deal;
INSERT INTO activity (deal_id, company_id, author_company_id, deal_version, member_id, kind, text, at, next_step, due_on)
SELECT id, company_id, company_id, 1, owner_id, 'call', 'Asked what they need, when, and who decides.', updated_at, 'Send an offer', updated_at::date + 7
FROM deal;

SELECT definition FROM dropped \gexec
SELECT format('ALTER TABLE %s ENABLE %s TRIGGER %I', relation, CASE tgenabled WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' ELSE '' END, tgname)
FROM switched WHERE tgenabled <> 'D' \gexec
RESET session_replication_role;
VACUUM ANALYZE;
CHECKPOINT;
