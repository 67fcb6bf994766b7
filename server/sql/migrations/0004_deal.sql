-- Pipelines, customers, deals, their history and their follow-ups.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- Money

CREATE TABLE currency (
    code        text PRIMARY KEY CHECK (code ~ '^[A-Z]{3}$'),
    minor_units int NOT NULL CHECK (minor_units BETWEEN 0 AND 4)
);
COMMENT ON TABLE currency IS 'The active currencies of ISO 4217. Everybody may read it.';
COMMENT ON COLUMN currency.code IS 'The code, such as CNY.';
COMMENT ON COLUMN currency.minor_units IS 'Decimals of an amount.';
INSERT INTO currency (code, minor_units)
SELECT code, 2 FROM unnest(string_to_array(
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP '
    'BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR '
    'FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR '
    'KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV '
    'MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR '
    'SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH '
    'USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG', ' ')) AS code
UNION ALL
SELECT code, 0 FROM unnest(string_to_array(
    'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF', ' ')) AS code
UNION ALL
SELECT code, 3 FROM unnest(string_to_array('BHD IQD JOD KWD LYD OMR TND', ' ')) AS code
UNION ALL
SELECT code, 4 FROM unnest(string_to_array('CLF UYW', ' ')) AS code;
CALL protect('currency', 'code', '');
CREATE POLICY everybody ON currency FOR SELECT TO jiayi_app USING (true);
GRANT SELECT ON currency TO jiayi_app;

CREATE FUNCTION money(amount text, currency text) RETURNS numeric LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    units int;
    exact numeric;
BEGIN
    IF amount IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT c.minor_units INTO units FROM currency AS c WHERE c.code = upper(money.currency);
    IF units IS NULL THEN
        PERFORM refuse('JY003', format('unknown currency %s; give an ISO 4217 code such as CNY',
            currency), 'field=amount.currency');
    END IF;
    exact := amount::numeric;
    IF exact <> round(exact, units) THEN
        PERFORM refuse('JY003', format('%s has %s decimals; the amount has more', upper(currency),
            units), 'field=amount.amount');
    ELSIF exact < 0 OR exact >= 1e15 THEN
        PERFORM refuse('JY003', 'the amount must be between 0 and 999999999999999',
            'field=amount.amount');
    END IF;
    RETURN round(exact, units);
END
$$;
COMMENT ON FUNCTION money(text, text) IS
    'An amount with as many decimals as its currency has; NULL for NULL; the call ends where it '
    'has more.';

---- Pipelines

CREATE TABLE stage (
    company_id    bigint NOT NULL REFERENCES company,
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    title         text NOT NULL CHECK (length(title) BETWEEN 1 AND 100),
    position      int NOT NULL,
    outcome       text NOT NULL DEFAULT 'open' CHECK (outcome IN ('open', 'won', 'lost')),
    goal          text,
    probability   int CHECK (probability BETWEEN 0 AND 100),
    max_days      int CHECK (max_days > 0),
    tasks         text[],
    exit_criteria text,
    script        text,
    PRIMARY KEY (company_id, name),
    UNIQUE (company_id, position)
);
COMMENT ON TABLE stage IS
    'A stage of a company''s pipeline. Its members see it, and its vendors in an active '
    'partnership.';
COMMENT ON COLUMN stage.company_id IS 'The company.';
COMMENT ON COLUMN stage.name IS 'The code that commands use, such as quoted.';
COMMENT ON COLUMN stage.title IS 'The name for people, in the company''s language.';
COMMENT ON COLUMN stage.position IS
    'The place in the pipeline, from 1; a new deal is in the first.';
COMMENT ON COLUMN stage.outcome IS 'open, or how a deal in it ended: won or lost.';
COMMENT ON COLUMN stage.goal IS 'What is to be reached in it.';
COMMENT ON COLUMN stage.probability IS 'How likely a deal in it is to be won, in percent.';
COMMENT ON COLUMN stage.max_days IS 'The longest that a deal normally stays in it, in days.';
COMMENT ON COLUMN stage.tasks IS 'What is to be done in it.';
COMMENT ON COLUMN stage.exit_criteria IS 'When it is done.';
COMMENT ON COLUMN stage.script IS 'What to say in it.';
CALL protect('stage', 'company_id,name');
CREATE POLICY visible ON stage FOR SELECT TO jiayi_app
    USING (company_id = me_company()
           OR company_id = ANY ((SELECT me_principals())::bigint[]));
GRANT SELECT ON stage TO jiayi_app;
CALL open_to_auth('stage', 'SELECT, INSERT');

CREATE FUNCTION pipeline_default() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO jiayi.stage (company_id, name, title, position, outcome, goal, probability,
        max_days) VALUES
        (NEW.id, 'new', '新线索', 1, 'open', 'Learn whether there is a need, and who decides.', 10, 3),
        (NEW.id, 'contacted', '已联系', 2, 'open', 'Understand the need, the budget and the time.', 20,
            7),
        (NEW.id, 'quoted', '已报价', 3, 'open', 'Have the customer judge a written offer.', 40, 14),
        (NEW.id, 'negotiating', '谈单中', 4, 'open', 'Agree on scope, price and terms.', 60, 21),
        (NEW.id, 'deciding', '待决策', 5, 'open', 'Help those who decide to say yes.', 80, 14),
        (NEW.id, 'won', '已成交', 6, 'won', 'Deliver what was promised.', 100, NULL),
        (NEW.id, 'lost', '流失', 7, 'lost', 'Know why, and stay in touch.', 0, NULL);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION pipeline_default() IS 'Trigger: a new company has the default pipeline.';
CREATE TRIGGER pipeline AFTER INSERT ON company FOR EACH ROW
    WHEN (NOT NEW.is_system) EXECUTE FUNCTION pipeline_default();

CREATE FUNCTION stage_known(name text) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM stage AS s WHERE s.name = stage_known.name) THEN
        PERFORM refuse('JY003', format('unknown stage %s; the stages are %s', name,
                (SELECT string_agg(s.name, ', ' ORDER BY s.position) FROM stage AS s
                    WHERE s.company_id = me_company())), 'field=stage');
    END IF;
    RETURN name;
END
$$;
COMMENT ON FUNCTION stage_known(text) IS
    'The name itself, if it is a stage that the caller sees; the call ends where it is none.';

---- Customers and deals

CREATE TABLE customer (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint NOT NULL REFERENCES company,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (company_id, id),
    CONSTRAINT customer_name_unique UNIQUE (company_id, name)
);
COMMENT ON TABLE customer IS
    'A customer of a company. Its members see it; a vendor sees those of the deals that are '
    'shared with it.';
COMMENT ON COLUMN customer.id IS 'The customer''s number.';
COMMENT ON COLUMN customer.company_id IS 'The company whose customer it is.';
COMMENT ON COLUMN customer.name IS 'The name.';
COMMENT ON COLUMN customer.created_at IS 'When it was first named.';

CREATE TABLE deal (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id   bigint NOT NULL REFERENCES company,
    title        text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    customer_id  bigint NOT NULL,
    stage        text NOT NULL,
    outcome      text NOT NULL,
    stage_reason text CHECK (length(stage_reason) <= 500),
    amount       numeric CHECK (amount >= 0),
    currency     text REFERENCES currency,
    owner_id     bigint NOT NULL,
    vendor_id    bigint,
    version      int NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    closed_at    timestamptz,
    CONSTRAINT deal_customer FOREIGN KEY (company_id, customer_id)
        REFERENCES customer (company_id, id),
    CONSTRAINT deal_stage FOREIGN KEY (company_id, stage) REFERENCES stage (company_id, name),
    CONSTRAINT deal_owner FOREIGN KEY (company_id, owner_id) REFERENCES member (company_id, id),
    CONSTRAINT deal_vendor FOREIGN KEY (company_id, vendor_id) REFERENCES partnership (principal_id,
        vendor_id),
    CONSTRAINT deal_amount_currency CHECK ((amount IS NULL) = (currency IS NULL)),
    CONSTRAINT deal_won_amount CHECK (outcome <> 'won' OR amount IS NOT NULL),
    CONSTRAINT deal_lost_reason CHECK (outcome <> 'lost' OR stage_reason IS NOT NULL)
);
COMMENT ON TABLE deal IS
    'A sale on its way. In its company those see it whose deal.read reaches its owner; the '
    'vendor''s members see it while the partnership is active.';
COMMENT ON COLUMN deal.id IS 'The deal''s number.';
COMMENT ON COLUMN deal.company_id IS 'The company that it belongs to; never changes.';
COMMENT ON COLUMN deal.title IS 'What it is about.';
COMMENT ON COLUMN deal.customer_id IS 'The customer, of the same company.';
COMMENT ON COLUMN deal.stage IS 'The stage of the company''s pipeline that it is in.';
COMMENT ON COLUMN deal.outcome IS 'stage.outcome, copied: open, won or lost.';
COMMENT ON COLUMN deal.stage_reason IS 'Why it came into this stage.';
COMMENT ON COLUMN deal.amount IS
    'What it is worth, with the currency''s decimals; NULL: not known yet.';
COMMENT ON COLUMN deal.currency IS 'The amount''s currency.';
COMMENT ON COLUMN deal.owner_id IS 'The member responsible, of the same company.';
COMMENT ON COLUMN deal.vendor_id IS 'The vendor that it is shared with; NULL: none.';
COMMENT ON COLUMN deal.version IS 'Counts the changes, from 1.';
COMMENT ON COLUMN deal.created_at IS 'When it was created.';
COMMENT ON COLUMN deal.updated_at IS 'When it was last changed.';
COMMENT ON COLUMN deal.closed_at IS 'When it was won or lost; NULL while it is open.';
-- Lists, each from the newest on: of an owner (in a stage), of a company (in a stage), shared with
-- a vendor.
CREATE INDEX deal_of_owner ON deal (company_id, owner_id, stage, id DESC);
CREATE INDEX deal_in_stage ON deal (company_id, stage, id DESC);
CREATE INDEX deal_of_company ON deal (company_id, id DESC);
CREATE INDEX deal_of_vendor ON deal (vendor_id, id DESC) WHERE vendor_id IS NOT NULL;
-- Whether a customer is that of a shared deal, in a policy.
CREATE INDEX deal_shared_customer ON deal (customer_id, vendor_id) WHERE vendor_id IS NOT NULL;

CALL protect('deal', 'id');
CREATE POLICY visible ON deal FOR SELECT TO jiayi_app
    USING (CASE
        WHEN company_id = me_company() THEN
            me_sight() & 4 <> 0
            OR (owner_id = me_member() AND me_sight() & 1 <> 0)
            OR (me_sight() & 2 <> 0
                AND owner_id = ANY ((SELECT me_team())::bigint[]))
        WHEN vendor_id = me_company() THEN
            me_sight() & 8 <> 0
            AND company_id = ANY ((SELECT me_principals())::bigint[])
        ELSE false END);
CREATE POLICY own_insert ON deal FOR INSERT TO jiayi_app WITH CHECK (company_id = me_company());
-- What may be changed of what is seen, the trigger says: there it can be refused with a reason.
CREATE POLICY sides_update ON deal FOR UPDATE TO jiayi_app
    USING (company_id = me_company()
           OR (vendor_id = me_company()
               AND company_id = ANY ((SELECT me_principals())::bigint[])));
GRANT SELECT ON deal TO jiayi_app;
GRANT INSERT (company_id, title, customer_id, amount, currency, owner_id, vendor_id),
      UPDATE (title, customer_id, stage, stage_reason, amount, currency, owner_id, vendor_id)
          ON deal TO jiayi_app;

CALL protect('customer', 'id');
CREATE FUNCTION customer_shared(id bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM jiayi.deal AS d WHERE d.customer_id = customer_shared.id
        AND d.vendor_id = jiayi.me_company());
END
$$;
COMMENT ON FUNCTION customer_shared(bigint) IS
    'Whether the caller sees a deal with that customer that is shared with the caller''s company.';
GRANT EXECUTE ON FUNCTION customer_shared(bigint) TO jiayi_app;
CREATE POLICY visible ON customer FOR SELECT TO jiayi_app USING (company_id = me_company()
    OR customer_shared(id));
CREATE POLICY own_insert ON customer FOR INSERT TO jiayi_app WITH CHECK (company_id = me_company());
GRANT SELECT ON customer TO jiayi_app;
GRANT INSERT (company_id, name) ON customer TO jiayi_app;

CREATE FUNCTION customer_by_name(name text) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found bigint;
BEGIN
    IF name IS NULL THEN
        RETURN NULL;
    END IF;
    LOOP
        SELECT c.id INTO found FROM customer AS c WHERE c.company_id = me_company()
               AND c.name = btrim(customer_by_name.name);
        IF found IS NULL THEN
            INSERT INTO customer (company_id, name) VALUES (me_company(), btrim(customer_by_name.name))
            ON CONFLICT ON CONSTRAINT customer_name_unique DO NOTHING RETURNING id INTO found;
        END IF;
        EXIT WHEN found IS NOT NULL;
    END LOOP;
    RETURN found;
END
$$;
COMMENT ON FUNCTION customer_by_name(text) IS
    'The customer of that name of the caller''s company, made where there is none; NULL for NULL.';

-- VOLATILE, so that it sees the customer that the same statement made.
CREATE FUNCTION customer_name(customer_id bigint) RETURNS text
    LANGUAGE plpgsql VOLATILE STRICT SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT c.name FROM customer AS c WHERE c.id = customer_name.customer_id);
END
$$;
COMMENT ON FUNCTION customer_name(bigint) IS
    'The name of a customer of any company: of a deal that the caller sees.';

-- Put into the calling statement by the planner: no call of its own.
CREATE FUNCTION deal_shown(d deal) RETURNS TABLE (
    id bigint, title text, customer text, stage text, "amount.amount" text, "amount.currency" text,
    owner text, vendor text, company text, version int, created_at timestamptz,
    updated_at timestamptz, closed_at timestamptz, lost_reason text)
LANGUAGE sql STABLE AS $$
    SELECT d.id, d.title, jiayi.customer_name(d.customer_id), d.stage, d.amount::text, d.currency,
           jiayi.email_of(d.owner_id), jiayi.slug_of(d.vendor_id), jiayi.slug_of(d.company_id),
           d.version, d.created_at, d.updated_at, d.closed_at,
           CASE d.outcome WHEN 'lost' THEN d.stage_reason END
$$;
COMMENT ON FUNCTION deal_shown(deal) IS 'A deal as calls answer it.';

-- On the hot path: names in full instead of a search_path, and as few lookups as can be.
CREATE FUNCTION deal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    me     bigint := nullif(current_setting('jiayi.member_id', true), '')::bigint;
    bits   int;
    reopen int;
    verb   text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF me IS NOT NULL AND NOT jiayi.reaches(NEW.owner_id, jiayi.me_scope()) THEN
            RAISE EXCEPTION USING ERRCODE = 'JY007',
                MESSAGE = 'your role lets you create deals for yourself or your team only; '
                          'leave --owner away';
        END IF;
        SELECT s.name, s.outcome INTO NEW.stage, NEW.outcome FROM jiayi.stage AS s
        WHERE s.company_id = NEW.company_id ORDER BY s.position LIMIT 1;
        RETURN NEW;
    END IF;

    IF me IS NOT NULL THEN
        bits := jiayi.me_scope();
        IF NOT (CASE WHEN OLD.company_id = jiayi.me_company() THEN
                         bits & 4 <> 0 OR (OLD.owner_id = me AND bits & 1 <> 0)
                             OR (bits & 2 <> 0 AND jiayi.reaches(OLD.owner_id, 2))
                     ELSE bits & 8 <> 0 END) THEN
            verb := CASE jiayi.me_permission()
                    WHEN 'deal.move' THEN 'move' WHEN 'deal.assign' THEN 'assign' ELSE 'change' END;
            RAISE EXCEPTION USING ERRCODE = 'JY007',
                MESSAGE = format('you may see deal %s but not %s it', OLD.id, verb);
        END IF;
        IF NEW.owner_id <> OLD.owner_id AND NOT jiayi.reaches(NEW.owner_id, bits) THEN
            RAISE EXCEPTION USING ERRCODE = 'JY007',
                MESSAGE = 'your role lets you assign deals within your team only';
        END IF;
    END IF;

    -- Moving is what names a stage: a reason is always given anew.
    IF NEW.stage <> OLD.stage THEN
        SELECT s.outcome INTO NEW.outcome FROM jiayi.stage AS s WHERE s.company_id = NEW.company_id
               AND s.name = NEW.stage;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'JY003', DETAIL = 'field=stage',
                MESSAGE = format('unknown stage %s; the stages are %s', NEW.stage,
                (SELECT string_agg(s.name, ', ' ORDER BY s.position) FROM jiayi.stage AS s
                    WHERE s.company_id = NEW.company_id));
        END IF;
        IF OLD.outcome <> 'open' AND me IS NOT NULL THEN
            SELECT rp.bits INTO reopen FROM jiayi.member AS m
            JOIN jiayi.role_permission AS rp ON rp.role_id = m.role_id
                AND rp.permission = 'deal.reopen' WHERE m.id = me;
            IF reopen IS NULL OR OLD.company_id <> jiayi.me_company()
                OR NOT jiayi.reaches(OLD.owner_id, reopen) THEN
                RAISE EXCEPTION USING ERRCODE = 'JY007',
                    MESSAGE = format('deal %s is %s; moving it out of there needs the permission '
                                     'deal.reopen', OLD.id, OLD.stage);
            END IF;
        END IF;
        IF NEW.outcome = 'lost' AND NEW.stage_reason IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'JY003', DETAIL = 'field=reason',
                MESSAGE = 'losing a deal needs a reason; give one with --reason';
        ELSIF NEW.outcome = 'won' AND NEW.amount IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'JY009',
                MESSAGE = format('deal %s has no amount; winning it needs one: '
                                 'jiayi deal update --amount --currency', OLD.id);
        END IF;
        NEW.closed_at := CASE WHEN NEW.outcome <> 'open' THEN now() END;
    ELSIF me IS NOT NULL AND jiayi.me_permission() = 'deal.move' THEN
        RAISE EXCEPTION USING ERRCODE = 'JY009', MESSAGE = format('deal %s is in stage %s already',
            OLD.id, OLD.stage);
    END IF;
    NEW.version := OLD.version + 1;
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION deal_guard() IS
    'Trigger: a deal is changed by whom the called permission reaches; moves follow the '
    'pipeline''s rules; version and times are kept.';
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON deal FOR EACH ROW EXECUTE FUNCTION deal_guard();

CREATE FUNCTION deal_seen(id bigint) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM deal AS d WHERE d.id = deal_seen.id) THEN
        PERFORM refuse('JY005', format('there is no deal %s that you can see', id));
    END IF;
    RETURN id;
END
$$;
COMMENT ON FUNCTION deal_seen(bigint) IS
    'The number itself, if the caller sees that deal; the call ends where not.';

CREATE TABLE deal_stage (
    deal_id    bigint NOT NULL REFERENCES deal,
    seq        int NOT NULL,
    company_id bigint NOT NULL,
    stage      text NOT NULL,
    entered_at timestamptz NOT NULL DEFAULT now(),
    member_id  bigint REFERENCES member,
    reason     text,
    PRIMARY KEY (deal_id, seq)
);
COMMENT ON TABLE deal_stage IS
    'Every stage that a deal came into. Only ever added to, by a trigger. Who sees the deal sees '
    'it.';
COMMENT ON COLUMN deal_stage.deal_id IS 'The deal.';
COMMENT ON COLUMN deal_stage.seq IS
    'The deal''s version when it came into the stage; orders the stages.';
COMMENT ON COLUMN deal_stage.company_id IS 'The deal''s company, copied.';
COMMENT ON COLUMN deal_stage.stage IS 'The stage.';
COMMENT ON COLUMN deal_stage.entered_at IS
    'When the deal came into it; it left the one before then.';
COMMENT ON COLUMN deal_stage.member_id IS 'Who moved it; NULL where the server did.';
COMMENT ON COLUMN deal_stage.reason IS 'Why.';
CALL protect('deal_stage', 'deal_id,seq');
CREATE POLICY visible ON deal_stage FOR SELECT TO jiayi_app
    USING (EXISTS (SELECT FROM deal AS d WHERE d.id = deal_stage.deal_id));
GRANT SELECT ON deal_stage TO jiayi_app;
CALL open_to_auth('deal_stage', 'INSERT');
CREATE TRIGGER evidence BEFORE UPDATE OR DELETE OR TRUNCATE
    ON deal_stage EXECUTE FUNCTION keep_evidence();

CREATE FUNCTION deal_history() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO jiayi.deal_stage (deal_id, seq, company_id, stage, member_id, reason)
    VALUES (NEW.id, NEW.version, NEW.company_id, NEW.stage,
        nullif(current_setting('jiayi.member_id', true), '')::bigint, NEW.stage_reason);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION deal_history() IS 'Trigger: writes deal_stage.';
CREATE TRIGGER history_new AFTER INSERT ON deal FOR EACH ROW EXECUTE FUNCTION deal_history();
CREATE TRIGGER history AFTER UPDATE OF stage ON deal FOR EACH ROW
    WHEN (OLD.stage <> NEW.stage) EXECUTE FUNCTION deal_history();

CREATE TABLE activity (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    deal_id    bigint NOT NULL REFERENCES deal,
    company_id bigint NOT NULL,
    member_id  bigint NOT NULL REFERENCES member,
    kind       text NOT NULL CHECK (kind IN ('call', 'visit', 'meeting', 'presentation', 'quote',
        'note', 'message')),
    text       text NOT NULL CHECK (length(text) BETWEEN 1 AND 2000),
    at         timestamptz NOT NULL DEFAULT now(),
    next_step  text CHECK (length(next_step) BETWEEN 1 AND 500),
    due_on     date,
    CONSTRAINT activity_due_next CHECK (due_on IS NULL OR next_step IS NOT NULL)
);
COMMENT ON TABLE activity IS
    'A follow-up on a deal. Only ever added to. Who sees the deal sees it.';
COMMENT ON COLUMN activity.id IS 'The follow-up''s number.';
COMMENT ON COLUMN activity.deal_id IS 'The deal.';
COMMENT ON COLUMN activity.company_id IS 'The deal''s company, copied.';
COMMENT ON COLUMN activity.member_id IS 'Who logged it, of the deal''s company or the vendor''s.';
COMMENT ON COLUMN activity.kind IS 'call, visit, meeting, presentation, quote, note or message.';
COMMENT ON COLUMN activity.text IS 'What was said or done.';
COMMENT ON COLUMN activity.at IS 'When it was logged.';
COMMENT ON COLUMN activity.next_step IS 'What comes next; NULL: nothing was said.';
COMMENT ON COLUMN activity.due_on IS 'By when.';
-- A deal's follow-ups from the newest on.
CREATE INDEX activity_of_deal ON activity (deal_id, id DESC);
CALL protect('activity', 'id');
CREATE POLICY visible ON activity FOR SELECT TO jiayi_app
    USING (EXISTS (SELECT FROM deal AS d WHERE d.id = activity.deal_id));
CREATE POLICY own_insert ON activity FOR INSERT TO jiayi_app
    WITH CHECK (member_id = me_member()
                AND company_id = (SELECT d.company_id FROM deal AS d
                    WHERE d.id = activity.deal_id));
GRANT SELECT ON activity TO jiayi_app;
GRANT INSERT (deal_id, company_id, member_id, kind, text, next_step, due_on)
    ON activity TO jiayi_app;
CREATE TRIGGER evidence BEFORE UPDATE OR DELETE OR TRUNCATE
    ON activity EXECUTE FUNCTION keep_evidence();

CREATE FUNCTION activity_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    d record;
BEGIN
    IF jiayi.caller() IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT x.company_id, x.owner_id INTO d FROM jiayi.deal AS x WHERE x.id = NEW.deal_id;
    IF NOT (CASE WHEN d.company_id = jiayi.me_company()
        THEN jiayi.reaches(d.owner_id, jiayi.me_scope())
                 ELSE jiayi.me_scope() & 8 <> 0 END) THEN
        RAISE EXCEPTION USING ERRCODE = 'JY007',
            MESSAGE = format('you may see deal %s but not log on it', NEW.deal_id);
    ELSIF NEW.due_on IS NOT NULL AND NEW.next_step IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'JY003', DETAIL = 'field=due',
            MESSAGE = 'a due date needs a next step; give one with --next';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION activity_guard() IS
    'Trigger: a follow-up is logged by whom the called permission reaches.';
CREATE TRIGGER guard BEFORE INSERT ON activity FOR EACH ROW EXECUTE FUNCTION activity_guard();

GRANT EXECUTE ON FUNCTION money(text, text), stage_known(text), customer_by_name(text),
    customer_name(bigint), deal_shown(deal), deal_seen(bigint) TO jiayi_app;
CALL open_to_auth('customer', 'SELECT');
CALL give_to_auth('pipeline_default()', 'deal_history()', 'customer_name(bigint)');
