-- What `bench.sh --policies` and `--search` measure on: many companies, one vendor of twenty of them. psql's variables: `deals`, a multiple of
-- 1,000, and `companies`, 40 or more.
--
--   company big     a tenth of the deals; 402 members: an admin, two managers, of each of whom 200 salespeople are below
--   company c<i>    i from 1 to companies - 2, the other deals; ten members: an admin, a manager, eight salespeople below
--   company vendor  two members, an admin and one whose role is vendor; of big and c1 to c19 every fifth salesperson's deals are shared with it
--
-- Members are counted by p: 1 to 402 are big's, 403 and 404 the vendor's, then ten of each company. Member p has the session
-- whose token is p in 43 digits. Salespeople take turns in having deals, and companies too, so that what belongs together lies far apart. A
-- deal has a customer (one for each four deals, with a contact), its first stage, a follow-up with a next step, every second a task, every
-- tenth a comment, every twentieth somebody who takes part; every salesperson has twenty reports and forty events in the inbox. Of whatever
-- else there is a list, each has some that the three may see who ask (policies.bash).
--
-- Words are Chinese, English and Albanian in turn, of lists of ten: what is common is in one of thirty deals (港口, cranes, çelësa); `quokka`
-- and 鸭嘴 are in one deal of 20,000. They come to search_doc by search_keep(), as everything does.
--
-- Run by a superuser on a database fresh from jiayid init. Indexes that no constraint needs are made anew at the end.

\set ON_ERROR_STOP on
SET search_path = jiayi, pg_catalog;
SET maintenance_work_mem = '1GB';
SET synchronous_commit = off;

CREATE FUNCTION pg_temp.words(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE n % 3
        WHEN 0 THEN (ARRAY['深圳', '盐田', '臺北', '宁波', '上海', '广州', '重庆', '厦门', '青岛', '武汉'])[1 + n / 3 % 10]
            || (ARRAY['港口', '機器人', '仓库', '电梯', '冷链', '泵站', '锅炉', '光伏', '机床', '软件'])[1 + n / 30 % 10]
            || (ARRAY['自动化', '升级', '采购', '维护', '招标', '扩建', '租赁', '改造', '演示', '培训'])[1 + n / 300 % 10]
        WHEN 1 THEN (ARRAY['Harbour', 'Warehouse', 'Airport', 'Hospital', 'Factory', 'Railway', 'Mine', 'Hotel', 'School', 'Brewery'])[1 + n / 3 % 10]
            || ' ' || (ARRAY['cranes', 'robots', 'lifts', 'pumps', 'boilers', 'panels', 'lathes', 'software', 'doors', 'trucks'])[1 + n / 30 % 10]
            || ' ' || (ARRAY['upgrade', 'purchase', 'service', 'tender', 'extension', 'lease', 'repair', 'demo', 'training', 'pilot'])[1 + n / 300 % 10]
        ELSE (ARRAY['Porti', 'Shkolla', 'Fabrika', 'Spitali', 'Ndërtesa', 'Depoja', 'Hoteli', 'Miniera', 'Fshati', 'Rruga'])[1 + n / 3 % 10]
            || ' ' || (ARRAY['çelësa', 'vinça', 'ashensorë', 'pompa', 'kaldaja', 'panele', 'dyer', 'kamionë', 'tubacione', 'programe'])[1 + n / 30 % 10]
            || ' ' || (ARRAY['përmirësim', 'blerje', 'shërbim', 'tender', 'zgjerim', 'qira', 'riparim', 'shfaqje', 'trajnim', 'provë'])[1 + n / 300 % 10]
    END || CASE WHEN n % 20000 = 7 THEN ' quokka' WHEN n % 20000 = 9 THEN '鸭嘴' ELSE '' END
$$;

-- With triggers, so that each gets its pipeline.
INSERT INTO company (slug, name) VALUES ('big', 'Big'), ('vendor', 'Vendor');
INSERT INTO company (slug, name) SELECT 'c' || i, 'Company ' || i FROM generate_series(1, :companies - 2) AS i;

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
WHERE indrelid IN ('customer'::regclass, 'contact'::regclass, 'deal'::regclass, 'activity'::regclass, 'deal_stage'::regclass, 'deal_pulse'::regclass,
                   'task'::regclass, 'comment'::regclass, 'participant'::regclass)
  AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = i.indexrelid);
SELECT format('DROP INDEX %s', name) FROM dropped \gexec

CREATE TEMP TABLE who AS
SELECT row_number() OVER (ORDER BY c.id, place.p) AS p, c.id AS company_id, c.slug, place.p AS place, NULL::bigint AS member_id,
       NULL::bigint AS manager_id,
       CASE WHEN place.p = 0 THEN 'admin' WHEN c.slug = 'vendor' THEN 'vendor' WHEN place.p <= CASE c.slug WHEN 'big' THEN 2 ELSE 1 END THEN 'manager'
            ELSE 'salesperson' END AS role
FROM company AS c, generate_series(0, CASE c.slug WHEN 'big' THEN 402 WHEN 'vendor' THEN 2 ELSE 10 END - 1) AS place(p)
WHERE NOT c.is_system;

INSERT INTO person (id) OVERRIDING SYSTEM VALUE SELECT p + 1000 FROM who;
INSERT INTO member (company_id, person_id, email, name, role_id)
SELECT w.company_id, w.p + 1000, 'p' || w.p || '@bench.example', 'Person ' || w.p, r.id
FROM who AS w JOIN role AS r ON r.company_id IS NULL AND r.name = w.role
ORDER BY w.p;
UPDATE who SET member_id = m.id FROM member AS m WHERE m.person_id = who.p + 1000;
UPDATE who SET manager_id = m.member_id
FROM who AS m
WHERE who.role = 'salesperson' AND m.company_id = who.company_id AND m.place = CASE who.slug WHEN 'big' THEN 1 + who.place % 2 ELSE 1 END;
UPDATE member SET manager_id = w.manager_id FROM who AS w WHERE w.member_id = member.id;
INSERT INTO team (manager_id, member_id) SELECT manager_id, member_id FROM who WHERE manager_id IS NOT NULL;

INSERT INTO partnership (principal_id, vendor_id, state, shares, span)
SELECT b.id, v.id, 'active', '{[2020-01-01,infinity)}', 1 FROM company AS b, company AS v
WHERE b.slug IN ('big', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9', 'c10', 'c11', 'c12', 'c13', 'c14', 'c15', 'c16', 'c17', 'c18', 'c19')
  AND v.slug = 'vendor';
INSERT INTO contract (company_id, vendor_id, kind, title, state, from_at)
SELECT p.principal_id, p.vendor_id, 'framework', 'A contract', 'active', '2020-01-01' FROM partnership AS p;

-- Whose the n-th deal is: every tenth is big's.
CREATE TEMP TABLE owner AS
SELECT w.company_id, w.member_id, w.manager_id, w.slug, p.vendor_id, w.slug = 'big' AS of_big,
       row_number() OVER (PARTITION BY w.slug = 'big' ORDER BY w.place, w.company_id) - 1 AS turn,
       row_number() OVER (PARTITION BY w.company_id ORDER BY w.place) - 1 AS place
FROM who AS w LEFT JOIN partnership AS p ON p.principal_id = w.company_id
WHERE w.role = 'salesperson';
UPDATE owner SET vendor_id = NULL WHERE place % 5 > 0;
CREATE INDEX ON owner (of_big, turn);
ANALYZE owner;
SELECT count(*) FILTER (WHERE of_big) AS of_big, count(*) FILTER (WHERE NOT of_big) AS of_others FROM owner \gset
CREATE TEMP TABLE made AS
SELECT d.id, d.of_big, o.company_id, o.member_id, o.vendor_id, d.nth
FROM (SELECT i AS id, i % 10 = 0 AS of_big, CASE WHEN i % 10 = 0 THEN i / 10 - 1 ELSE i - i / 10 - 1 END AS nth FROM generate_series(1, :deals::bigint) AS i) AS d
JOIN owner AS o ON o.of_big = d.of_big AND o.turn = d.nth % CASE WHEN d.of_big THEN :of_big ELSE :of_others END;

-- A customer for each four deals of an owner.
CREATE TEMP TABLE kept AS
SELECT m.id AS deal_id, m.company_id, m.member_id,
       (row_number() OVER (PARTITION BY m.member_id ORDER BY m.id) - 1) / 4 AS place FROM made AS m;
CREATE TEMP TABLE bought AS
SELECT min(deal_id) AS first, company_id, member_id, place, row_number() OVER (ORDER BY min(deal_id)) AS id,
       (CASE min(deal_id) % 3 WHEN 0 THEN '集团有限公司' WHEN 1 THEN 'Customer ' ELSE 'Klienti ' END) || min(deal_id) AS name
FROM kept GROUP BY company_id, member_id, place;
-- A fifth of the customers nobody has, and a fifth another salesperson of the company than the one with the deals.
INSERT INTO customer (id, company_id, name, owner_id, created_at)
OVERRIDING SYSTEM VALUE
SELECT b.id, b.company_id, b.name, CASE b.id % 5 WHEN 1 THEN NULL WHEN 3 THEN o.other_id ELSE b.member_id END,
       now() - (:deals - b.first) * interval '10 seconds'
FROM bought AS b JOIN (SELECT o.member_id, coalesce(lead(o.member_id) OVER w, first_value(o.member_id) OVER w) AS other_id
    FROM owner AS o WINDOW w AS (PARTITION BY o.company_id ORDER BY o.member_id)) AS o ON o.member_id = b.member_id ORDER BY b.id;
SELECT setval(pg_get_serial_sequence('customer', 'id'), max(id)) FROM customer \g /dev/null
INSERT INTO contact (id, company_id, customer_id, name, email, created_at)
OVERRIDING SYSTEM VALUE
SELECT id, company_id, id, CASE first % 3 WHEN 0 THEN '王' ELSE 'Contact ' END || first, 'buyer' || first || '@customer.example', now() - (:deals - first) * interval '10 seconds'
FROM bought ORDER BY id;
SELECT setval(pg_get_serial_sequence('contact', 'id'), max(id)) FROM contact \g /dev/null

INSERT INTO deal (id, company_id, title, customer_id, customer_name, stage, outcome, amount, currency, owner_id, vendor_id, shared_version,
    shared_span, created_at, updated_at)
OVERRIDING SYSTEM VALUE
SELECT m.id, m.company_id, pg_temp.words(m.id) || ' ' || m.id, b.id, b.name,
       (ARRAY['new', 'contacted', 'quoted', 'negotiating', 'deciding'])[1 + m.nth / 7 % 5], 'open',
       round((100 + m.id * 7919::numeric % 500000) / 1.01, 2), 'EUR', m.member_id, m.vendor_id, CASE WHEN m.vendor_id IS NOT NULL THEN 1 END, 1,
       now() - (:deals - m.id) * interval '10 seconds', now() - (:deals - m.id) * interval '10 seconds'
FROM made AS m JOIN kept AS k ON k.deal_id = m.id JOIN bought AS b ON b.member_id = k.member_id AND b.place = k.place
ORDER BY m.id;
SELECT setval(pg_get_serial_sequence('deal', 'id'), :deals) \g /dev/null

INSERT INTO deal_stage (deal_id, seq, company_id, author_company_id, stage, entered_at, member_id)
SELECT id, 1, company_id, company_id, stage, created_at, owner_id FROM deal ORDER BY id;
INSERT INTO activity (id, deal_id, company_id, author_company_id, deal_version, member_id, kind, text, at, happened_at, counted_on, next_step, due_on)
OVERRIDING SYSTEM VALUE
SELECT id, id, company_id, company_id, 1, owner_id, (ARRAY['call', 'visit'])[1 + id % 2], pg_temp.words(id * 7), created_at, created_at, created_at::date,
       (ARRAY['寄报价', 'Send an offer', 'Dërgo ofertën'])[1 + id % 3], current_date - 21 + (id % 64)::int
FROM deal ORDER BY id;
SELECT setval(pg_get_serial_sequence('activity', 'id'), :deals) \g /dev/null
INSERT INTO deal_pulse (deal_id, company_id, deal_company_id, member_id, open, stage_on, stay_days, touched_on, touches, step_id, next_step, next_due_on, beside,
    touch_by, customer_id, customer_owner_id)
SELECT d.id, d.company_id, d.company_id, d.owner_id, true, d.created_at::date, s.max_days, a.counted_on, 1, a.id, a.next_step, a.due_on, 4,
       least(a.due_on, a.counted_on + coalesce(s.max_days, 14)), c.id, coalesce(c.owner_id, 0)
FROM deal AS d JOIN stage AS s ON s.company_id = d.company_id AND s.name = d.stage JOIN activity AS a ON a.id = d.id
JOIN customer AS c ON c.id = d.customer_id ORDER BY d.id;
INSERT INTO deal_pulse (deal_id, company_id, deal_company_id, shared_span, open, stage_on, stay_days, touched_on, touches, beside, touch_by)
SELECT p.deal_id, d.vendor_id, d.company_id, 1, true, p.stage_on, p.stay_days, p.touched_on, p.touches, 4,
       p.touched_on + coalesce(p.stay_days, 14)
FROM deal_pulse AS p JOIN deal AS d ON d.id = p.deal_id WHERE d.vendor_id IS NOT NULL;

INSERT INTO task (company_id, on_kind, on_id, title, assignee_id, due_on, due_at, state, done_by, done_at, created_by, created_at, updated_at, state_since)
SELECT d.company_id, kind('deal'), d.id, pg_temp.words(d.id * 11), d.owner_id, t.due_on, (t.due_on + 1)::timestamp AT TIME ZONE 'UTC', t.state,
       CASE WHEN t.state <> 'open' THEN d.owner_id END, CASE WHEN t.state <> 'open' THEN d.updated_at END, d.owner_id, d.created_at, d.updated_at, d.updated_at
FROM deal AS d, LATERAL (SELECT CASE WHEN d.id % 8 < 3 THEN 'open' ELSE 'done' END, current_date - 21 + (d.id * 11 % 64)::int) AS t(state, due_on)
WHERE d.id / 10 % 2 = 0 ORDER BY d.id;
INSERT INTO comment (on_kind, on_id, version, company_id, author_company_id, member_id, text, at, topic, digest)
SELECT kind('deal'), d.id, 1, d.company_id, d.company_id, d.owner_id, pg_temp.words(d.id * 13), d.updated_at,
       CASE d.id / 100 % 5 WHEN 0 THEN 'need' ELSE 'comment' END, sha256(d.id::text::bytea)
FROM deal AS d WHERE d.id / 10 % 10 = 3 ORDER BY d.id;
INSERT INTO participant (on_kind, on_id, member_id, company_id, member_company_id, function, added_by)
SELECT kind('deal'), d.id, o.member_id, d.company_id, d.company_id, 'helper', d.owner_id
FROM deal AS d JOIN made AS m ON m.id = d.id
JOIN owner AS o ON o.of_big = m.of_big AND o.turn = (m.nth + 3) % CASE WHEN m.of_big THEN :of_big ELSE :of_others END
WHERE d.id / 10 % 20 = 5 AND o.company_id = d.company_id AND o.member_id <> d.owner_id;

INSERT INTO report (id, company_id, author_id, to_company_id, kind, period, state, created_at, updated_at)
OVERRIDING SYSTEM VALUE
SELECT row_number() OVER (ORDER BY i DESC, p), company_id, member_id, company_id, 'daily', (current_date - i)::text,
       CASE WHEN i <= 2 THEN 'submitted' WHEN i = 3 THEN 'returned' ELSE 'accepted' END, current_date - i, current_date - i
FROM who, generate_series(1, 20) AS i WHERE role = 'salesperson';
SELECT setval(pg_get_serial_sequence('report', 'id'), max(id)) FROM report \g /dev/null
INSERT INTO revision (on_kind, on_id, version, company_id, member_id, title, body, sha256, submitted_at)
SELECT kind('report'), id, 1, company_id, author_id, pg_temp.words(id), pg_temp.words(id * 17), sha256(id::text::bytea), created_at
FROM report;

-- What lies on one thing: on the newest deal of each owner of big and c1 to c19, 60 of each.
CREATE TEMP TABLE newest AS
SELECT DISTINCT ON (d.owner_id) d.id, d.company_id, d.owner_id, d.created_at
FROM deal AS d WHERE d.company_id IN (SELECT p.principal_id FROM partnership AS p) ORDER BY d.owner_id, d.id DESC;
CREATE TEMP TABLE sixty AS SELECT n.*, i FROM newest AS n, generate_series(1, 60) AS i;
INSERT INTO comment (on_kind, on_id, version, company_id, author_company_id, member_id, text, at, digest)
SELECT kind('deal'), n.id, 1, n.company_id, n.company_id, n.owner_id, pg_temp.words(n.id * n.i), n.created_at + n.i * interval '1 second', sha256(n.i::text::bytea)
FROM sixty AS n ORDER BY n.i;
INSERT INTO file (on_kind, on_id, version, company_id, author_company_id, member_id, name, bytes, sha256, state, completed_at)
SELECT kind('deal'), n.id, 1, n.company_id, n.company_id, n.owner_id, 'Offer ' || n.i || '.pdf', 1000, sha256(n.i::text::bytea), 'complete', n.created_at FROM sixty AS n ORDER BY n.i;
INSERT INTO resource (deal_id, company_id, author_company_id, audience, member_id, what, side)
SELECT n.id, n.company_id, n.company_id, 'shared', n.owner_id, 'Crane ' || n.i, 'inside' FROM sixty AS n ORDER BY n.i;
INSERT INTO link (company_id, log_company_id, author_company_id, audience, from_kind, from_id, from_version, to_kind, to_id, role, member_id)
SELECT n.company_id, n.company_id, n.company_id, 'shared', kind('deal'), n.id, 1, kind('deal'), n.id - n.i, 'about', n.owner_id
FROM sixty AS n WHERE n.id > 60 ORDER BY n.i;
INSERT INTO task (company_id, kind, on_kind, on_id, title, assignee_id, due_on, due_at, state, created_by, created_at, updated_at, state_since)
SELECT n.company_id, 'milestone', kind('deal'), n.id, 'Milestone ' || n.i, n.owner_id, t.due_on, (t.due_on + 1)::timestamp AT TIME ZONE 'UTC', 'open', n.owner_id,
       n.created_at, n.created_at, n.created_at
FROM sixty AS n, LATERAL (SELECT current_date + n.i AS due_on) AS t ORDER BY n.i;
INSERT INTO participant (on_kind, on_id, member_id, company_id, member_company_id, function, added_by)
SELECT kind('deal'), n.id, o.member_id, n.company_id, n.company_id, 'helper', n.owner_id
FROM newest AS n JOIN owner AS me ON me.member_id = n.owner_id
JOIN owner AS o ON o.company_id = n.company_id AND o.member_id <> n.owner_id AND o.place BETWEEN me.place + 1 AND me.place + 10
ON CONFLICT DO NOTHING;
INSERT INTO tag (on_kind, on_id, list, code, company_id, author_company_id, audience, version, member_id)
SELECT kind('deal'), n.id, 'intent', 'high', n.company_id, n.company_id, 'internal', 1, n.owner_id FROM newest AS n;
INSERT INTO activity (deal_id, company_id, log_company_id, author_company_id, deal_version, member_id, kind, text, at, happened_at, counted_on)
SELECT n.id, n.company_id, n.company_id, n.company_id, 1, n.owner_id, 'call', pg_temp.words(n.id + n.i), n.created_at + n.i * interval '1 second', n.created_at,
       n.created_at::date FROM sixty AS n ORDER BY n.i;
INSERT INTO subscription (member_id, on_kind, on_id) SELECT d.owner_id, kind('deal'), d.id FROM (
    SELECT d.*, row_number() OVER (PARTITION BY d.owner_id ORDER BY d.id) AS place FROM deal AS d
    WHERE d.company_id IN (SELECT p.principal_id FROM partnership AS p)) AS d WHERE d.place <= 60;
INSERT INTO comment (on_kind, on_id, version, company_id, author_company_id, member_id, text, at, decision, digest)
SELECT kind('report'), r.id, 1, r.company_id, r.company_id, coalesce(w.manager_id, r.author_id), 'Thank you.', r.updated_at, 'accepted', sha256(r.id::text::bytea)
FROM report AS r JOIN who AS w ON w.member_id = r.author_id WHERE r.state = 'accepted' AND w.slug = 'big';

-- What a company has of everything.
INSERT INTO kpi (id, company_id, code, name, unit, period) OVERRIDING SYSTEM VALUE SELECT c.id, c.id, 'sales', 'Sales', 'EUR', 'month' FROM company AS c WHERE NOT c.is_system;
SELECT setval(pg_get_serial_sequence('kpi', 'id'), max(id)) FROM kpi \g /dev/null
INSERT INTO kpi_line (kpi_id, company_id, period, member_id, target, actual, recorded_by, recorded_at)
SELECT w.company_id, w.company_id, to_char(current_date - i * interval '1 month', 'YYYY-MM'), w.member_id, 1000, 900, w.member_id, now()
FROM generate_series(24, 0, -1) AS i, who AS w WHERE w.role = 'salesperson' ORDER BY i DESC;
INSERT INTO kpi_line (kpi_id, company_id, period, vendor_id, target, actual, recorded_by, recorded_at, shared_span, shared_at)
SELECT p.principal_id, p.principal_id, to_char(current_date - i * interval '1 month', 'YYYY-MM'), p.vendor_id, 1000, 900, a.member_id, now(), 1, '2020-01-01'
FROM generate_series(24, 0, -1) AS i, partnership AS p JOIN who AS a ON a.company_id = p.principal_id AND a.place = 0 ORDER BY i DESC;
INSERT INTO kpi_record (line_id, company_id, value, member_id) SELECT l.id, l.company_id, i, l.recorded_by FROM kpi_line AS l, generate_series(1, 60) AS i
WHERE l.period = to_char(current_date, 'YYYY-MM');
INSERT INTO kpi_target (line_id, company_id, value, member_id) SELECT l.id, l.company_id, i, l.recorded_by FROM kpi_line AS l, generate_series(1, 60) AS i
WHERE l.period = to_char(current_date, 'YYYY-MM');
INSERT INTO kpi_evaluation (line_id, company_id, text, member_id) SELECT l.id, l.company_id, 'Well done.', l.recorded_by FROM kpi_line AS l, generate_series(1, 60) AS i
WHERE l.period = to_char(current_date, 'YYYY-MM');
INSERT INTO calendar_day (company_id, day, working, note) SELECT c.id, current_date + i * 5, false, 'A holiday' FROM company AS c, generate_series(1, 60) AS i WHERE NOT c.is_system;
INSERT INTO rate (company_id, from_currency, to_currency, day, rate, source, member_id)
SELECT w.company_id, 'EUR', 'CNY', current_date - i, 7.8, 'A bank', w.member_id FROM who AS w, generate_series(1, 60) AS i WHERE w.place = 0;
INSERT INTO tier (company_id, code, name, position) SELECT p.principal_id, 'tier' || i, 'Tier ' || i, i FROM partnership AS p, generate_series(1, 10) AS i;
INSERT INTO tier (company_id, code, name, position) SELECT c.id, 'tier' || i, 'Tier ' || i, i FROM company AS c, generate_series(1, 10) AS i WHERE c.slug = 'vendor';
INSERT INTO playbook (id, company_id, code, kind, title, author_id, shared_version) OVERRIDING SYSTEM VALUE
SELECT row_number() OVER (), w.company_id, 'play' || i, 'play', 'Play ' || i, w.member_id, 1 FROM who AS w, generate_series(1, 60) AS i WHERE w.place = 0;
SELECT setval(pg_get_serial_sequence('playbook', 'id'), max(id)) FROM playbook \g /dev/null
INSERT INTO revision (on_kind, on_id, version, company_id, member_id, title, body, sha256)
SELECT kind('playbook'), p.id, 1, p.company_id, p.author_id, p.title, 'Ask first.', sha256(p.id::text::bytea) FROM playbook AS p;
INSERT INTO member_key (member_id, public_key, note) SELECT w.member_id, sha256((w.p * 100 + i)::text::bytea), 'Key ' || i FROM who AS w, generate_series(1, 10) AS i;
INSERT INTO member_span (company_id, member_id, state, role, from_at, to_at, by_id)
SELECT w.company_id, w.member_id, 'active', w.role, now() - i * interval '1 day', now() - (i - 1) * interval '1 day', w.member_id
FROM who AS w, generate_series(11, 2, -1) AS i;

-- What two companies have with each other.
INSERT INTO contract_version (contract_id, version, company_id, vendor_id, author_company_id, state, title, prose, sha256)
SELECT c.id, i, c.company_id, c.vendor_id, c.company_id, 'executed', c.title, 'Words.', sha256(i::text::bytea) FROM contract AS c, generate_series(1, 10) AS i;
INSERT INTO clause (contract_id, version, position, kind, side, text)
SELECT c.id, 10, i, 'duty', 'vendor', 'A clause.' FROM contract AS c, generate_series(1, 60) AS i;
INSERT INTO payment (company_id, vendor_id, contract_id, contract_version, position, term, payer, amount, currency, due_on, due_at, owner_id)
SELECT c.company_id, c.vendor_id, c.id, 10, i, i::text, 'principal', 100, 'EUR', current_date + i, (current_date + i + 1)::timestamp AT TIME ZONE 'UTC', a.manager_id
FROM contract AS c JOIN owner AS a ON a.company_id = c.company_id AND a.place = 1, generate_series(1, 60) AS i;
INSERT INTO registration (company_id, vendor_id, owner_id, member_id, title, customer_name, protected_until, due_at)
SELECT p.principal_id, p.vendor_id, o.member_id, v.member_id, 'Registration ' || i, 'Customer ' || i, now() + interval '90 days', now() + interval '3 days'
FROM partnership AS p JOIN who AS v ON v.company_id = p.vendor_id AND v.place = 1, generate_series(1, 60) AS i
JOIN owner AS o ON o.place = i % 8 WHERE o.company_id = p.principal_id;
INSERT INTO case_file (company_id, vendor_id, opened_by, opened_company_id, handler_id, kind, contract_id, contract_version, clause, title, text, answer_by, turn_id)
SELECT c.company_id, c.vendor_id, o.member_id, c.company_id, o.manager_id, CASE WHEN i % 2 = 0 THEN 'breach' ELSE 'dispute' END, c.id, 10,
       CASE WHEN i % 2 = 0 THEN 1 END, 'Case ' || i, 'What happened.', now() + i * interval '1 day', CASE WHEN i % 4 < 2 THEN c.company_id ELSE c.vendor_id END
FROM contract AS c JOIN owner AS o ON o.company_id = c.company_id AND o.place < 8, generate_series(1, 16) AS i;

-- Each event has been told.
INSERT INTO event (id, xid, position, at, company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
OVERRIDING SYSTEM VALUE
SELECT 1000 + d.id, '1', 1000 + d.id, d.updated_at, d.company_id, d.vendor_id, 'deal.assigned', kind('deal'), d.id, d.owner_id, ARRAY[d.owner_id]
FROM (SELECT d.*, row_number() OVER (PARTITION BY d.owner_id ORDER BY d.id) AS place FROM deal AS d) AS d WHERE d.place <= 40;
SELECT setval(pg_get_serial_sequence('event', 'id'), :deals + 1001), setval('event_position', :deals + 1001) \g /dev/null
INSERT INTO inbox (member_id, event_id, at, kind, on_kind, on_id, actor_id, read_at)
SELECT e.member_ids[1], e.id, e.at, e.kind, e.on_kind, e.on_id, e.actor_id, CASE WHEN e.id % 10 > 0 THEN e.at END
FROM event AS e WHERE e.xid = '1' AND e.kind = 'deal.assigned' ORDER BY e.id;

SELECT definition FROM dropped \gexec
SELECT format('ALTER TABLE %s ENABLE %s TRIGGER %I', relation, CASE tgenabled WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' ELSE '' END, tgname)
FROM switched WHERE tgenabled <> 'D' \gexec
RESET session_replication_role;
SELECT comments_put(ARRAY(SELECT c.id FROM comment AS c)) \g /dev/null

-- With triggers, which say what each may do.
INSERT INTO session (member_id, token_hash, client, address)
SELECT member_id, sha256(lpad(p::text, 43, '0')::bytea), 'bench', '127.0.0.1' FROM who ORDER BY p;
VACUUM ANALYZE;
CHECKPOINT;
