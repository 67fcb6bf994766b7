-- Customers: who sees which, and their names on deals that are shared.

CREATE OR REPLACE FUNCTION customer_by_name(name text) RETURNS bigint LANGUAGE plpgsql
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
GRANT EXECUTE ON FUNCTION customer_by_name(text) TO jiayi_app;

-- VOLATILE, so that it sees the customer that the same statement made.
CREATE OR REPLACE FUNCTION customer_name(customer_id bigint) RETURNS text
    LANGUAGE plpgsql VOLATILE STRICT SECURITY DEFINER AS $$
BEGIN
    RETURN (SELECT c.name FROM jiayi.customer AS c WHERE c.id = customer_name.customer_id
        AND c.company_id = jiayi.me_company());
END
$$;
COMMENT ON FUNCTION customer_name(bigint) IS 'The name of a customer of the caller''s company.';
GRANT EXECUTE ON FUNCTION customer_name(bigint) TO jiayi_app;

-- The names on a page, all at once.
CREATE OR REPLACE FUNCTION customer_names(ids bigint[]) RETURNS TABLE (id bigint, name text)
    LANGUAGE plpgsql STABLE STRICT ROWS 50 SECURITY DEFINER AS $$
BEGIN
    RETURN QUERY SELECT c.id, c.name FROM jiayi.customer AS c WHERE c.id = ANY (ids)
        AND (c.company_id = jiayi.me_company()
             OR (c.company_id = ANY ((SELECT jiayi.me_principals())::bigint[])
                 AND (EXISTS (SELECT FROM jiayi.deal AS d
                          WHERE d.customer_id = c.id AND d.vendor_id = jiayi.me_company())
                      OR EXISTS (SELECT FROM jiayi.participant AS p JOIN jiayi.deal AS d ON d.id = p.on_id
                          WHERE p.member_id = jiayi.me_member() AND p.on_kind = jiayi.kind('deal')
                            AND d.customer_id = c.id))));
END
$$;
COMMENT ON FUNCTION customer_names(bigint[]) IS
    'The names of customers of the caller''s company, and of deals that are shared with it.';
GRANT EXECUTE ON FUNCTION customer_names(bigint[]) TO jiayi_app;

CREATE OR REPLACE FUNCTION customer_shared(id bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM jiayi.deal AS d WHERE d.customer_id = customer_shared.id
        AND d.vendor_id = jiayi.me_company())
        OR EXISTS (SELECT FROM jiayi.participant AS p JOIN jiayi.deal AS d ON d.id = p.on_id
            WHERE p.member_id = jiayi.me_member() AND p.on_kind = jiayi.kind('deal')
              AND d.customer_id = customer_shared.id);
END
$$;
COMMENT ON FUNCTION customer_shared(bigint) IS
    'Whether the caller sees a deal with that customer that is shared with the caller''s company, or in '
    'which the caller takes part.';
GRANT EXECUTE ON FUNCTION customer_shared(bigint) TO jiayi_app;

---- Tables

CALL protect('customer', 'id');
CREATE POLICY visible ON customer FOR SELECT TO jiayi_app USING (company_id = me_company()
    OR customer_shared(id));
CREATE POLICY own_insert ON customer FOR INSERT TO jiayi_app WITH CHECK (company_id = me_company());
GRANT SELECT ON customer TO jiayi_app;
GRANT INSERT (company_id, name) ON customer TO jiayi_app;
CALL open_to_auth('customer', 'SELECT');
