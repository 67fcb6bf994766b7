-- Imports. Rows become what the single methods make, under the same constraints and guards; what differs
-- stands here: who a thing belongs to and when it was done says the row, of a thing that is known by its
-- key nothing is made again, and nobody is told.
--
-- The functions are SECURITY DEFINER, for a row may be of another member, and of another day, than a
-- call's own can be. Who calls them has data.import, and with the whole company as its reach what the
-- single methods need; all that they look up is of the caller's company.
--
-- import_put() alone is called from outside. What it calls names no search_path, which would
-- cost as much as the rest of a small function: it runs under that of import_put().

CREATE OR REPLACE FUNCTION import_needs(kind text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE kind WHEN 'customers' THEN ARRAY['customer.create'] WHEN 'contacts' THEN ARRAY['customer.update']
        WHEN 'deals' THEN ARRAY['deal.create', 'deal.move', 'customer.create'] WHEN 'followups' THEN ARRAY['deal.log']
        WHEN 'tasks' THEN ARRAY['task.create', 'task.update'] WHEN 'kpi_records' THEN ARRAY['kpi.record', 'kpi.define']
        WHEN 'rates' THEN ARRAY['rate.manage'] END
$$;
COMMENT ON FUNCTION import_needs(text) IS
    'What the role of who imports rows of a kind must permit besides, for the whole company.';
GRANT EXECUTE ON FUNCTION import_needs(text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION import_check(kind text) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    missing text := (SELECT string_agg(n.name, ', ') FROM unnest(import_needs(kind)) AS n(name)
        WHERE NOT EXISTS (SELECT FROM caller_grants() AS g WHERE g.permission = n.name AND g.bits & 4 <> 0));
BEGIN
    IF missing IS NOT NULL THEN
        PERFORM refuse('JY007', 'importing %s needs, for the whole company, besides: %s',
            ROW(word('import kind', kind), missing));
    END IF;
    RETURN kind;
END
$$;
COMMENT ON FUNCTION import_check(text) IS
    'The kind itself; the call ends where the caller''s role lacks what its rows need.';
GRANT EXECUTE ON FUNCTION import_check(text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION import_member(who text, field text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    found bigint[];
BEGIN
    IF who IS NULL THEN
        RETURN me_member();
    ELSIF strpos(who, '@') > 0 THEN
        found := ARRAY(SELECT m.id FROM member AS m WHERE m.company_id = me_company()
            AND m.email = lower(btrim(who)) AND m.state = 'active');
    ELSE
        found := ARRAY(SELECT m.id FROM member AS m WHERE m.company_id = me_company()
            AND folded(m.name) = folded(btrim(who)) AND m.state = 'active' LIMIT 2);
    END IF;
    IF cardinality(found) = 0 THEN
        PERFORM refuse('JY005', 'no active member %s; add them, or give who has it now', ROW(btrim(who)),
            field => import_member.field);
    ELSIF cardinality(found) > 1 THEN
        PERFORM refuse('JY003', 'several are called %s; give the e-mail address', ROW(btrim(who)),
            field => import_member.field);
    END IF;
    RETURN found[1];
END
$$;
COMMENT ON FUNCTION import_member(text, text) IS
    'An active member of the caller''s company by address, or by the name that one alone has; the caller '
    'for NULL. The call ends where there is none, and blames the field.';
GRANT EXECUTE ON FUNCTION import_member(text, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION import_moment(value text, zone text, field text) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
    moment timestamptz;
BEGIN
    IF value IS NULL THEN
        RETURN NULL;
    ELSIF length(value) = 10 THEN
        -- As moment_of() has it: the middle of a day, and of today now.
        moment := (value::timestamp + interval '12 hours') AT TIME ZONE zone;
        IF moment > now() AND value::timestamp AT TIME ZONE zone <= now() THEN
            moment := now();
        END IF;
    ELSIF value ~ '(Z|[+-][0-9]{2}:[0-9]{2})$' THEN
        moment := value::timestamptz;
    ELSE
        moment := value::timestamp AT TIME ZONE zone;
    END IF;
    IF moment > clock_timestamp() THEN
        PERFORM refuse('JY003', '%s is not over yet', ROW(value), field => import_moment.field);
    END IF;
    RETURN moment;
END
$$;
COMMENT ON FUNCTION import_moment(text, text, text) IS
    'When something was done: with an offset as it says, else in that zone; of a day its middle. '
    'NULL for NULL; the call ends where it is to come, and blames the field.';
GRANT EXECUTE ON FUNCTION import_moment(text, text, text) TO jiayi_auth;

-- What several rows name - a person, a vendor, a deal - is looked up once for all of them: so each of these
-- answers an object, of what a column says and what is meant.

CREATE OR REPLACE FUNCTION import_named(rows jsonb, field text) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT e.value ->> field FROM jsonb_array_elements(rows) WITH ORDINALITY AS e(value, n)
    WHERE e.value ->> field IS NOT NULL GROUP BY 1 ORDER BY min(e.n)
$$;
COMMENT ON FUNCTION import_named(jsonb, text) IS 'What rows say in a column, each once, in their order.';
GRANT EXECUTE ON FUNCTION import_named(jsonb, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION import_members(rows jsonb, field text) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_object_agg(n.who, import_member(n.who, field)), '{}') FROM import_named(rows, field) AS n(who)
$$;
COMMENT ON FUNCTION import_members(jsonb, text) IS 'Whom rows name in a column, as import_member() finds them.';
GRANT EXECUTE ON FUNCTION import_members(jsonb, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION import_deals_meant(rows jsonb, source text) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_object_agg(n.name, import_deal_meant(n.name, source)), '{}')
    FROM import_named(rows, 'deal') AS n(name)
$$;
COMMENT ON FUNCTION import_deals_meant(jsonb, text) IS 'Which deals rows name, as import_deal_meant() finds them.';
GRANT EXECUTE ON FUNCTION import_deals_meant(jsonb, text) TO jiayi_auth;

-- Each of these makes of rows of a kind what they say, and answers the numbers of that in the order of the rows:
-- numbers are given out in that order.

CREATE OR REPLACE FUNCTION import_customers(rows jsonb, zone text, OUT ids bigint[], OUT there int) LANGUAGE plpgsql AS $$
DECLARE
    who  jsonb := import_members((SELECT coalesce(jsonb_agg(e.value), '[]') FROM jsonb_array_elements(rows) AS e
        WHERE e.value ->> 'owner' <> '-'), 'owner');
    left_over int[];
BEGIN
    ids := array_fill(NULL::bigint, ARRAY[jsonb_array_length(rows)]);
    there := 0;
    LOOP
        -- One that is there by name is what the row says, and has the key from now on. One whose name is that of
        -- a row before it finds what that one made, the next time round.
        SELECT array_agg(coalesce(ids[e.n], CASE WHEN (e.value ->> 'distinct')::boolean
                THEN (SELECT o.id FROM customer AS o WHERE o.company_id = me_company()
                      AND o.name = btrim(e.value ->> 'name') AND o.state <> 'merged')
                ELSE customer_find(e.value ->> 'name') END) ORDER BY e.n),
            there + count(*) FILTER (WHERE ids[e.n] IS NULL)
        INTO ids, there FROM jsonb_array_elements(rows) WITH ORDINALITY AS e(value, n);
        SELECT array_agg(f.n ORDER BY f.n) INTO left_over FROM (
            SELECT DISTINCT ON (customer_key(e.value ->> 'name')) e.n
            FROM jsonb_array_elements(rows) WITH ORDINALITY AS e(value, n)
            WHERE ids[e.n] IS NULL ORDER BY customer_key(e.value ->> 'name'), e.n) AS f;
        there := there - (SELECT count(*) FROM unnest(ids) AS i WHERE i IS NULL);
        EXIT WHEN left_over IS NULL;
        WITH made AS (
            INSERT INTO customer (company_id, name, owner_id, twin, registration_no, registration_country, website,
                address, phone, size, state, created_at, updated_at)
            SELECT me_company(), btrim(r.name),
                CASE WHEN r.owner = '-' THEN NULL WHEN r.owner IS NULL THEN me_member()
                     ELSE (who ->> r.owner)::bigint END,
                CASE WHEN r."distinct" THEN 'said' END, r.registration_no, upper(r.registration_country), r.website,
                r.address, r.phone, r.size, coalesce(r.state, 'active'), r.began, r.began
            FROM (SELECT r.*, l.n, coalesce(import_moment(r.created, zone, 'created'), now()) AS began
                  FROM unnest(left_over) AS l(n), jsonb_to_record(rows -> l.n - 1) AS r(name text, owner text,
                      "distinct" boolean, registration_no text, registration_country text, website text,
                      address text, phone text, size int, state text, created text)) AS r
            ORDER BY r.n
            RETURNING id
        )
        SELECT array_agg(coalesce(ids[e.n], m.id) ORDER BY e.n) INTO ids
        FROM generate_subscripts(ids, 1) AS e(n)
        LEFT JOIN unnest(left_over, (SELECT array_agg(m.id ORDER BY m.id) FROM made AS m)) AS m(n, id) ON m.n = e.n;
        EXIT WHEN array_position(ids, NULL) IS NULL;
    END LOOP;
END
$$;
COMMENT ON FUNCTION import_customers(jsonb, text) IS
    'Makes customers of rows, CustomerRows, but for those that are there by name; how many are.';
GRANT EXECUTE ON FUNCTION import_customers(jsonb, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION import_customer_meant(name text, source text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    firm bigint := (SELECT coalesce(c.merged_into, c.id) FROM external_ref AS x JOIN customer AS c ON c.id = x.on_id
        WHERE x.company_id = me_company() AND x.kind = 'customers' AND x.source = import_customer_meant.source
          AND x.key = import_customer_meant.name);
BEGIN
    firm := coalesce(firm, customer_find(name));
    IF firm IS NULL THEN
        PERFORM refuse('JY005', 'no customer %s; import the customers first', ROW(name), field => 'customer');
    END IF;
    RETURN firm;
END
$$;
COMMENT ON FUNCTION import_customer_meant(text, text) IS
    'A customer of the caller''s company by its key in that source, or by name. The call ends where there is none.';
GRANT EXECUTE ON FUNCTION import_customer_meant(text, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION import_contacts(rows jsonb, source text) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    firms jsonb := (SELECT jsonb_object_agg(n.name, import_customer_meant(n.name, source))
        FROM import_named(rows, 'customer') AS n(name));
    ids   bigint[];
BEGIN
    WITH made AS (
        INSERT INTO contact (company_id, customer_id, name, title, function, email, phone, wechat, note, state)
        SELECT me_company(), (firms ->> r.customer)::bigint, r.name, r.title, coalesce(r.function, 'other'),
            lower(r.email), r.phone, r.wechat, r.note, coalesce(r.state, 'active')
        FROM jsonb_to_recordset(rows) AS r(line int, customer text, name text, title text, function text, email text,
            phone text, wechat text, note text, state text)
        ORDER BY r.line
        RETURNING id
    )
    SELECT array_agg(m.id ORDER BY m.id) INTO ids FROM made AS m;
    RETURN ids;
END
$$;
COMMENT ON FUNCTION import_contacts(jsonb, text) IS 'Adds the contacts of rows, ContactRows; their numbers.';
GRANT EXECUTE ON FUNCTION import_contacts(jsonb, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION import_contact_meant(name text, customer_id bigint, source text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    firm  bigint := customer_now(customer_id);
    found bigint[] := ARRAY(SELECT k.id FROM external_ref AS x JOIN contact AS k ON k.id = x.on_id
        WHERE x.company_id = me_company() AND x.kind = 'contacts' AND x.source = import_contact_meant.source
          AND x.key = import_contact_meant.name AND k.customer_id = firm);
BEGIN
    IF cardinality(found) = 0 THEN
        found := ARRAY(SELECT k.id FROM contact AS k WHERE k.customer_id = firm AND k.company_id = me_company()
            AND folded(k.name) = folded(btrim(import_contact_meant.name)) LIMIT 2);
    END IF;
    IF cardinality(found) = 0 THEN
        PERFORM refuse('JY005', 'no contact %s of that customer; import the contacts first', ROW(name), field => 'contact');
    ELSIF cardinality(found) > 1 THEN
        PERFORM refuse('JY003', 'several contacts of that customer are called %s; give the key', ROW(name), field => 'contact');
    END IF;
    RETURN found[1];
END
$$;
COMMENT ON FUNCTION import_contact_meant(text, bigint, text) IS
    'A contact of a customer by its key in that source, or by the name that it alone has. The call ends where there is none.';
GRANT EXECUTE ON FUNCTION import_contact_meant(text, bigint, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION import_deal_meant(name text, source text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    found bigint[] := ARRAY(SELECT r.on_id FROM external_ref AS r WHERE r.company_id = me_company()
        AND r.kind = 'deals' AND r.source = import_deal_meant.source AND r.key = name);
BEGIN
    IF cardinality(found) = 0 AND name ~ '^deal/[1-9][0-9]{0,17}$' THEN
        found := ARRAY(SELECT d.id FROM deal AS d WHERE d.company_id = me_company()
            AND d.id = substr(name, 6)::bigint);
    ELSIF cardinality(found) = 0 THEN
        found := ARRAY(SELECT d.id FROM deal AS d WHERE d.company_id = me_company() AND d.title = name LIMIT 2);
    END IF;
    IF cardinality(found) = 0 THEN
        PERFORM refuse('JY005', 'no deal %s; import the deals first, from the same source', ROW(name),
            field => 'deal');
    ELSIF cardinality(found) > 1 THEN
        PERFORM refuse('JY003', 'several deals are called %s; give the key, or such as deal/7', ROW(name),
            field => 'deal');
    END IF;
    RETURN found[1];
END
$$;
COMMENT ON FUNCTION import_deal_meant(text, text) IS
    'A deal of the caller''s company by its key in that source, by number, or by the title that it alone has. '
    'The call ends where there is none.';
GRANT EXECUTE ON FUNCTION import_deal_meant(text, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION import_stages(rows jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    first text := (SELECT s.name FROM stage AS s WHERE s.company_id = me_company() AND s.outcome = 'open'
        AND NOT s.retired ORDER BY s.position LIMIT 1);
BEGIN
    RETURN (SELECT jsonb_object_agg(n.words, jsonb_build_array(s.name, s.outcome))
        FROM (SELECT '' AS words, first AS name UNION ALL
              SELECT n.words, stage_meant(me_company(), n.words) FROM import_named(rows, 'stage') AS n(words)) AS n
        JOIN stage AS s ON s.company_id = me_company() AND s.name = n.name);
END
$$;
COMMENT ON FUNCTION import_stages(jsonb) IS
    'The stages that rows name by code or title, each with its code and its outcome; of '''' the first one.';
GRANT EXECUTE ON FUNCTION import_stages(jsonb) TO jiayi_auth;

CREATE OR REPLACE FUNCTION importing() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT coalesce(current_setting('jiayi.deciding_on_all', true), '') = 'import' $$;
COMMENT ON FUNCTION importing() IS
    'Whether import_deals() makes deals: then the deals'' triggers leave to it what it does for all of them at once. Only '
    'functions of jiayi_auth can say so.';
GRANT EXECUTE ON FUNCTION importing() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION import_deals(rows jsonb, source text, zone text, currency text) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    people  jsonb := import_members(rows, 'owner');
    vendors jsonb := (SELECT coalesce(jsonb_object_agg(n.slug, vendor_by_slug(n.slug)), '{}')
        FROM import_named(rows, 'vendor') AS n(slug));
    stages  jsonb := import_stages(rows);
    losses  jsonb := (SELECT coalesce(jsonb_object_agg(n.code, deal_lost_for(me_company(), n.code)), '{}')
        FROM import_named(rows, 'lost_code') AS n(code));
    firms   jsonb;
    names   jsonb;
    wrong   record;
    ids     bigint[];
BEGIN
    SELECT x.* INTO wrong FROM (
        SELECT r.*, p.place ->> 1 AS outcome, import_moment(r.created, zone, 'created') AS began,
               import_moment(r.closed, zone, 'closed') AS ended
        FROM jsonb_to_recordset(rows) AS r(line int, stage text, reason text, amount numeric, lost_code text,
                 lost_to text, created text, closed text),
             LATERAL (SELECT stages -> coalesce(r.stage, '')) AS p(place)) AS x
    WHERE (x.outcome = 'lost' AND x.reason IS NULL) OR (x.outcome = 'won' AND coalesce(x.amount, 0) = 0)
       OR (x.outcome <> 'lost' AND (x.lost_code IS NOT NULL OR x.lost_to IS NOT NULL))
       OR (x.outcome = 'open' AND x.ended IS NOT NULL) OR x.ended < x.began
    ORDER BY x.line LIMIT 1;
    IF wrong.outcome = 'lost' AND wrong.reason IS NULL THEN
        PERFORM refuse('JY003', 'a deal that is lost needs a reason; give one in the column reason',
            field => 'reason');
    ELSIF wrong.outcome = 'won' AND coalesce(wrong.amount, 0) = 0 THEN
        PERFORM refuse('JY003', 'a deal that is won needs an amount of more than 0', field => 'amount');
    ELSIF wrong.outcome <> 'lost' AND (wrong.lost_code IS NOT NULL OR wrong.lost_to IS NOT NULL) THEN
        PERFORM refuse('JY003', 'only a deal that is lost has a reason of loss', field => 'lost_code');
    ELSIF wrong.outcome = 'open' AND wrong.ended IS NOT NULL THEN
        PERFORM refuse('JY003', 'a deal that is neither won nor lost was not closed', field => 'closed');
    ELSIF wrong.line IS NOT NULL THEN
        PERFORM refuse('JY003', 'it was closed before it was created', field => 'closed');
    END IF;
    SELECT customers_by_name(array_agg(e.value ->> 'customer' ORDER BY e.n),
        array_agg(coalesce((people ->> (e.value ->> 'owner'))::bigint, me_member()) ORDER BY e.n)) INTO firms
    FROM jsonb_array_elements(rows) WITH ORDINALITY AS e(value, n);
    -- Who renames one of them is waited for; that nobody merges them, import_put() saw to.
    SELECT jsonb_object_agg(c.id, c.name) INTO names FROM (
        SELECT c.id, c.name FROM customer AS c
        WHERE c.id = ANY (ARRAY(SELECT DISTINCT f.value::bigint FROM jsonb_each_text(firms) AS f)) ORDER BY c.id FOR SHARE) AS c;
    PERFORM set_config('jiayi.deciding_on_all', 'import', true);
    WITH given AS MATERIALIZED (
        SELECT row_number() OVER (ORDER BY r.line) AS n, r.*, (firms ->> r.customer)::bigint AS firm,
            stages -> coalesce(r.stage, '') AS place, import_moment(r.created, zone, 'created') AS began,
            import_moment(r.closed, zone, 'closed') AS ended,
            CASE WHEN r.amount IS NOT NULL THEN coalesce(r.currency, import_deals.currency) END AS money
        FROM jsonb_to_recordset(rows) AS r(line int, title text, customer text, amount text, currency text, stage text,
            reason text, lost_code text, lost_to text, owner text, vendor text, close_on date, contact text, created text,
            closed text)
    ), made AS (
        INSERT INTO deal (company_id, title, customer_id, customer_name, amount, currency, owner_id, vendor_id, stage, outcome,
            lost_code, lost_to, close_on, contact_id, created_at, closed_at)
        SELECT me_company(), r.title, r.firm, names ->> r.firm::text, money_exact(r.amount, r.money, c.minor_units), r.money,
            coalesce((people ->> r.owner)::bigint, me_member()), (vendors ->> r.vendor)::bigint, r.place ->> 0, r.place ->> 1,
            losses ->> r.lost_code, r.lost_to, r.close_on,
            CASE WHEN r.contact IS NOT NULL THEN import_contact_meant(r.contact, r.firm, source) END,
            coalesce(r.began, r.ended, now()),
            CASE WHEN r.place ->> 1 <> 'open' THEN coalesce(r.ended, r.began, now()) END
        FROM given AS r LEFT JOIN currency AS c ON c.code = upper(r.money)
        ORDER BY r.n
        RETURNING *
    ), numbered AS (
        SELECT row_number() OVER (ORDER BY m.id) AS n, m.* FROM made AS m
    ), history AS (
        INSERT INTO deal_stage (deal_id, seq, company_id, author_company_id, stage, entered_at, member_id, reason, owner_id,
            outcome, closed_at, vendor_id, amount, currency, counted_on, lost_code, lost_to)
        SELECT d.id, d.version, d.company_id, d.company_id, d.stage, d.updated_at, me_member(),
            CASE d.outcome WHEN 'lost' THEN r.reason END, d.owner_id, d.outcome, d.closed_at, d.vendor_id, d.amount, d.currency,
            (d.updated_at AT TIME ZONE zone)::date, d.lost_code, d.lost_to
        FROM numbered AS d JOIN given AS r ON r.n = d.n ORDER BY d.n
    ), pulse AS (
        INSERT INTO deal_pulse (deal_id, company_id, deal_company_id, shared_span, member_id, open, stage_on, stay_days, touch_by,
            customer_id, customer_owner_id)
        SELECT d.id, w.side, d.company_id, d.shared_span, w.who, d.outcome = 'open', w.day, s.max_days, w.day + coalesce(s.max_days, 14),
            w.customer_id, w.customer_owner_id
        FROM made AS d JOIN stage AS s ON s.company_id = d.company_id AND s.name = d.stage JOIN customer AS c ON c.id = d.customer_id,
        LATERAL (
            SELECT d.company_id AS side, d.owner_id AS who, (d.updated_at AT TIME ZONE zone)::date AS day, c.id AS customer_id,
                coalesce(c.owner_id, 0) AS customer_owner_id
            UNION ALL
            SELECT d.vendor_id, NULL, company_day(d.vendor_id, d.updated_at), NULL, NULL WHERE d.vendor_id IS NOT NULL) AS w
    )
    SELECT array_agg(m.id ORDER BY m.id) INTO ids FROM made AS m;
    PERFORM set_config('jiayi.deciding_on_all', '', true);
    RETURN ids;
END
$$;
COMMENT ON FUNCTION import_deals(jsonb, text, text, text) IS 'Makes deals of rows, DealRows; their numbers.';
GRANT EXECUTE ON FUNCTION import_deals(jsonb, text, text, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION import_followups(rows jsonb, source text, zone text) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    deals  jsonb := import_deals_meant(rows, source);
    firms  jsonb := (SELECT jsonb_object_agg(n.name, import_customer_meant(n.name, source))
        FROM import_named(rows, 'customer') AS n(name));
    people jsonb := import_members(rows, 'member');
    wrong  record;
    ids    bigint[];
BEGIN
    SELECT r.deal, d.customer_name INTO wrong FROM jsonb_to_recordset(rows) AS r(line int, deal text, customer text)
    JOIN deal AS d ON d.id = (deals ->> r.deal)::bigint AND d.customer_id <> (firms ->> r.customer)::bigint
    ORDER BY r.line LIMIT 1;
    IF wrong.deal IS NOT NULL THEN
        PERFORM refuse('JY003', 'the deal %s is with %s', ROW(wrong.deal, wrong.customer_name), field => 'customer');
    END IF;
    WITH made AS (
        INSERT INTO activity (deal_id, customer_id, company_id, member_id, kind, text, happened_at, next_step, due_on, outcome,
            audience, contact_id)
        SELECT (deals ->> r.deal)::bigint, CASE WHEN r.deal IS NULL THEN (firms ->> r.customer)::bigint END, me_company(), coalesce((people ->> r.member)::bigint, me_member()),
            coalesce(r.kind, 'note'), r.text, coalesce(import_moment(r.at, zone, 'at'), clock_timestamp()), r.next,
            r.due, r.outcome, CASE WHEN r.internal THEN 'internal' ELSE 'shared' END,
            CASE WHEN r.contact IS NOT NULL THEN import_contact_meant(r.contact, coalesce((firms ->> r.customer)::bigint,
                (SELECT d.customer_id FROM deal AS d WHERE d.id = (deals ->> r.deal)::bigint)), source) END
        FROM jsonb_to_recordset(rows) AS r(line int, contact text, deal text, customer text, kind text, text text, at text, member text, next text,
            due date, outcome text, internal boolean)
        ORDER BY r.line
        RETURNING id
    )
    SELECT array_agg(m.id ORDER BY m.id) INTO ids FROM made AS m;
    RETURN ids;
END
$$;
COMMENT ON FUNCTION import_followups(jsonb, text, text) IS 'Logs the follow-ups of rows, FollowupRows; their numbers.';
GRANT EXECUTE ON FUNCTION import_followups(jsonb, text, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION import_tasks(rows jsonb, source text, zone text) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    deals  jsonb := import_deals_meant(rows, source);
    people jsonb := import_members(rows, 'owner');
    wrong  record;
    ids    bigint[];
BEGIN
    SELECT x.* INTO wrong FROM (
        SELECT r.*, import_moment(r.created, zone, 'created') AS began, import_moment(r.done, zone, 'done') AS ended
        FROM jsonb_to_recordset(rows) AS r(line int, state text, created text, done text)) AS x
    WHERE (x.ended IS NOT NULL AND x.state <> 'done') OR x.ended < x.began
    ORDER BY x.line LIMIT 1;
    IF wrong.state <> 'done' THEN
        PERFORM refuse('JY003', 'a task that is %s was not done', ROW(word('task', wrong.state)), field => 'done');
    ELSIF wrong.line IS NOT NULL THEN
        PERFORM refuse('JY003', 'it was done before it was created', field => 'done');
    END IF;
    WITH made AS (
        INSERT INTO task (company_id, kind, on_kind, on_id, title, text, assignee_id, required, due_on, state,
            state_since, done_by, done_at, created_by, created_at, updated_at)
        SELECT me_company(), coalesce(r.kind, 'todo'), CASE WHEN r.deal IS NOT NULL THEN kind('deal') END,
            (deals ->> r.deal)::bigint, r.title, r.text, r.owner, coalesce(r.required, false), r.due, r.state,
            coalesce(r.ended, r.began), CASE WHEN r.ended IS NOT NULL THEN r.owner END, r.ended, me_member(), r.began,
            coalesce(r.ended, r.began)
        FROM (SELECT r.line, r.kind, r.deal, r.title, r.text, r.owner, r.required, r.due, r.state, r.began,
                  CASE WHEN r.state = 'done' THEN coalesce(r.ended, r.began) END AS ended
              FROM (SELECT r.line, r.kind, r.deal, r.title, r.text, r.required, r.due, m.ended,
                        coalesce((people ->> r.owner)::bigint, me_member()) AS owner,
                        coalesce(r.state, CASE WHEN m.ended IS NULL THEN 'open' ELSE 'done' END) AS state,
                        coalesce(import_moment(r.created, zone, 'created'), m.ended, clock_timestamp()) AS began
                    FROM jsonb_to_recordset(rows) AS r(line int, title text, text text, kind text, deal text,
                        owner text, due date, state text, done text, required boolean, created text),
                        LATERAL (SELECT import_moment(r.done, zone, 'done')) AS m(ended)
                    OFFSET 0) AS r) AS r
        ORDER BY r.line
        RETURNING id
    )
    SELECT array_agg(m.id ORDER BY m.id) INTO ids FROM made AS m;
    RETURN ids;
END
$$;
COMMENT ON FUNCTION import_tasks(jsonb, text, text) IS 'Makes tasks of rows, TaskRows; their numbers.';
GRANT EXECUTE ON FUNCTION import_tasks(jsonb, text, text) TO jiayi_auth;

-- One after the other: several may be of one line, of which the last is what was reached.
CREATE OR REPLACE FUNCTION import_kpi_records(rows jsonb) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    people jsonb := import_members(rows, 'member');
    r      jsonb;
    k      kpi;
    who    bigint;
    line   bigint;
    made   bigint;
    ids    bigint[];
BEGIN
    FOR r IN SELECT e.value FROM jsonb_array_elements(rows) AS e LOOP
        who := coalesce((people ->> (r ->> 'member'))::bigint, me_member());
        SELECT * INTO k FROM kpi AS x WHERE x.company_id = me_company() AND x.code = r ->> 'code';
        IF k.id IS NULL THEN
            INSERT INTO kpi (company_id, code, name, unit, period, direction)
            VALUES (me_company(), r ->> 'code', coalesce(r ->> 'name', r ->> 'code'),
                coalesce(r ->> 'unit', r ->> 'code'), period_kind(r ->> 'period'), coalesce(r ->> 'direction', 'up'))
            ON CONFLICT DO NOTHING;
            SELECT * INTO k FROM kpi AS x WHERE x.company_id = me_company() AND x.code = r ->> 'code';
        END IF;
        PERFORM kpi_check_period(k, r ->> 'period');
        INSERT INTO kpi_line (kpi_id, company_id, period, member_id)
            VALUES (k.id, k.company_id, r ->> 'period', who) ON CONFLICT DO NOTHING;
        SELECT l.id INTO line FROM kpi_line AS l
        WHERE l.kpi_id = k.id AND l.period = r ->> 'period' AND l.member_id = who FOR NO KEY UPDATE;
        INSERT INTO kpi_record (line_id, company_id, value, text, member_id)
        VALUES (line, k.company_id, (r ->> 'value')::numeric, r ->> 'text', me_member()) RETURNING id INTO made;
        UPDATE kpi_line AS l SET actual = (r ->> 'value')::numeric, text = r ->> 'text', recorded_by = me_member(),
            recorded_at = clock_timestamp() WHERE l.id = line;
        ids := ids || made;
    END LOOP;
    RETURN ids;
END
$$;
COMMENT ON FUNCTION import_kpi_records(jsonb) IS
    'Records what rows say was reached, KpiRows; the records'' numbers. A KPI is made where there is none of that code.';
GRANT EXECUTE ON FUNCTION import_kpi_records(jsonb) TO jiayi_auth;

CREATE OR REPLACE FUNCTION import_rates(rows jsonb) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    WITH made AS (
        INSERT INTO rate (company_id, from_currency, to_currency, day, rate, source, member_id)
        SELECT me_company(), currency_known(r."from", 'from'), currency_known(r."to", 'to'), r.day, rate_read(r.rate),
            r.source, me_member()
        FROM jsonb_to_recordset(rows) AS r(line int, "from" text, "to" text, day date, rate text, source text)
        ORDER BY r.line
        RETURNING id
    )
    SELECT array_agg(m.id ORDER BY m.id) INTO ids FROM made AS m;
    RETURN ids;
END
$$;
COMMENT ON FUNCTION import_rates(jsonb) IS 'Gives the rates of rows, RateRows; their numbers.';
GRANT EXECUTE ON FUNCTION import_rates(jsonb) TO jiayi_auth;

CREATE OR REPLACE FUNCTION import_new(i import, rows jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    twice jsonb;
    fresh jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_array(k.other, k.name) ORDER BY k.line) FILTER (WHERE k.r ? 'key' AND k.other IS NOT NULL),
           jsonb_agg(k.r || jsonb_build_object('key', k.name) ORDER BY k.line) FILTER (WHERE NOT k.there AND k.first = k.line)
    INTO twice, fresh
    FROM (SELECT s.*, x.on_id IS NOT NULL AS there,
              nullif(CASE WHEN x.on_id IS NULL THEN s.first WHEN x.import_id = i.id THEN x.line END, s.line) AS other
          FROM (SELECT s.*, min(s.line) OVER (PARTITION BY s.name) AS first
                FROM (SELECT e.value AS r, (e.value ->> 'line')::int AS line,
                             coalesce(e.value ->> 'key', '#' || sha256_hex((e.value - 'line')::text)) AS name
                      FROM jsonb_array_elements(rows) AS e) AS s) AS s
          LEFT JOIN external_ref AS x ON x.company_id = i.company_id AND x.kind = i.kind AND x.source = i.source
              AND x.key = s.name) AS k;
    IF twice IS NOT NULL THEN
        PERFORM refuse('JY003', 'line %s has the key %s as well', ROW((twice -> 0 ->> 0)::int, twice -> 0 ->> 1),
            field => 'key');
    END IF;
    RETURN coalesce(fresh, '[]');
END
$$;
COMMENT ON FUNCTION import_new(import, jsonb) IS
    'Those of an import''s rows that are not there yet, each with its key: what the source calls it, or else a digest '
    'of all that it says. The call ends where two lines have the same key.';
GRANT EXECUTE ON FUNCTION import_new(import, jsonb) TO jiayi_auth;

CREATE OR REPLACE FUNCTION import_rows(i import, rows jsonb, zone text, money text, OUT applied int, OUT skipped int)
LANGUAGE plpgsql AS $$
DECLARE
    fresh jsonb := import_new(i, rows);
    there int := 0;
    ids   bigint[];
BEGIN
    skipped := jsonb_array_length(rows) - jsonb_array_length(fresh);
    applied := jsonb_array_length(fresh);
    IF applied = 0 THEN
        RETURN;
    END IF;
    CASE i.kind
    WHEN 'customers' THEN
        SELECT c.ids, c.there INTO ids, there FROM import_customers(fresh, zone) AS c;
    WHEN 'contacts' THEN ids := import_contacts(fresh, i.source);
    WHEN 'deals' THEN ids := import_deals(fresh, i.source, zone, money);
    WHEN 'followups' THEN ids := import_followups(fresh, i.source, zone);
    WHEN 'tasks' THEN ids := import_tasks(fresh, i.source, zone);
    WHEN 'kpi_records' THEN ids := import_kpi_records(fresh);
    WHEN 'rates' THEN ids := import_rates(fresh);
    END CASE;
    INSERT INTO external_ref (company_id, kind, source, key, on_id, import_id, line)
    SELECT i.company_id, i.kind, i.source, e.value ->> 'key', ids[e.n], i.id, (e.value ->> 'line')::int
    FROM jsonb_array_elements(fresh) WITH ORDINALITY AS e(value, n);
    applied := applied - there;
    skipped := skipped + there;
END
$$;
COMMENT ON FUNCTION import_rows(import, jsonb, text, text) IS
    'Makes of rows what they say, of those that are not there already. What is known is left as it is.';
GRANT EXECUTE ON FUNCTION import_rows(import, jsonb, text, text) TO jiayi_auth;

-- All rows in one go: a subtransaction for each would cost the other transactions, which look through
-- them, as well. Only where one is wrong they are tried one by one, to tell all that is wrong.
CREATE OR REPLACE FUNCTION import_try(i import, rows jsonb, OUT applied int, OUT skipped int,
    OUT errors jsonb)
LANGUAGE plpgsql AS $$
DECLARE
    r       jsonb;
    failed  text;
    said    text;
    more    text;
    broken  text;
    "column" text;
    zone    text := company_zone(i.company_id);
    money   text := company_currency(i.company_id);
BEGIN
    BEGIN
        SELECT x.applied, x.skipped INTO applied, skipped FROM import_rows(i, rows, zone, money) AS x;
        -- Nobody is told: what the triggers wrote for that in this transaction goes again.
        DELETE FROM event AS e WHERE e.xid = pg_current_xact_id() AND e.position IS NULL;
        IF i.dry_run THEN
            RAISE EXCEPTION USING ERRCODE = 'JYDRY';
        END IF;
        RETURN;
    EXCEPTION
        WHEN SQLSTATE 'JYDRY' THEN
            RETURN;
        WHEN OTHERS THEN
            IF SQLSTATE !~ '^(JY|22|23)' THEN
                RAISE;
            END IF;
    END;
    BEGIN
        FOR r IN SELECT e.value FROM jsonb_array_elements(rows) AS e LOOP
            BEGIN
                PERFORM import_rows(i, jsonb_build_array(r), zone, money);
            EXCEPTION WHEN OTHERS THEN
                GET STACKED DIAGNOSTICS failed = RETURNED_SQLSTATE, said = MESSAGE_TEXT, more = PG_EXCEPTION_DETAIL,
                    broken = CONSTRAINT_NAME, "column" = COLUMN_NAME;
                IF failed !~ '^(JY|22|23)' THEN
                    RAISE;
                END IF;
                errors := coalesce(errors, '[]') || jsonb_build_array(jsonb_strip_nulls(jsonb_build_object(
                    'line', (r ->> 'line')::int,
                    'field', coalesce(CASE WHEN failed LIKE 'JY%' THEN nullif(more, '')::jsonb ->> 'field' END,
                        nullif("column", '')),
                    'message', jsonb_build_object('sqlstate', failed, 'message', said, 'detail', more,
                        'constraint', nullif(broken, ''))::text)));
            END;
        END LOOP;
        RAISE EXCEPTION USING ERRCODE = 'JYDRY';
    EXCEPTION WHEN SQLSTATE 'JYDRY' THEN
        applied := 0;
        skipped := 0;
    END;
    IF errors IS NULL THEN
        -- What was wrong a moment ago is right now, such as a name that somebody else just made.
        PERFORM refuse('JY010', 'somebody else changed the same things; send these rows again');
    END IF;
END
$$;
COMMENT ON FUNCTION import_try(import, jsonb) IS
    'Makes of rows what they say, all of them or none: then errors has what is wrong in which line. Of a '
    'dry run nothing stays.';
GRANT EXECUTE ON FUNCTION import_try(import, jsonb) TO jiayi_auth;

CREATE OR REPLACE FUNCTION import_put(import_id bigint, rows jsonb, kind text, last_line int, left_out int,
    OUT id bigint, OUT applied int, OUT skipped int, OUT errors jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    i    import;
    last int;
BEGIN
    -- Who puts rows into it at the same time waits, and then finds which lines are done.
    SELECT x.* INTO i FROM import AS x WHERE x.id = import_id AND x.company_id = me_company()
        AND me_permission() = 'data.import' FOR UPDATE;
    IF i.id IS NULL THEN
        PERFORM refuse('JY005', 'there is no %s %s that you can see', ROW(word('object', 'import'), import_id));
    ELSIF i.state <> 'running' THEN
        PERFORM refuse('JY009', 'import %s is done; nothing more comes into it', ROW(i.id));
    ELSIF i.kind <> kind THEN
        PERFORM refuse('JY003', 'the rows of import %s are %s, not %s', ROW(i.id, word('import kind', i.kind),
            word('import kind', kind)), field => kind);
    END IF;
    PERFORM import_check(i.kind);
    -- It holds many customers: nobody merges them, or hands them over, meanwhile.
    PERFORM FROM company AS c WHERE c.id = me_company() FOR SHARE;
    last := greatest(last_line, (SELECT max((e.value ->> 'line')::int) FROM jsonb_array_elements(rows) AS e));
    SELECT t.applied, t.skipped, t.errors INTO applied, skipped, errors
    FROM import_try(i, (SELECT coalesce(jsonb_agg(e.value), '[]') FROM jsonb_array_elements(rows) AS e
        WHERE (e.value ->> 'line')::int > i.last_line)) AS t;
    IF errors IS NULL AND last > i.last_line THEN
        UPDATE import AS x SET applied = x.applied + import_put.applied, skipped = x.skipped + import_put.skipped,
            failed = x.failed + coalesce(left_out, 0), last_line = last WHERE x.id = i.id;
    END IF;
    id := i.id;
END
$$;
COMMENT ON FUNCTION import_put(bigint, jsonb, text, int, int) IS
    'Puts rows into an import of the caller''s company, all of them or none, but for lines that came in '
    'before; what is wrong is in errors. left_out: so many others were not sent, for they are wrong.';
GRANT EXECUTE ON FUNCTION import_put(bigint, jsonb, text, int, int) TO jiayi_app;

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION import_shown(i import) RETURNS TABLE (
    id bigint, kind text, source text, name text, sha256 text, dry_run boolean, state text, total int,
    applied int, skipped int, failed int, last_line int, member text, began_at timestamptz,
    ended_at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT i.id, i.kind, i.source, i.name, encode(i.sha256, 'hex'), nullif(i.dry_run, false), i.state, i.total,
           i.applied, i.skipped, i.failed, i.last_line,
           CASE i.member_id WHEN jiayi.me_member() THEN jiayi.me_email() ELSE jiayi.email_of(i.member_id) END,
           i.began_at, i.ended_at
$$;
COMMENT ON FUNCTION import_shown(import) IS 'An import as calls answer it.';
GRANT EXECUTE ON FUNCTION import_shown(import) TO jiayi_app;

CREATE OR REPLACE FUNCTION import_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.state <> OLD.state THEN
        PERFORM check_transition('import', '', OLD.id::text, OLD.state, NEW.state, 'author');
        NEW.ended_at := clock_timestamp();
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION import_guard() IS 'Trigger: an import that is done stays done.';

---- Tables

CALL protect('import', 'id');
CALL shape('import', 'house', noun => 'data', changes => true);
GRANT SELECT ON import TO jiayi_app;
GRANT INSERT (company_id, kind, source, name, sha256, dry_run, total, member_id), UPDATE (state, failed)
    ON import TO jiayi_app;
CALL open_to_auth('import', 'SELECT, UPDATE');
CREATE TRIGGER guard BEFORE UPDATE ON import FOR EACH ROW EXECUTE FUNCTION import_guard();

-- What is imported is in the log; that it was imported, the import itself says.
CALL protect('external_ref', NULL);
CALL shape('external_ref', 'house', noun => 'data');
GRANT SELECT ON external_ref TO jiayi_app;
CALL open_to_auth('external_ref', 'SELECT, INSERT');
