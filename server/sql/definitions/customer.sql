-- Customers: who sees which and may change them, and how calls answer them. Names, merging and contacts are in customer_name.sql,
-- customer_merge.sql and contact.sql.

-- Two statements, so that the second is set up only where the first finds nothing. With the rights of jiayi_auth, and so with what the
-- policy of deals asks for beside the conditions: to have that policy set up as well would be most of what it costs.
CREATE OR REPLACE FUNCTION customer_lent(id bigint) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    sight int := jiayi.sight(jiayi.noun('deal'));
BEGIN
    IF sight & 8 <> 0 AND EXISTS (SELECT FROM jiayi.deal AS d WHERE d.customer_id = customer_lent.id
            AND d.vendor_id = jiayi.me_company() AND jiayi.in_span(d.company_id, d.shared_span)) THEN
        RETURN true;
    END IF;
    RETURN sight <> 0 AND EXISTS (SELECT FROM jiayi.participant AS p JOIN jiayi.deal AS d ON d.id = p.on_id
        WHERE p.member_id = jiayi.me_member() AND p.on_kind = jiayi.kind('deal')
          AND d.customer_id = customer_lent.id AND jiayi.in_span(d.company_id, p.span));
END
$$;
COMMENT ON FUNCTION customer_lent(bigint) IS
    'Whether there is a deal with that customer, of those whom the policies let see it: which is shared with '
    'the caller''s company, or in which the caller takes part.';
GRANT EXECUTE ON FUNCTION customer_lent(bigint) TO jiayi_app, jiayi_auth;

-- In its company whoever sees all customers does not come to this: the policy has that itself.
CREATE OR REPLACE FUNCTION customer_seen(company bigint, owner bigint, id bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    sight int := jiayi.sight(jiayi.noun('customer'));
BEGIN
    IF company = jiayi.me_company() THEN
        RETURN sight & 4 <> 0
            OR (sight & 1 <> 0 AND owner = jiayi.me_member())
            OR (sight & 2 <> 0 AND jiayi.in_reach(owner))
            OR (sight <> 0 AND owner IS NULL);
    END IF;
    RETURN sight <> 0 AND jiayi.in_reach(-company) AND jiayi.customer_lent(id);
END
$$;
COMMENT ON FUNCTION customer_seen(bigint, bigint, bigint) IS
    'Policy of customers: in their company those see one who have it, those above them and who sees all, and '
    'everybody one that nobody has; across the line who sees a deal with it.';
GRANT EXECUTE ON FUNCTION customer_seen(bigint, bigint, bigint) TO jiayi_app, jiayi_auth;

-- As deal_since(), for what is on a customer.
CREATE OR REPLACE FUNCTION customer_shows(id bigint) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    known   text := current_setting('jiayi.customer_shows', true);
    company bigint;
    owner   bigint;
    shows   boolean;
BEGIN
    IF split_part(known, ' ', 1) = id::text AND pg_current_xact_id_if_assigned() IS NULL THEN
        RETURN split_part(known, ' ', 2)::boolean;
    END IF;
    SELECT c.company_id, c.owner_id INTO company, owner FROM jiayi.customer AS c WHERE c.id = customer_shows.id;
    shows := company IS NOT NULL AND (jiayi.caller() IS NULL OR jiayi.customer_seen(company, owner, id));
    known := set_config('jiayi.customer_shows', id || ' ' || shows, true);
    RETURN shows;
END
$$;
COMMENT ON FUNCTION customer_shows(bigint) IS 'Whether the caller sees that customer.';
GRANT EXECUTE ON FUNCTION customer_shows(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION customer_now(id bigint) RETURNS bigint LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
    RETURN (SELECT coalesce(c.merged_into, c.id) FROM jiayi.customer AS c WHERE c.id = customer_now.id
        AND (c.company_id = jiayi.me_company() OR jiayi.in_reach(-c.company_id)));
END
$$;
COMMENT ON FUNCTION customer_now(bigint) IS
    'The number of a customer, or of the one that it became a part of, for what asks the policies for that '
    'one. NULL where it is none of the caller''s company or its principals.';
GRANT EXECUTE ON FUNCTION customer_now(bigint) TO jiayi_app;

-- Here, and in what else lists begin with, names are in full: what me_reach() sets would end with a function that has a setting of
-- its own, and be worked out anew for the next.
CREATE OR REPLACE FUNCTION customer_asked(id bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    found bigint := jiayi.customer_now(id);
BEGIN
    IF jiayi.customer_shows(found) THEN
        RETURN found;
    END IF;
    PERFORM jiayi.refuse('JY005', 'there is no customer %s that you can see', ROW(id));
END
$$;
COMMENT ON FUNCTION customer_asked(bigint) IS 'As customer_now(); the call ends where the caller does not see that one.';
GRANT EXECUTE ON FUNCTION customer_asked(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION object_numbers(on_kind smallint, on_id bigint) RETURNS bigint[]
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF on_kind <> 1 THEN
        RETURN ARRAY[on_id];
    END IF;
    RETURN on_id || ARRAY(SELECT c.id FROM jiayi.customer AS c WHERE c.merged_into = on_id);
END
$$;
COMMENT ON FUNCTION object_numbers(smallint, bigint) IS
    'The numbers under which things lie on that thing: its own, and those of customers that became a part '
    'of it. What is evidence stays where it was said.';
GRANT EXECUTE ON FUNCTION object_numbers(smallint, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION customer_reached(owner bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    bits int := jiayi.me_scope();
BEGIN
    RETURN jiayi.reaches(owner, bits) OR (owner IS NULL AND bits & 2 <> 0);
END
$$;
COMMENT ON FUNCTION customer_reached(bigint) IS
    'Whether the called permission reaches a customer of that owner; one that nobody has, by a team''s scope.';
GRANT EXECUTE ON FUNCTION customer_reached(bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION customer_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    me bigint := caller();
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF me IS NOT NULL AND NEW.owner_id IS DISTINCT FROM me AND NOT reaches(NEW.owner_id, me_scope()) THEN
            PERFORM refuse('JY007', 'your role lets you create customers for yourself or your team only; leave '
                '--owner away');
        END IF;
        RETURN NEW;
    END IF;
    IF me IS NOT NULL AND NOT deciding_on_all() THEN
        IF OLD.company_id <> me_company() OR NOT customer_reached(OLD.owner_id) THEN
            PERFORM refuse('JY007', CASE me_permission()
                WHEN 'customer.assign' THEN 'you may see customer %s but not assign it'
                ELSE 'you may see customer %s but not change it' END, ROW(OLD.id));
        ELSIF OLD.state = 'merged' THEN
            PERFORM refuse('JY009', 'customer %s was merged; it is a part of customer %s',
                ROW(OLD.id, OLD.merged_into));
        ELSIF NEW.owner_id IS DISTINCT FROM OLD.owner_id AND NOT reaches(NEW.owner_id, me_scope()) THEN
            PERFORM refuse('JY007', 'your role lets you assign customers within your team only');
        ELSIF NEW.state <> OLD.state THEN
            PERFORM check_transition('customer', '', OLD.id::text, OLD.state, NEW.state, 'ours');
        END IF;
    END IF;
    -- Without generated columns, which are worked out later.
    IF (NEW.name, NEW.owner_id, NEW.registration_no, NEW.registration_country, NEW.website, NEW.address, NEW.phone,
        NEW.size, NEW.state, NEW.merged_into, NEW.twin) IS NOT DISTINCT FROM
       (OLD.name, OLD.owner_id, OLD.registration_no, OLD.registration_country, OLD.website, OLD.address, OLD.phone,
        OLD.size, OLD.state, OLD.merged_into, OLD.twin) THEN
        RETURN NEW;
    END IF;
    NEW.version := OLD.version + 1;
    NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION customer_guard() IS
    'Trigger: customers are made and changed by whom the called permission reaches; one that was merged stays '
    'as it is. What changes nothing makes no version.';

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION customer_shown(c customer) RETURNS TABLE (
    id bigint, name text, owner text, state text, company text, registration_no text, registration_country text,
    website text, address text, phone text, size int, version int, created_at timestamptz, updated_at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT c.id, c.name,
           CASE c.owner_id WHEN jiayi.me_member() THEN jiayi.me_email() ELSE jiayi.email_of(c.owner_id) END,
           c.state,
           CASE c.company_id WHEN jiayi.me_company() THEN jiayi.me_slug() ELSE jiayi.slug_of(c.company_id) END,
           c.registration_no, c.registration_country, c.website, c.address, c.phone, c.size, c.version,
           c.created_at, c.updated_at
$$;
COMMENT ON FUNCTION customer_shown(customer) IS 'A customer as calls answer it.';
GRANT EXECUTE ON FUNCTION customer_shown(customer) TO jiayi_app;

-- VOLATILE, so that it sees what the same statement wrote.
CREATE OR REPLACE FUNCTION customer_show(customer_id bigint) RETURNS TABLE (
    id bigint, name text, owner text, state text, company text, registration_no text, registration_country text,
    website text, address text, phone text, size int, version int, created_at timestamptz, updated_at timestamptz)
LANGUAGE plpgsql VOLATILE SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT v.* FROM customer AS c, customer_shown(c) AS v WHERE c.id = customer_show.customer_id;
END
$$;
COMMENT ON FUNCTION customer_show(bigint) IS
    'A customer as calls answer it, in the middle of a statement that changes it too.';
GRANT EXECUTE ON FUNCTION customer_show(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION customer_create(name text, owner text, "distinct" boolean, registration_no text,
    registration_country text, website text, address text, phone text, size int, tags text[]) RETURNS bigint
    LANGUAGE plpgsql SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    -- That it is another one is said only where there is one: the next one of the key need not say so.
    INSERT INTO customer (company_id, name, owner_id, twin, registration_no, registration_country, website, address,
        phone, size)
    VALUES (me_company(), customer_free_name(btrim(customer_create.name), NULL, "distinct"),
        coalesce(member_by_email(owner), me_member()),
        CASE WHEN "distinct" AND customer_find(customer_create.name) IS NOT NULL THEN 'said' END,
        customer_create.registration_no, upper(customer_create.registration_country), customer_create.website,
        customer_create.address, customer_create.phone, customer_create.size)
    RETURNING customer.id INTO made;
    PERFORM thing_tag(kind('customer'), made, tags, '{}', NULL, NULL);
    RETURN made;
END
$$;
COMMENT ON FUNCTION customer_create(text, text, boolean, text, text, text, text, text, int, text[]) IS
    'Makes a customer of the caller''s company, with tags; its number. The call ends where there is one of '
    'that key, but for distinct.';
GRANT EXECUTE ON FUNCTION customer_create(text, text, boolean, text, text, text, text, text, int, text[]) TO jiayi_app;

CREATE OR REPLACE FUNCTION customer_tag(customer_id bigint, tags text[], remove text[], internal boolean,
    shared boolean) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    had customer;
BEGIN
    -- One after the other, so that of a list that is single there is one.
    SELECT c.* INTO had FROM customer AS c WHERE c.id = customer_tag.customer_id FOR NO KEY UPDATE;
    IF had.id IS NULL THEN
        PERFORM refuse('JY005', 'there is no customer %s that you can see', ROW(customer_tag.customer_id));
    ELSIF had.state = 'merged' THEN
        PERFORM refuse('JY009', 'customer %s was merged; it is a part of customer %s', ROW(had.id, had.merged_into));
    END IF;
    PERFORM thing_tag(kind('customer'), had.id, tags, remove, internal, shared);
    RETURN had.id;
END
$$;
COMMENT ON FUNCTION customer_tag(bigint, text[], text[], boolean, boolean) IS
    'Takes tags from a customer and gives it others, as thing_tag() does; its number.';
GRANT EXECUTE ON FUNCTION customer_tag(bigint, text[], text[], boolean, boolean) TO jiayi_app;

CREATE OR REPLACE FUNCTION customer_contacts(customer_id bigint, OUT contacts jsonb, OUT more_contacts boolean)
LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(v)) ORDER BY k.n) FILTER (WHERE k.n <= 100), nullif(count(*) > 100, false)
    INTO contacts, more_contacts
    FROM (SELECT k, row_number() OVER (ORDER BY k.id) AS n FROM contact AS k
          WHERE k.customer_id = customer_contacts.customer_id AND k.state = 'active' ORDER BY k.id LIMIT 101) AS k(k, n), contact_shown(k.k) AS v;
END
$$;
COMMENT ON FUNCTION customer_contacts(bigint) IS
    'The contacts of a customer who are there now, a hundred at most, and whether there are more. NULLs: none.';
GRANT EXECUTE ON FUNCTION customer_contacts(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION customer_deals(customer_id bigint, OUT deals jsonb, OUT more_deals boolean)
LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    SELECT jsonb_agg(jsonb_build_object('id', d.id, 'title', d.title, 'stage', d.stage, 'owner', email_of(d.owner_id)) ORDER BY d.id DESC)
               FILTER (WHERE d.n <= 100), nullif(count(*) > 100, false)
    INTO deals, more_deals
    FROM (SELECT d.*, row_number() OVER (ORDER BY d.id DESC) AS n FROM deal AS d
          WHERE d.customer_id = customer_deals.customer_id AND d.outcome = 'open' ORDER BY d.id DESC LIMIT 101) AS d;
END
$$;
COMMENT ON FUNCTION customer_deals(bigint) IS
    'The open deals with a customer that the caller sees, the newest first, a hundred at most, and whether there are more. NULLs: none.';
GRANT EXECUTE ON FUNCTION customer_deals(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION customer_touched(customer_id bigint) RETURNS timestamptz LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN greatest((SELECT max(a.at) FROM deal AS d CROSS JOIN LATERAL (
        SELECT a.at FROM activity AS a WHERE a.deal_id = d.id ORDER BY a.id DESC LIMIT 1) AS a
        WHERE d.customer_id = customer_touched.customer_id),
        (SELECT a.at FROM unnest(object_numbers(kind('customer'), customer_id)) AS n(id) JOIN activity AS a ON a.customer_id = n.id
         ORDER BY a.at DESC LIMIT 1));
END
$$;
COMMENT ON FUNCTION customer_touched(bigint) IS
    'When something was last logged on that customer, or on a deal with it, of what the caller sees; NULL: never.';
GRANT EXECUTE ON FUNCTION customer_touched(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION customer_satisfaction(customer_id bigint, OUT satisfaction text, OUT satisfaction_scores int,
    OUT satisfaction_for text) LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    SELECT round(avg(c.score), 1)::text, count(*), 'complaint' INTO satisfaction, satisfaction_scores, satisfaction_for
    FROM unnest(object_numbers(kind('customer'), customer_satisfaction.customer_id)) AS n(id)
    JOIN case_file AS c ON c.customer_id = n.id AND c.score IS NOT NULL
    HAVING count(*) > 0;
END
$$;
COMMENT ON FUNCTION customer_satisfaction(bigint) IS
    'How content a customer was, 1 to 10: the average of the scores with which those of its complaints were closed that the '
    'caller sees, how many they are, and of what. NULLs: there are none.';
GRANT EXECUTE ON FUNCTION customer_satisfaction(bigint) TO jiayi_app;

-- What colleagues did counts, whether the caller sees it or not: nobody is to call twice. The deals are found by the
-- customer alone, who has none of another company's: where the company is asked for as well, all of its deals may be
-- looked through, for each customer anew.
CREATE OR REPLACE FUNCTION customer_is_untouched(c customer, since timestamptz) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN c.company_id = me_company() AND c.created_at < since
        AND NOT EXISTS (SELECT FROM deal AS d WHERE d.customer_id = c.id
            AND (d.created_at >= since OR EXISTS (SELECT FROM activity AS a WHERE a.deal_id = d.id AND a.at >= since)))
        AND NOT EXISTS (SELECT FROM activity AS a WHERE a.customer_id = c.id AND a.at >= since);
END
$$;
COMMENT ON FUNCTION customer_is_untouched(customer, timestamptz) IS
    'Whether a customer of the caller''s company was there by then, and since then no deal with it was made '
    'and nothing logged on one, nor on the customer.';
GRANT EXECUTE ON FUNCTION customer_is_untouched(customer, timestamptz) TO jiayi_app;

CREATE OR REPLACE FUNCTION customer_has_no_deal(c customer) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN c.company_id = me_company()
        AND NOT EXISTS (SELECT FROM deal AS d WHERE d.customer_id = c.id AND d.outcome = 'open');
END
$$;
COMMENT ON FUNCTION customer_has_no_deal(customer) IS
    'Whether there is no open deal with a customer of the caller''s company, anybody''s.';
GRANT EXECUTE ON FUNCTION customer_has_no_deal(customer) TO jiayi_app;

-- As deals_ahead(), but several may have deals with the same customer: it is by different customers that a page is full. As
-- reports_ahead() it asks for whom the caller sees itself.
CREATE OR REPLACE FUNCTION overlaps_ahead(before bigint, most bigint) RETURNS TABLE (id bigint, least_id bigint)
    LANGUAGE plpgsql STABLE ROWS 10 SECURITY DEFINER AS $$
DECLARE
    people bigint[] := CASE WHEN jiayi.sight(jiayi.noun('deal')) & 4 = 0 THEN jiayi.me_owners(jiayi.noun('deal')) END;
    mine   bigint := jiayi.me_company();
    firsts bigint[];
    least  bigint;
BEGIN
    IF cardinality(people) < 4 THEN
        RETURN QUERY SELECT p.id, 0::bigint FROM unnest(people) AS p(id);
        RETURN;
    END IF;
    firsts := ARRAY(SELECT (SELECT p.customer_id FROM jiayi.deal_pulse AS p
            WHERE p.member_id = o.id AND p.company_id = mine AND p.open AND p.member_id <> p.customer_owner_id
              AND p.customer_id < coalesce(before, 9223372036854775807)
            ORDER BY p.customer_id DESC LIMIT 1)
        FROM unnest(people) WITH ORDINALITY AS o(id, n) ORDER BY o.n);
    least := coalesce((SELECT f.id FROM (SELECT DISTINCT x.id FROM unnest(firsts) AS x(id) WHERE x.id IS NOT NULL) AS f
        ORDER BY f.id DESC OFFSET most - 1 LIMIT 1), 0);
    RETURN QUERY SELECT o.id, least FROM unnest(people, firsts) AS o(id, first) WHERE o.first >= least;
END
$$;
COMMENT ON FUNCTION overlaps_ahead(bigint, bigint) IS
    'As deals_ahead(), of customers that are another one''s than the deal: of those whose deals the caller sees who has some on a page '
    'of that many, and the least number that it has. Nobody, where the caller sees all deals of the company.';
GRANT EXECUTE ON FUNCTION overlaps_ahead(bigint, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION overlaps_taking_part(before bigint, most bigint) RETURNS SETOF bigint LANGUAGE plpgsql STABLE ROWS 1 AS $$
DECLARE
    me bigint := jiayi.me_member();
BEGIN
    IF NOT EXISTS (SELECT FROM jiayi.participant AS p WHERE p.member_id = me AND p.on_kind = jiayi.kind('deal')) THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT DISTINCT p.customer_id FROM jiayi.participant AS t
    JOIN jiayi.deal_pulse AS p ON p.deal_id = t.on_id AND p.company_id = jiayi.me_company()
    JOIN jiayi.customer AS c ON c.id = p.customer_id
    WHERE t.member_id = me AND t.on_kind = jiayi.kind('deal') AND p.open AND p.member_id <> p.customer_owner_id
      AND p.customer_id < coalesce(before, 9223372036854775807)
    ORDER BY p.customer_id DESC LIMIT most;
END
$$;
COMMENT ON FUNCTION overlaps_taking_part(bigint, bigint) IS
    'The customers of the caller''s company that are another one''s than an open deal in which the caller takes part, below a number, '
    'the highest first.';
GRANT EXECUTE ON FUNCTION overlaps_taking_part(bigint, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION customer_follow() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    was text := current_setting('jiayi.deciding_on_all', true);
BEGIN
    PERFORM set_config('jiayi.deciding_on_all', 'on', true);
    UPDATE customer AS c SET owner_id = NEW.owner_id WHERE c.merged_into = NEW.id;
    PERFORM set_config('jiayi.deciding_on_all', coalesce(was, ''), true);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION customer_follow() IS
    'Trigger: customers that became a part of another one belong to whom that belongs to, so that who sees it '
    'sees what was said of them.';

CREATE OR REPLACE FUNCTION customer_tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF NOT deciding_on_all() THEN
        INSERT INTO event (company_id, kind, on_kind, on_id, actor_id, member_ids)
        VALUES (NEW.company_id, 'customer.assigned', kind('customer'), NEW.id,
            nullif(current_setting('jiayi.member_id', true), '')::bigint, ARRAY[NEW.owner_id]);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION customer_tell() IS 'Trigger: tells who is given a customer.';

CREATE OR REPLACE FUNCTION customer_words(ids bigint[]) RETURNS SETOF search_words LANGUAGE sql STABLE AS $$
    SELECT c.id, c.created_at, jiayi.kind('customer'), c.id, c.company_id, NULL::bigint, NULL, NULL::int,
           concat_ws(E'\n', c.name, c.registration_no, c.website, c.address, c.phone)
    FROM jiayi.customer AS c WHERE c.id = ANY (ids) AND c.merged_into IS NULL
$$;
COMMENT ON FUNCTION customer_words(bigint[]) IS
    'What customers are found by: name, registration, website, address and telephone number.';
GRANT EXECUTE ON FUNCTION customer_words(bigint[]) TO jiayi_app, jiayi_auth;

---- Tables

CALL protect('customer', 'id', hidden => 'name_key,registration_key', many => true);
CALL shape('customer', 'owned', noun => 'customer', owner => 'owner_id',
    seen => 'company_id = (SELECT me_whole(noun(''customer''))) '
        'OR owner_id = ANY ((SELECT me_owners(noun(''customer'')))::bigint[]) '
        'OR customer_seen(company_id, owner_id, id)');
-- What may be changed of what is seen, the trigger says: there it can be refused with a reason.
CREATE POLICY lent_update ON customer FOR UPDATE TO jiayi_app USING (true);
GRANT SELECT ON customer TO jiayi_app;
GRANT INSERT (company_id, name, owner_id, twin, registration_no, registration_country, website, address, phone, size),
    UPDATE (name, owner_id, twin, registration_no, registration_country, website, address, phone, size, state)
    ON customer TO jiayi_app;
CALL open_to_auth('customer', 'SELECT, INSERT, UPDATE');
CALL searched('customer', 'INSERT');
CALL searched('customer', 'UPDATE OF name, owner_id, registration_no, website, address, phone, merged_into');
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION customer_guard();
CREATE TRIGGER follow AFTER UPDATE OF owner_id ON customer FOR EACH ROW
    WHEN (NEW.owner_id IS DISTINCT FROM OLD.owner_id AND NEW.state <> 'merged') EXECUTE FUNCTION customer_follow();
CALL told('customer', 'UPDATE OF owner_id', 'NEW.owner_id IS DISTINCT FROM OLD.owner_id AND NEW.state <> ''merged''');
