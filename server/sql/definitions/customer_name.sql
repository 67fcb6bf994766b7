-- Which names are one customer: by the key of a name a customer is found, however it is written.

-- The functions themselves are in migrations: what they answer is kept.
GRANT EXECUTE ON FUNCTION simplified_pairs(), simplified_map(), simplified_class(), simplified(text),
    legal_forms(), legal_forms_before(), legal_forms_han(), places(), ordinary_words(), customer_key(text),
    phone_key(text), number_key(text) TO jiayi_app, jiayi_auth;

-- Of the whole company, so that a deal finds its customer whatever the caller sees of customers. The key is worked out
-- before: in a condition it may be worked out for every customer that there is. What has the name has the key, so that one
-- index has both.
CREATE OR REPLACE FUNCTION customer_keyed(plain text, key text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(c.merged_into, c.id) FROM jiayi.customer AS c
        WHERE c.company_id = jiayi.me_company() AND c.name_key = key
        ORDER BY c.name <> plain, c.state = 'merged', CASE c.name WHEN plain THEN -c.id END, c.twin IS NOT NULL, c.id
        LIMIT 1);
END
$$;
COMMENT ON FUNCTION customer_keyed(text, text) IS 'As customer_find(), of a name without blanks around it and its key.';
GRANT EXECUTE ON FUNCTION customer_keyed(text, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION customer_find(name text) RETURNS bigint LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN customer_keyed(btrim(name), customer_key(btrim(name)));
END
$$;
COMMENT ON FUNCTION customer_find(text) IS
    'The customer of the caller''s company that is called so, else the one of that key; of one that was '
    'merged the one that it became a part of. NULL: none.';
GRANT EXECUTE ON FUNCTION customer_find(text) TO jiayi_app, jiayi_auth;

-- A merge locks both customers and then moves what they have: who comes meanwhile waits here, and then finds the one that stays.
CREATE OR REPLACE FUNCTION customer_held(id bigint) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    held bigint := id;
    next bigint;
BEGIN
    LOOP
        SELECT c.merged_into INTO next FROM customer AS c WHERE c.id = held FOR KEY SHARE;
        EXIT WHEN next IS NULL;
        held := next;
    END LOOP;
    RETURN held;
END
$$;
COMMENT ON FUNCTION customer_held(bigint) IS
    'The customer itself, or the one that it became a part of, which until the end of the transaction becomes a part of no other.';
GRANT EXECUTE ON FUNCTION customer_held(bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION customer_by_name(name text, owner bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found bigint;
BEGIN
    IF name IS NULL THEN
        RETURN NULL;
    END IF;
    LOOP
        found := customer_find(name);
        IF found IS NULL THEN
            INSERT INTO customer (company_id, name, owner_id)
            VALUES (me_company(), btrim(customer_by_name.name), coalesce((SELECT m.id FROM member AS m
                WHERE m.id = owner AND m.company_id = me_company()), me_member()))
            ON CONFLICT DO NOTHING RETURNING id INTO found;
        END IF;
        EXIT WHEN found IS NOT NULL;
    END LOOP;
    RETURN customer_held(found);
END
$$;
COMMENT ON FUNCTION customer_by_name(text, bigint) IS
    'customer_find(), and where there is none a new customer, of the owner of the deal that it comes with; '
    'NULL for NULL.';
GRANT EXECUTE ON FUNCTION customer_by_name(text, bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION customers_by_name(names text[], owners bigint[]) RETURNS jsonb LANGUAGE plpgsql
SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found  jsonb := '{}';
    wanted jsonb;
BEGIN
    -- Each name once, with its key.
    SELECT jsonb_agg(jsonb_build_object('name', n.name, 'plain', btrim(n.name), 'key', customer_key(btrim(n.name)),
        'owner', n.owner) ORDER BY n.no) INTO wanted
    FROM (SELECT DISTINCT ON (n.name) n.* FROM unnest(names, owners) WITH ORDINALITY AS n(name, owner, no)
          ORDER BY n.name, n.no) AS n;
    LOOP
        SELECT found || coalesce(jsonb_object_agg(n.name, n.id) FILTER (WHERE n.id IS NOT NULL), '{}'),
               jsonb_agg(n.wanted ORDER BY n.no) FILTER (WHERE n.id IS NULL)
        INTO found, wanted
        FROM (SELECT w.value AS wanted, w.no, w.value ->> 'name' AS name,
                     customer_keyed(w.value ->> 'plain', w.value ->> 'key') AS id
              FROM jsonb_array_elements(wanted) WITH ORDINALITY AS w(value, no) OFFSET 0) AS n;
        EXIT WHEN wanted IS NULL;
        -- Of several ways to write one name the first one is made; all find it, the next time round.
        INSERT INTO customer (company_id, name, owner_id)
        SELECT me_company(), w.plain, w.owner
        FROM (SELECT DISTINCT ON (w.value ->> 'key') w.value ->> 'plain' AS plain, (w.value ->> 'owner')::bigint AS owner, w.no
              FROM jsonb_array_elements(wanted) WITH ORDINALITY AS w(value, no) ORDER BY w.value ->> 'key', w.no) AS w
        ORDER BY w.no
        ON CONFLICT DO NOTHING;
    END LOOP;
    RETURN found;
END
$$;
COMMENT ON FUNCTION customers_by_name(text[], bigint[]) IS
    'As customer_by_name(), of many at once, each with its owner: an object with the number of each name.';
GRANT EXECUTE ON FUNCTION customers_by_name(text[], bigint[]) TO jiayi_auth;

CREATE OR REPLACE FUNCTION customer_free_name(name text, id bigint, "distinct" boolean) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found bigint := customer_find(name);
    c     customer;
BEGIN
    IF name IS NULL OR found IS NULL OR found = customer_free_name.id THEN
        RETURN name;
    END IF;
    SELECT o.* INTO c FROM customer AS o WHERE o.id = found;
    IF "distinct" AND c.name IS DISTINCT FROM name THEN
        RETURN name;
    ELSIF c.id IS NULL THEN
        PERFORM refuse('JY006', 'your company has the customer %s already', ROW(name), field => 'name');
    ELSIF c.owner_id IS NULL THEN
        PERFORM refuse('JY006', '%s is customer %s, %s, already; if it is another one, add --distinct',
            ROW(name, c.id, c.name), field => 'name');
    END IF;
    PERFORM refuse('JY006', '%s is customer %s, %s, of %s already; if it is another one, add --distinct',
        ROW(name, c.id, c.name, email_of(c.owner_id)), field => 'name');
END
$$;
COMMENT ON FUNCTION customer_free_name(text, bigint, boolean) IS
    'The name itself, where no other customer than id has it or its key; with distinct the key is no matter. '
    'Else the call ends, and names the customer where the caller sees it.';
GRANT EXECUTE ON FUNCTION customer_free_name(text, bigint, boolean) TO jiayi_app;
