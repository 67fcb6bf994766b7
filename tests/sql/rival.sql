-- What one vendor does with a principal, another vendor of the same principal learns nothing of: something is put into every
-- table that calls read, and the other vendor's people see no row more.
\ir fixture.psql
SELECT no_plan();

INSERT INTO company (slug, name) VALUES ('delta', 'Delta');
SELECT pg_temp.join_company('dboss', 'delta', 'admin'), pg_temp.join_company('dvic', 'delta', 'vendor', 'dboss') \g /dev/null
SELECT pg_temp.partners('acme', 'delta') \g /dev/null

-- How many rows somebody sees of each table, and the owner of all.
CREATE TEMP TABLE seen (who text, needs text, moment text, "table" text, n bigint);
CREATE TEMP VIEW readable AS
SELECT c.relname::text AS name FROM pg_class AS c
WHERE c.relnamespace = 'jiayi'::regnamespace AND c.relkind = 'r' AND has_any_column_privilege('jiayi_app', c.oid, 'SELECT');
CREATE FUNCTION pg_temp.look(moment text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    names text[] := ARRAY(SELECT r.name FROM readable AS r);
    found bigint[];
    v     record;
    t     text;
BEGIN
    FOR v IN VALUES ('owner', ''), ('dboss', 'session'), ('dboss', 'audit.read'), ('dvic', 'session'), ('vito', 'session') LOOP
        found := '{}';
        IF v.column1 <> 'owner' THEN
            PERFORM pg_temp.sign(v.column1, v.column2);
        END IF;
        FOREACH t IN ARRAY names LOOP
            EXECUTE format('SELECT $1 || count(*) FROM jiayi.%I', t) INTO found USING found;
        END LOOP;
        RESET ROLE;
        PERFORM pg_temp.leave();
        INSERT INTO seen SELECT v.column1, v.column2, moment, n.name, n.n FROM unnest(names, found) AS n(name, n);
    END LOOP;
END
$$;

SELECT pg_temp.look('before') \g /dev/null
-- A third vendor, and what acme does with beta.
INSERT INTO company (slug, name) VALUES ('zeta', 'Zeta');
SELECT pg_temp.join_company('zboss', 'zeta', 'admin'), pg_temp.join_company('zoe', 'zeta', 'vendor', 'zboss') \g /dev/null
SELECT pg_temp.partners('acme', 'zeta') \g /dev/null
INSERT INTO invitation (principal_id, slug, signed_by) VALUES (pg_temp.company('acme'), 'other', pg_temp.member('boss'));
INSERT INTO registration (company_id, vendor_id, member_id, title, customer_name, protected_until, due_at)
VALUES (pg_temp.company('acme'), pg_temp.company('beta'), pg_temp.member('vito'), 'secret', 'secret', 'infinity', 'infinity');
INSERT INTO case_file (kind, company_id, vendor_id, other_vendor_id, opened_by, opened_company_id, title, text)
VALUES ('conflict', pg_temp.company('acme'), pg_temp.company('beta'), pg_temp.company('zeta'), pg_temp.member('vito'), pg_temp.company('beta'), 'secret', 'secret');
INSERT INTO role (company_id, name) VALUES (pg_temp.company('acme'), 'special');
INSERT INTO role_permission (role_id, permission, scope) VALUES (pg_temp.role('special'), 'deal.read', 'own');
INSERT INTO company_role_setting (company_id, role_id, requires_totp) VALUES (pg_temp.company('acme'), pg_temp.role('special'), true);
INSERT INTO company_domain (domain, company_id) VALUES ('rival.test', pg_temp.company('acme'));
INSERT INTO calendar_day (company_id, day, working) VALUES (pg_temp.company('acme'), '2026-10-10', true);
INSERT INTO rate (company_id, from_currency, to_currency, day, rate, member_id)
VALUES (pg_temp.company('acme'), 'EUR', 'CNY', '2026-10-10', 7, pg_temp.member('boss'));
INSERT INTO import (company_id, kind, source, name, sha256, total, member_id)
VALUES (pg_temp.company('acme'), 'rates', 'file', 'secret', sha256('x'), 1, pg_temp.member('boss'));
INSERT INTO export (company_id, member_id, state, ended_at, expires_at)
VALUES (pg_temp.company('acme'), pg_temp.member('boss'), 'done', now(), now()) RETURNING id AS export \gset
INSERT INTO export_file (export_id, no, name, columns) VALUES (:export, 1, 'rates', '{key}');
INSERT INTO export_piece (export_id, no, seq, data) VALUES (:export, 1, 0, 'secret');
INSERT INTO external_ref (company_id, kind, source, key, on_id) VALUES (pg_temp.company('acme'), 'rates', 'file', 'secret', 1);
INSERT INTO choice_list (company_id, list, title) VALUES (pg_temp.company('acme'), 'colour', 'Colour');
INSERT INTO choice (company_id, list, code, label, position) VALUES (pg_temp.company('acme'), 'colour', 'red', 'Red', 1);
INSERT INTO checklist (company_id, code, name, purpose, items_version) VALUES (pg_temp.company('acme'), 'points', 'Points', 'stage', 1);
INSERT INTO checklist_item (checklist_id, version, position, title, required, criterion, side) SELECT c.id, 1, 1, 'One', false, false, 'ours' FROM checklist AS c WHERE c.code = 'points';
INSERT INTO case_target (company_id, kind, severity, days) VALUES (pg_temp.company('acme'), 'conflict', 0, 7);
INSERT INTO tier (company_id, code, name, position) VALUES (pg_temp.company('acme'), 'gold', 'secret', 1);
INSERT INTO tier_rule (tier_id, measure, over, at_least) SELECT t.id, 'won', 'year', 1 FROM tier AS t;
INSERT INTO tier_span (company_id, vendor_id, partnership_id, span, tier_id, code, name, figures, reason, member_id)
SELECT p.principal_id, p.vendor_id, p.id, p.span, t.id, t.code, t.name, '[]', 'secret', pg_temp.member('boss')
FROM partnership AS p JOIN tier AS t ON t.company_id = p.principal_id WHERE p.vendor_id = pg_temp.company('beta');
INSERT INTO playbook (company_id, code, kind, title, author_id)
VALUES (pg_temp.company('acme'), 'secret', 'play', 'secret', pg_temp.member('boss')) RETURNING id AS play \gset
INSERT INTO revision (on_kind, on_id, version, member_id, title, body) VALUES (kind('playbook'), :play, 1, pg_temp.member('boss'), 'secret', 'secret');
SELECT pg_temp.deal('cleo', 'secret', true) AS deal \gset
INSERT INTO contact (company_id, customer_id, name, note) SELECT d.company_id, d.customer_id, 'secret', 'secret' FROM deal AS d WHERE d.id = :deal;
INSERT INTO customer_merge (company_id, from_id, to_id, from_name, member_id, reason, counts)
SELECT d.company_id, d.customer_id, d.customer_id, 'secret', d.owner_id, 'secret', '{}' FROM deal AS d WHERE d.id = :deal;
INSERT INTO handover (company_id, from_id, to_id, note, counts) VALUES (pg_temp.company('acme'), pg_temp.member('cleo'), pg_temp.member('dora'), 'secret', '{}');
INSERT INTO deal_reason (deal_id, seq, company_id, author_company_id, text)
SELECT :deal, s.seq, s.company_id, s.company_id, 'secret' FROM deal_stage AS s WHERE s.deal_id = :deal;
INSERT INTO activity (deal_id, company_id, member_id, kind, text, next_step, due_on)
VALUES (:deal, pg_temp.company('acme'), pg_temp.member('vito'), 'note', 'secret', 'secret', '2099-01-01');
INSERT INTO resource (deal_id, company_id, member_id, what, side, audience)
VALUES (:deal, pg_temp.company('acme'), pg_temp.member('cleo'), 'secret', 'inside', 'shared');
INSERT INTO comment (on_kind, on_id, member_id, text) VALUES (kind('deal'), :deal, pg_temp.member('vito'), 'secret');
INSERT INTO link (from_kind, from_id, to_kind, to_id, role, member_id, audience)
VALUES (kind('deal'), :deal, kind('member'), pg_temp.member('cleo'), 'about', pg_temp.member('cleo'), 'shared');
INSERT INTO file (on_kind, on_id, name, bytes, sha256, member_id)
VALUES (kind('deal'), :deal, 'secret', 1, sha256('x'), pg_temp.member('cleo')) RETURNING id AS file \gset
INSERT INTO file_chunk (file_id, seq, data) VALUES (:file, 0, 'x');
INSERT INTO tag (on_kind, on_id, list, code, company_id, author_company_id, version, member_id, audience)
SELECT kind('deal'), d.id, 'colour', 'red', d.company_id, d.company_id, d.version, d.owner_id, 'shared' FROM deal AS d WHERE d.id = :deal;
INSERT INTO participant (on_kind, on_id, member_id, function, added_by)
VALUES (kind('deal'), :deal, pg_temp.member('dora'), 'sales', pg_temp.member('cleo'));
INSERT INTO task (company_id, on_kind, on_id, title, vendor_id, created_by)
VALUES (pg_temp.company('acme'), kind('deal'), :deal, 'secret', pg_temp.company('beta'), pg_temp.member('cleo'));
INSERT INTO kpi (company_id, code, name, unit, period) VALUES (pg_temp.company('acme'), 'secret', 'S', 'x', 'month') RETURNING id AS kpi \gset
INSERT INTO kpi_line (kpi_id, company_id, period, vendor_id) VALUES (:kpi, pg_temp.company('acme'), '2026-10', pg_temp.company('beta'))
RETURNING id AS line \gset
INSERT INTO kpi_target (line_id, company_id, value, member_id) VALUES (:line, pg_temp.company('acme'), 1, pg_temp.member('boss'));
INSERT INTO kpi_record (line_id, company_id, value, text, member_id) VALUES (:line, pg_temp.company('acme'), 1, 'secret', pg_temp.member('vito'));
INSERT INTO kpi_evaluation (line_id, company_id, text, member_id) VALUES (:line, pg_temp.company('acme'), 'secret', pg_temp.member('boss'));
INSERT INTO report (company_id, author_id, to_company_id, kind, period)
VALUES (pg_temp.company('beta'), pg_temp.member('vito'), pg_temp.company('acme'), 'daily', '2026-10-10') RETURNING id AS report \gset
INSERT INTO revision (on_kind, on_id, version, title, body, company_id, member_id)
VALUES (kind('report'), :report, 1, 'secret', 'secret', pg_temp.company('beta'), pg_temp.member('vito'));
INSERT INTO member_key (member_id, public_key) VALUES (pg_temp.member('bboss'), sha256('signs')) RETURNING id AS key \gset
INSERT INTO signature (on_kind, on_id, version, company_id, member_id, capacity, sha256, key_id, note, signature)
SELECT kind('contract'), c.id, 1, c.vendor_id, pg_temp.member('bboss'), 'vendor', sha256('x'), :key, 'secret', sha256('a') || sha256('b')
FROM contract AS c WHERE c.vendor_id = pg_temp.company('beta');
INSERT INTO contract (company_id, vendor_id, kind, title, state, version, from_at, author_company_id)
VALUES (pg_temp.company('acme'), pg_temp.company('beta'), 'sales', 'secret', 'active', 1, now(), pg_temp.company('acme')) RETURNING id AS contract \gset
INSERT INTO contract_version (contract_id, version, company_id, vendor_id, author_company_id, state, title, prose, terms, sha256, from_at)
SELECT c.id, 1, c.company_id, c.vendor_id, c.company_id, 'executed', 'secret', 'secret', '{}', sha256('x'), now() FROM contract AS c WHERE c.id = :contract;
INSERT INTO clause (contract_id, version, position, kind, text) VALUES (:contract, 1, 1, 'law', 'secret');
INSERT INTO contract_review (contract_id, version, company_id, member_id, point, fine, text, sha256)
VALUES (:contract, 1, pg_temp.company('beta'), pg_temp.member('bboss'), 'fair', true, 'secret', sha256('x'));
INSERT INTO case_file (kind, company_id, vendor_id, opened_by, opened_company_id, title, text, contract_id, contract_version, clause,
    amount, currency, cure_by, cure_over, turn_id, decision, proposed_side)
SELECT 'breach', c.company_id, c.vendor_id, pg_temp.member('boss'), c.company_id, 'secret', 'secret', c.id, 1, 1, 1, 'CNY', now(), true,
    c.vendor_id, 'secret', c.company_id FROM contract AS c WHERE c.id = :contract;
INSERT INTO payment (company_id, vendor_id, contract_id, contract_version, position, term, payer, title, amount, currency, due_on)
SELECT c.company_id, c.vendor_id, c.id, 1, 1, 'secret', 'principal', 'secret', 1, 'CNY', '2030-01-31' FROM contract AS c WHERE c.id = :contract;
INSERT INTO inbox (member_id, event_id, at, kind, on_kind, on_id) VALUES (pg_temp.member('vito'), 0, now(), 'deal.shared', kind('deal'), :deal);
INSERT INTO subscription (member_id, on_kind, on_id) VALUES (pg_temp.member('vito'), kind('deal'), :deal);
INSERT INTO member_key (member_id, public_key) VALUES (pg_temp.member('vito'), sha256('key'));
INSERT INTO call_record (member_id, request_id, method, request_sha256, answer)
VALUES (pg_temp.member('vito'), '\x01', 'DealService/MoveDeal', sha256('x'), '{}');
SELECT pg_temp.look('after') \g /dev/null

CREATE TEMP VIEW changed AS
SELECT a.who, a.needs, a."table", a.n - b.n AS more FROM seen AS a
JOIN seen AS b ON (b.who, b.needs, b."table") = (a.who, a.needs, a."table") AND b.moment = 'before' WHERE a.moment = 'after';
SELECT is(string_agg(c."table", ', ' ORDER BY c."table"), 'currency, event_kind, object_kind, permission, scope, transition',
    'every table has rows of theirs, but for those that are everybody''s') FROM changed AS c WHERE c.who = 'owner' AND c.more = 0;
-- A principal's words are lent to all its vendors: shape house, with partners.
SELECT is(string_agg(c."table" || ' ' || c.more, ', ' ORDER BY c."table"), 'choice 1, choice_list 1',
    format('%s sees nothing of it but the principal''s words (%s)', c.who, c.needs))
FROM changed AS c WHERE c.who IN ('dboss', 'dvic') AND c.more <> 0 GROUP BY c.who, c.needs;
SELECT cmp_ok(count(*), '>=', 20::bigint, 'while the vendor that it was done with sees it') FROM changed AS c WHERE c.who = 'vito' AND c.more > 0;

SELECT * FROM finish();
ROLLBACK;
