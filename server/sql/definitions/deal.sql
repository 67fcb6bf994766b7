-- Deals: who sees which, who may change them, and how calls answer them. Lists, moves and the history are in deal_list.sql,
-- deal_move.sql and deal_history.sql.

-- What is on a deal is seen with it, and what is only listed of one deal at a time asks here: with the rights of jiayi_auth one look-up
-- and the deal's policy as the function that it is, where a sub-select has the policies of deals set up for every statement. The
-- answer is remembered, as slug_known() does, while the call has changed nothing: what it changes may change that as well. So a list
-- asks once: the function that it begins with, and then the policy for each row at a third of what a sub-select costs.
CREATE OR REPLACE FUNCTION deal_since(id bigint) RETURNS int LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    known   text := current_setting('jiayi.deal_since', true);
    owner   bigint;
    company bigint;
    vendor  bigint;
    span    int;
    version int;
    since   int;
BEGIN
    IF split_part(known, ' ', 1) = id::text AND pg_current_xact_id_if_assigned() IS NULL THEN
        RETURN nullif(split_part(known, ' ', 2), '')::int;
    END IF;
    SELECT d.owner_id, d.company_id, d.vendor_id, d.shared_span, d.shared_version INTO owner, company, vendor, span, version
    FROM jiayi.deal AS d WHERE d.id = deal_since.id;
    IF jiayi.caller() IS NULL THEN
        RETURN CASE WHEN company IS NOT NULL THEN 0 END;
    ELSIF jiayi.shared_seen(jiayi.noun('deal'), owner, company, vendor, span, jiayi.kind('deal'), id) THEN
        since := CASE WHEN company = jiayi.me_company() THEN 0
            ELSE coalesce(jiayi.shared_since(jiayi.kind('deal'), id, company, vendor, span, version), 2147483647) END;
    END IF;
    known := set_config('jiayi.deal_since', id || ' ' || coalesce(since::text, ''), true);
    RETURN since;
END
$$;
COMMENT ON FUNCTION deal_since(bigint) IS
    'The version since which the caller sees what is done on that deal: 0 of the own company''s. NULL: the caller does not see it.';
GRANT EXECUTE ON FUNCTION deal_since(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_shows(id bigint, company bigint, author bigint, version int) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF company = jiayi.me_company() THEN
        RETURN jiayi.deal_since(id) IS NOT NULL;
    END IF;
    RETURN company = author AND coalesce(jiayi.deal_since(id) <= version, false);
END
$$;
COMMENT ON FUNCTION deal_shows(bigint, bigint, bigint, int) IS
    'Whether the caller sees what was done on that deal, of that company, by somebody of the company author, when it had that version.';
GRANT EXECUTE ON FUNCTION deal_shows(bigint, bigint, bigint, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_seen(id bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF jiayi.deal_since(id) IS NULL THEN
        PERFORM jiayi.refuse('JY005', 'there is no deal %s that you can see', ROW(id));
    END IF;
    RETURN id;
END
$$;
COMMENT ON FUNCTION deal_seen(bigint) IS
    'The number itself, if the caller sees that deal; the call ends where not.';
GRANT EXECUTE ON FUNCTION deal_seen(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_known(id bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF jiayi.deal_since(id) IS NULL
        AND NOT EXISTS (SELECT FROM jiayi.deal_stage AS s WHERE s.deal_id = deal_known.id)
        AND NOT EXISTS (SELECT FROM jiayi.activity AS a WHERE a.deal_id = deal_known.id) THEN
        PERFORM jiayi.deal_seen(id);
    END IF;
    RETURN id;
END
$$;
COMMENT ON FUNCTION deal_known(bigint) IS
    'The number itself, if the caller sees that deal or something that was done on it: a vendor''s '
    'own is seen for good. The call ends where neither.';
GRANT EXECUTE ON FUNCTION deal_known(bigint) TO jiayi_app;

-- Put into the calling statement by the planner: no call of its own. The caller's names are known, and the customer's
-- stands in the deal: deal_customer_named() sees to that.
CREATE OR REPLACE FUNCTION deal_shown(d deal) RETURNS TABLE (
    id bigint, title text, customer text, stage text, "amount.amount" text, "amount.currency" text,
    owner text, vendor text, company text, version int, created_at timestamptz,
    updated_at timestamptz, closed_at timestamptz, lost_reason text, lost_code text, lost_label text,
    lost_to text, close_on date, kind text, won_on date, vendor_owner text, contact_id bigint, contact text,
    contract_id bigint)
LANGUAGE sql STABLE AS $$
    SELECT d.id, d.title, d.customer_name, d.stage, d.amount::text, d.currency,
           CASE d.owner_id WHEN jiayi.me_member() THEN jiayi.me_email()
               ELSE jiayi.email_of(d.owner_id) END,
           CASE d.vendor_id WHEN jiayi.me_company() THEN jiayi.me_slug()
               ELSE jiayi.slug_of(d.vendor_id) END,
           CASE d.company_id WHEN jiayi.me_company() THEN jiayi.me_slug()
               ELSE jiayi.slug_of(d.company_id) END,
           d.version, d.created_at, d.updated_at, d.closed_at,
           CASE d.outcome WHEN 'lost' THEN jiayi.lost_reason(d.id, d.closed_version) END, d.lost_code,
           CASE d.outcome WHEN 'lost' THEN jiayi.choice_label(d.company_id, 'lost_reason', d.lost_code) END,
           d.lost_to, d.close_on, d.kind, d.won_on,
           CASE WHEN d.vendor_owner_id IS NOT NULL THEN jiayi.email_of(d.vendor_owner_id) END,
           d.contact_id, CASE WHEN d.contact_id IS NOT NULL THEN jiayi.contact_name(d.contact_id) END,
           CASE WHEN jiayi.me_company() IN (d.company_id, d.vendor_id) THEN d.contract_id END
$$;
COMMENT ON FUNCTION deal_shown(deal) IS 'A deal as calls answer it.';
GRANT EXECUTE ON FUNCTION deal_shown(deal) TO jiayi_app;

-- What there may be the row in deal_pulse says: most deals have little, and each policy that is asked costs a good
-- part of what it takes to read a deal. One value: as a table of a statement it is set up whether there is any or not.
CREATE OR REPLACE FUNCTION deal_around(deal_id bigint, beside int) RETURNS deal_beside
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    has    int := coalesce(beside, 15); -- seen without a side of it, for taking part
    around jiayi.deal_beside;
BEGIN
    IF has & 1 <> 0 THEN
        around.tags := jiayi.tags_of(jiayi.kind('deal'), deal_around.deal_id);
    END IF;
    IF has & 2 <> 0 THEN
        SELECT jsonb_agg(jsonb_build_object('member', v.member, 'member_company', v.member_company,
                   'function', v.function) ORDER BY p.n) FILTER (WHERE p.n <= 20), nullif(count(*) > 20, false)
        INTO around.team, around.more_team
        FROM (SELECT p, row_number() OVER (ORDER BY p.member_id) AS n FROM jiayi.participant AS p
              WHERE p.on_kind = jiayi.kind('deal') AND p.on_id = deal_around.deal_id
              ORDER BY p.member_id LIMIT 21) AS p(p, n), jiayi.participant_shown(p.p) AS v;
    END IF;
    IF has & 4 <> 0 THEN
        SELECT jsonb_agg(jsonb_build_object('id', t.id::text, 'title', t.title, 'kind', t.kind, 'state', t.state,
                   'owner', jiayi.email_of(t.assignee_id), 'owner_company', CASE WHEN t.vendor_id IS NOT NULL
                       THEN nullif(jiayi.company_of(t.assignee_id), jiayi.me_slug()) END, 'required', nullif(t.required, false),
                   'due', t.due_on, 'late', nullif(t.due_at < now(), false)) ORDER BY t.n) FILTER (WHERE t.n <= 20),
               nullif(count(*) > 20, false)
        INTO around.tasks, around.more_tasks
        FROM (SELECT t.*, row_number() OVER (ORDER BY t.due_at, t.id) AS n FROM jiayi.task AS t
              WHERE t.on_kind = jiayi.kind('deal') AND t.on_id = deal_around.deal_id
                AND t.state = ANY ('{open,delivered,rejected}') ORDER BY t.due_at, t.id LIMIT 21) AS t;
    END IF;
    IF has & 8 <> 0 THEN
        around.links := (SELECT nullif(count(*), 0) FROM (
            SELECT FROM jiayi.link AS l WHERE l.from_kind = jiayi.kind('deal') AND l.from_id = deal_around.deal_id
            UNION ALL
            SELECT FROM jiayi.link AS l WHERE l.to_kind = jiayi.kind('deal') AND l.to_id = deal_around.deal_id
            LIMIT 1000) AS l);
    END IF;
    RETURN around;
END
$$;
COMMENT ON FUNCTION deal_around(bigint, int) IS
    'What is shown beside one deal: its tags, who takes part, what is to be done, and how many links there are; '
    'beside is the caller''s side''s of deal_pulse, which says of what there may be any. NULLs where there is nothing '
    'that the caller sees.';
GRANT EXECUTE ON FUNCTION deal_around(bigint, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_assignee(d deal, email text) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    other bigint := CASE d.company_id WHEN me_company() THEN d.vendor_id ELSE d.company_id END;
BEGIN
    IF domain_owner(email) = other THEN
        PERFORM refuse('JY003', 'deal %s is assigned within your company; who of %s is responsible its people say',
            ROW(d.id, slug_of(other)), field => 'owner');
    END IF;
    RETURN member_by_email(email);
END
$$;
COMMENT ON FUNCTION deal_assignee(deal, text) IS
    'A member of the caller''s company to whom its side of a deal is given; the call ends where there is none, or '
    'the address is the other side''s.';
GRANT EXECUTE ON FUNCTION deal_assignee(deal, text) TO jiayi_app;

-- Asked only where nothing else lets the caller change the deal.
CREATE OR REPLACE FUNCTION deal_is_assigned(was deal, becomes deal) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    bits int := jiayi.me_scope();
    who  bigint := becomes.vendor_owner_id;
BEGIN
    becomes.vendor_owner_id := was.vendor_owner_id;
    IF jiayi.me_permission() <> 'deal.assign' OR was.vendor_id IS DISTINCT FROM jiayi.me_company()
        OR jiayi.in_span(was.company_id, was.shared_span) IS NOT TRUE OR becomes IS DISTINCT FROM was THEN
        RETURN false;
    ELSIF NOT jiayi.reaches(who, bits)
        OR (was.vendor_owner_id IS NOT NULL AND NOT jiayi.reaches(was.vendor_owner_id, bits)) THEN
        PERFORM jiayi.refuse('JY007', 'your role lets you assign deals within your team only');
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION deal_is_assigned(deal, deal) IS
    'Whether a change does no more than say who of the caller''s company is responsible for a deal that a '
    'principal shares with it, as its people with deal.assign may.';
GRANT EXECUTE ON FUNCTION deal_is_assigned(deal, deal) TO jiayi_auth;

CREATE OR REPLACE FUNCTION deal_changed(d deal) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF d.company_id <> jiayi.me_company() OR NOT jiayi.reaches(d.owner_id, jiayi.me_scope()) THEN
        PERFORM jiayi.refuse('JY007', 'you may see deal %s but not change it', ROW(d.id));
    END IF;
    RETURN d.id;
END
$$;
COMMENT ON FUNCTION deal_changed(deal) IS
    'The deal''s number, if the called permission reaches the deal; the call ends where not.';
GRANT EXECUTE ON FUNCTION deal_changed(deal) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_vendor(slug text, contract_id bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(jiayi.vendor_by_slug(slug), (SELECT c.vendor_id FROM jiayi.contract AS c
        WHERE c.id = deal_vendor.contract_id AND c.company_id = jiayi.me_company()));
END
$$;
COMMENT ON FUNCTION deal_vendor(text, bigint) IS
    'With whom a deal is shared: vendor_by_slug(), or where no name is given with whom that contract is.';
GRANT EXECUTE ON FUNCTION deal_vendor(text, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_under(d deal) RETURNS void LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c      contract;
    moment timestamptz := clock_timestamp();
BEGIN
    SELECT x.* INTO c FROM contract AS x WHERE x.id = d.contract_id;
    IF c.id IS NULL THEN
        PERFORM refuse('JY005', 'there is no %s %s that you can see', ROW(word('object', 'contract'), d.contract_id),
            field => 'contract_id');
    ELSIF c.company_id <> d.company_id THEN
        PERFORM refuse('JY003', 'the principal of contract %s is %s; a deal is made under a contract with a vendor of its own company',
            ROW(c.id, slug_of(c.company_id)), field => 'contract_id');
    ELSIF d.vendor_id IS DISTINCT FROM c.vendor_id THEN
        PERFORM refuse('JY003', 'contract %s is with %s; a deal under it is shared with that vendor: --vendor %s',
            ROW(c.id, slug_of(c.vendor_id), slug_of(c.vendor_id)), field => 'contract_id');
    ELSIF c.state <> 'active' THEN
        PERFORM refuse('JY009', 'contract %s is %s; a deal is made under one that is in force', ROW(c.id, word('contract', c.state)),
            field => 'contract_id');
    ELSIF c.to_at <= moment THEN
        PERFORM refuse('JY009', 'contract %s is over; a deal is made under one that is in force', ROW(c.id), field => 'contract_id');
    ELSIF c.from_at > moment THEN
        PERFORM refuse('JY009', 'contract %s begins on %s; a deal is made under one that is in force',
            ROW(c.id, company_day(c.company_id, c.from_at)::text), field => 'contract_id');
    END IF;
    PERFORM vendor_by_slug(slug_of(c.vendor_id)); -- the partnership may rest
END
$$;
COMMENT ON FUNCTION deal_under(deal) IS
    'Ends the call where the contract under which a deal is to be made is none that the caller sees, of another company or with '
    'another vendor, or not in force. One that ends later stays: the deal was made under it.';
GRANT EXECUTE ON FUNCTION deal_under(deal) TO jiayi_app, jiayi_auth;

-- As constraints they would be read and set up for every move, which changes nothing of it.
CREATE OR REPLACE FUNCTION deal_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text := CASE
        WHEN length(NEW.title) NOT BETWEEN 1 AND 200 THEN 'deal_title_check'
        WHEN NEW.amount < 0 THEN 'deal_amount_check'
        WHEN (NEW.amount IS NULL) <> (NEW.currency IS NULL) THEN 'deal_amount_currency'
        WHEN NEW.outcome = 'won' AND NEW.amount IS NULL THEN 'deal_won_amount'
        WHEN length(NEW.change_reason) NOT BETWEEN 1 AND 500 THEN 'deal_change_reason_check'
        WHEN NEW.kind NOT IN ('sale', 'project') THEN 'deal_kind_check'
        WHEN NEW.vendor_id IS NULL AND NEW.shared_version IS NOT NULL THEN 'deal_shared_vendor' END;
    day    date; -- the one on which it is expected of it when it closes
BEGIN
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = broken, TABLE = 'deal',
            MESSAGE = format('the deal violates %s', broken);
    END IF;
    IF NEW.contact_id IS NOT NULL AND jiayi.caller() IS NOT NULL AND NOT jiayi.deciding_on_all() THEN
        IF TG_OP = 'UPDATE' AND NEW.contact_id = OLD.contact_id AND NEW.customer_id <> OLD.customer_id THEN
            NEW.contact_id := NULL; -- works for another one
        ELSIF NEW.contact_id IS DISTINCT FROM OLD.contact_id THEN
            NEW.contact_id := jiayi.contact_of(NEW.contact_id, NEW.customer_id);
        END IF;
    END IF;
    IF NEW.close_on IS NOT NULL AND NEW.outcome = 'open' AND jiayi.caller() IS NOT NULL
       AND (TG_OP = 'INSERT' OR NEW.close_on IS DISTINCT FROM OLD.close_on) THEN
        day := jiayi.company_day(NEW.company_id, CASE WHEN TG_OP = 'INSERT' THEN NEW.created_at ELSE now() END);
        -- Who writes down late what was agreed on has a month.
        IF NEW.close_on < day - 31 THEN
            PERFORM jiayi.refuse('JY003', 'an open deal is not expected to close on %s, more than a month before %s',
                ROW(NEW.close_on, day), field => 'close_on');
        END IF;
    END IF;
    IF NEW.contract_id IS NOT NULL AND jiayi.caller() IS NOT NULL THEN
        IF TG_OP = 'UPDATE' AND NEW.contract_id = OLD.contract_id THEN
            IF NEW.vendor_id IS DISTINCT FROM OLD.vendor_id THEN
                NEW.contract_id := NULL; -- is one with somebody else
            END IF;
        ELSE
            PERFORM jiayi.deal_under(NEW);
        END IF;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION deal_check() IS
    'Trigger: what holds of every deal by itself; that an open one is not expected to close long ago; that its contact is one of its customer, which goes with another customer, '
    'and its contract one with its vendor, which goes with another vendor.';

-- What only replication brings comes with the name; here whoever is being renamed is waited for.
CREATE OR REPLACE FUNCTION deal_customer_named() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c record;
BEGIN
    -- Whose customer stays holds none: who merges it holds that, and waits for the deal.
    IF TG_OP = 'UPDATE' AND NEW.customer_id = OLD.customer_id THEN
        RETURN NEW;
    END IF;
    LOOP
        SELECT x.name, x.merged_into INTO c FROM customer AS x WHERE x.id = NEW.customer_id FOR SHARE;
        EXIT WHEN c.merged_into IS NULL;
        NEW.customer_id := c.merged_into;
    END LOOP;
    NEW.customer_name := coalesce(c.name, NEW.customer_name);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION deal_customer_named() IS
    'Trigger: a deal has the name of its customer, and is with the one that it became a part of. An import sees to that '
    'itself, of all its deals at once.';

CREATE OR REPLACE FUNCTION customer_renamed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    UPDATE deal AS d SET customer_name = NEW.name WHERE d.customer_id = NEW.id AND d.customer_name <> NEW.name;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION customer_renamed() IS 'Trigger: a customer''s deals have its new name.';

-- Of the deal's own trigger: it is given to a vendor, or by that to one of its people.
CREATE OR REPLACE FUNCTION deal_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    given boolean := TG_OP = 'INSERT' OR NEW.shared_version IS DISTINCT FROM OLD.shared_version;
BEGIN
    INSERT INTO jiayi.event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    SELECT NEW.company_id, NEW.vendor_id, CASE WHEN given THEN 'deal.shared' ELSE 'deal.assigned' END, 3, NEW.id,
        nullif(current_setting('jiayi.member_id', true), '')::bigint,
        CASE WHEN given THEN jiayi.partner_people(NEW.vendor_id) ELSE ARRAY[NEW.vendor_owner_id] END
    WHERE CASE WHEN given THEN NEW.vendor_id ELSE NEW.vendor_owner_id END IS NOT NULL;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION deal_tell() IS
    'Trigger: tells a vendor''s people that a deal is theirs as well, and who of them is responsible for it.';

CREATE OR REPLACE FUNCTION deal_words(ids bigint[]) RETURNS SETOF search_words LANGUAGE sql STABLE AS $$
    SELECT d.id, d.created_at, jiayi.kind('deal'), d.id, d.company_id, NULL::bigint, NULL, NULL::int,
           concat_ws(E'\n', d.title, d.customer_name)
    FROM jiayi.deal AS d WHERE d.id = ANY (ids)
$$;
COMMENT ON FUNCTION deal_words(bigint[]) IS 'What deals are found by: title and customer.';
GRANT EXECUTE ON FUNCTION deal_words(bigint[]) TO jiayi_app, jiayi_auth;

---- Tables

-- The log has a move from deal_stage. Here are all columns but those that moving sets; and what sets
-- those in replication, where there is no guard.
CALL protect('deal', 'id', event => 'INSERT OR DELETE OR UPDATE OF id, company_id, title, customer_id, '
    'outcome, amount, currency, owner_id, vendor_id, version, created_at, updated_at, closed_at, '
    'shared_version, shared_span, closed_version, change_reason, close_on, kind, vendor_owner_id, contact_id, contract_id', many => true);
CREATE TRIGGER audit_replicated AFTER UPDATE OF stage, stage_reason, stage_audience, lost_code, lost_to ON deal
    FOR EACH ROW EXECUTE FUNCTION audit('id', 'company_id', '');
ALTER TABLE deal ENABLE REPLICA TRIGGER audit_replicated;
-- Most rows are seen for their owner or their company, which is worked out once for a statement; one
-- function sees the rest: docs/PERFORMANCE.md has what that saves. What may be changed of what is seen, the
-- trigger says: there it can be refused with a reason.
CALL shape('deal', 'shared', partner => 'vendor_id',
    seen => 'owner_id = ANY ((SELECT me_owners(noun(''deal'')))::bigint[]) '
        'OR company_id = (SELECT me_whole(noun(''deal''))) '
        'OR shared_seen(noun(''deal''), owner_id, company_id, vendor_id, shared_span, kind(''deal''), id)');
GRANT SELECT ON deal TO jiayi_app;
GRANT INSERT (company_id, title, customer_id, amount, currency, owner_id, vendor_id, close_on, kind, contact_id, contract_id),
      UPDATE (close_on, kind, contact_id, contract_id, vendor_owner_id, title, customer_id, stage, stage_reason, stage_audience, stage_skip, lost_code, lost_to, amount, currency, owner_id,
              vendor_id, shared_span, change_reason) ON deal TO jiayi_app;
CALL open_to_auth('deal', 'SELECT, INSERT, UPDATE');
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON deal FOR EACH ROW EXECUTE FUNCTION deal_guard();
-- After the guard, in the order of names; moving a deal sets none of these.
CREATE TRIGGER guarded BEFORE INSERT OR UPDATE OF title, amount, currency, vendor_id, change_reason, kind, close_on, contact_id, contract_id
    ON deal FOR EACH ROW EXECUTE FUNCTION deal_check();
ALTER TABLE deal ENABLE ALWAYS TRIGGER guarded;
CREATE TRIGGER named BEFORE INSERT OR UPDATE OF customer_id ON deal FOR EACH ROW WHEN (NOT importing())
    EXECUTE FUNCTION deal_customer_named();
ALTER TABLE deal ENABLE ALWAYS TRIGGER named;
CREATE TRIGGER renamed AFTER UPDATE OF name ON customer FOR EACH ROW EXECUTE FUNCTION customer_renamed();
-- A condition is read and set up for every statement: so not for those that set none of these.
CREATE TRIGGER history_change BEFORE UPDATE OF title, customer_id, amount, currency, vendor_id, contract_id,
    change_reason ON deal FOR EACH ROW
    WHEN (OLD.outcome <> 'open' OR NEW.change_reason IS NOT NULL)
    EXECUTE FUNCTION deal_history_change();
CALL told('deal', 'INSERT', 'NEW.vendor_id IS NOT NULL');
CALL told('deal', 'UPDATE OF vendor_id, shared_span, vendor_owner_id',
    'NEW.shared_version IS DISTINCT FROM OLD.shared_version OR NEW.vendor_owner_id IS DISTINCT FROM OLD.vendor_owner_id');
CALL searched('deal', 'INSERT');
CALL searched('deal', 'UPDATE OF title, customer_id, owner_id, vendor_id', 'NEW.title <> OLD.title '
    'OR NEW.customer_id IS DISTINCT FROM OLD.customer_id OR NEW.owner_id <> OLD.owner_id '
    'OR NEW.vendor_id IS DISTINCT FROM OLD.vendor_id');
