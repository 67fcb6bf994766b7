-- What tests/bench measures on: 10 companies of 20 members, each with 500 deals, 100 in every open stage.
--
-- Members are counted by u from 1 to 200, deals by n from 0 to 499 for each member:
--   member u   u<u>@bench.example of company c<1 to 10>; of every 20 the first is the admin, the next three are the managers
--              of the others, who are salespeople
--   session s  of member 1 + (s - 1) % 200; its token is s in 43 digits
--   deal       of member u, the n-th: number u + 200 * n, in the open stage n % 5
-- Every deal has a customer, its first stage in the history and one follow-up, which says what comes next. The password of all is the operator's.
--
-- Run by a superuser on a database fresh from jiayid init. The variable deals is how many there are, a multiple of 200 * 5:
-- 100,000 where it is not set.

\set ON_ERROR_STOP on
\if :{?deals}
\else
\set deals 100000
\endif
SET search_path = jiayi, pg_catalog;

-- With triggers, so that each gets its pipeline.
INSERT INTO company (slug, name) SELECT 'c' || i, 'Company ' || i FROM generate_series(1, 10) AS i;

SET session_replication_role = replica;
-- Some of our triggers run ALWAYS: there is no log of what is only there to be measured.
CREATE TEMP TABLE switched AS
SELECT tgrelid::regclass AS relation, tgname, tgenabled
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE relnamespace = 'jiayi'::regnamespace AND NOT tgisinternal;
SELECT format('ALTER TABLE %s DISABLE TRIGGER USER', r) FROM (SELECT DISTINCT relation FROM switched) AS t(r) \gexec

CREATE TEMP TABLE who AS
SELECT u, 'u' || u || '@bench.example' AS email, (u - 1) % 20 AS place, c.id AS company_id,
       NULL::bigint AS person_id, NULL::bigint AS member_id, NULL::bigint AS manager_id
FROM generate_series(1, 200) AS u
JOIN company AS c ON c.slug = 'c' || (u - 1) / 20 + 1;

INSERT INTO person (id) OVERRIDING SYSTEM VALUE SELECT u + 1000 FROM who;
UPDATE who SET person_id = u + 1000;
INSERT INTO member (company_id, person_id, email, name, role_id)
SELECT w.company_id, w.person_id, w.email, 'Member ' || w.u, r.id
FROM who AS w
JOIN role AS r ON r.company_id IS NULL
              AND r.name = CASE WHEN w.place = 0 THEN 'admin' WHEN w.place < 4 THEN 'manager' ELSE 'salesperson' END
ORDER BY w.u;
UPDATE who SET member_id = m.id FROM member AS m WHERE m.email = who.email;
UPDATE who SET manager_id = m.member_id
FROM who AS m WHERE who.place >= 4 AND m.company_id = who.company_id AND m.place = 1 + who.place % 3;
UPDATE member SET manager_id = w.manager_id FROM who AS w WHERE w.member_id = member.id;
INSERT INTO team (manager_id, member_id) SELECT manager_id, member_id FROM who WHERE manager_id IS NOT NULL;

INSERT INTO credential (member_id, phc)
SELECT w.member_id, (SELECT phc FROM credential ORDER BY member_id LIMIT 1) FROM who AS w;

INSERT INTO session (member_id, token_hash, client, address, company_id, caller, grants, sights, wider)
SELECT w.member_id, sha256(lpad(s::text, 43, '0')::bytea), 'bench', '127.0.0.1', w.company_id, w.email || ' ' || c.slug || ' 0 f',
       r.grants, r.sights, r.wider
FROM generate_series(1, 20000) AS s
JOIN who AS w ON w.u = 1 + (s - 1) % 200
JOIN member AS m ON m.id = w.member_id JOIN role AS r ON r.id = m.role_id JOIN company AS c ON c.id = w.company_id
ORDER BY s;
UPDATE session SET caller = replace(caller, ' 0 f', ' ' || id || ' f') WHERE client = 'bench';

INSERT INTO customer (company_id, name)
SELECT c.id, 'Customer ' || i || ' of ' || c.slug FROM company AS c, generate_series(1, 300) AS i WHERE c.slug ~ '^c[0-9]+$';

CREATE TEMP TABLE picked AS
SELECT id, company_id, name, row_number() OVER (PARTITION BY company_id ORDER BY id) - 1 AS place FROM customer;

INSERT INTO deal (id, company_id, title, customer_id, customer_name, stage, outcome, amount, currency, owner_id, created_at, updated_at)
OVERRIDING SYSTEM VALUE
SELECT d.id, w.company_id, 'Deal ' || d.id || ' of member ' || w.u, p.id, p.name,
       (ARRAY['new', 'contacted', 'quoted', 'negotiating', 'deciding'])[1 + d.n % 5], 'open',
       round((100 + d.id * 7919::numeric % 500000) / 1.01, 2), 'EUR', w.member_id,
       now() - (:deals + 1 - d.id) * interval '1 minute', now() - (:deals + 1 - d.id) * interval '1 second'
FROM (SELECT i AS id, 1 + (i - 1) % 200 AS u, (i - 1) / 200 AS n FROM generate_series(1, :deals) AS i) AS d
JOIN who AS w ON w.u = d.u
JOIN picked AS p ON p.company_id = w.company_id AND p.place = d.id % 300
ORDER BY d.id;
SELECT setval(pg_get_serial_sequence('deal', 'id'), :deals) \g /dev/null

INSERT INTO deal_stage (deal_id, seq, company_id, author_company_id, stage, entered_at, member_id)
SELECT id, 1, company_id, company_id, stage, created_at, owner_id FROM deal ORDER BY id;

INSERT INTO activity (deal_id, company_id, author_company_id, deal_version, member_id, kind, text, at, happened_at, counted_on, next_step, due_on)
SELECT id, company_id, company_id, 1, owner_id, 'call', 'Asked what they need, when, and who decides.', updated_at, updated_at, updated_at::date,
       'Send an offer', updated_at::date + 7
FROM deal ORDER BY id;

INSERT INTO deal_pulse (deal_id, company_id, deal_company_id, member_id, open, stage_on, stay_days, touched_on, touches, step_id, next_step, next_due_on, touch_by,
    customer_id, customer_owner_id)
SELECT d.id, d.company_id, d.company_id, d.owner_id, true, d.created_at::date, s.max_days, a.counted_on, 1, a.id, a.next_step, a.due_on,
       least(a.due_on, a.counted_on + coalesce(s.max_days, 14)), c.id, coalesce(c.owner_id, 0)
FROM deal AS d JOIN stage AS s ON s.company_id = d.company_id AND s.name = d.stage JOIN activity AS a ON a.deal_id = d.id
JOIN customer AS c ON c.id = d.customer_id;

SELECT format('ALTER TABLE %s ENABLE %s TRIGGER %I', relation, CASE tgenabled WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' ELSE '' END, tgname)
FROM switched WHERE tgenabled <> 'D' \gexec
RESET session_replication_role;
VACUUM ANALYZE;
CHECKPOINT;
