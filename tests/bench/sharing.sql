-- What `bench.sh --sharing` measures on: a vendor with twenty principals and psql's variable `contracts` in all, of which three of
-- each pair are in force and the others are over; each function so often as `runs` says. Run by a superuser on a database fresh from
-- jiayid init. Prints one JSON object.
\set ON_ERROR_STOP on
SET search_path = jiayi, pg_catalog;
-- As the server's lanes have it.
SET plan_cache_mode = force_generic_plan;
SET jit = off;

INSERT INTO company (slug, name) SELECT 'p' || i, 'P' || i FROM generate_series(1, 20) AS i UNION ALL SELECT 'vendor', 'Vendor';
INSERT INTO person DEFAULT VALUES;
INSERT INTO member (company_id, person_id, email, name, role_id)
SELECT c.id, (SELECT max(p.id) FROM person AS p), 'v@bench.example', 'V', r.id
FROM company AS c, role AS r WHERE c.slug = 'vendor' AND r.name = 'vendor' AND r.company_id IS NULL;
INSERT INTO partnership (principal_id, vendor_id)
SELECT p.id, v.id FROM company AS p, company AS v WHERE p.slug ~ '^p[0-9]' AND v.slug = 'vendor';
-- Others' partnerships lie between.
INSERT INTO partnership (principal_id, vendor_id)
SELECT a.id, b.id FROM company AS a, company AS b WHERE a.slug ~ '^p[0-9]' AND b.slug ~ '^p[0-9]' AND a.id <> b.id;
INSERT INTO contract (company_id, vendor_id, kind, title, state, from_at, to_at)
SELECT p.principal_id, p.vendor_id, 'sales', 'C' || n, CASE WHEN n <= 3 THEN 'active' ELSE 'ended' END,
       now() - interval '1 day' * n, CASE WHEN n <= 3 THEN now() + interval '1 day' * n ELSE now() - interval '1 hour' * n END
FROM partnership AS p JOIN company AS v ON v.id = p.vendor_id AND v.slug = 'vendor', generate_series(:contracts / 20, 1, -1) AS n;
VACUUM ANALYZE;

CREATE TEMP TABLE took (what text, us numeric);
GRANT INSERT ON took TO PUBLIC;
SELECT set_config('bench.runs', :'runs', false), set_config('jiayi.member_id', m.id::text, false),
       set_config('jiayi.company_id', m.company_id::text, false) FROM member AS m WHERE m.email = 'v@bench.example' \g /dev/null
SET ROLE jiayi_app;
DO $$
DECLARE
    began     timestamptz;
    company   bigint;
    companies bigint[];
    reach     text;
BEGIN
    FOR i IN 1..current_setting('bench.runs')::int LOOP
        began := clock_timestamp();
        company := jiayi.me_company();
        INSERT INTO took VALUES ('me_company()', extract(epoch FROM clock_timestamp() - began) * 1e6);
        COMMIT;
        began := clock_timestamp();
        companies := jiayi.me_principals();
        INSERT INTO took VALUES ('me_principals()', extract(epoch FROM clock_timestamp() - began) * 1e6);
        COMMIT;
        began := clock_timestamp();
        reach := jiayi.me_reach();
        INSERT INTO took VALUES ('me_reach()', extract(epoch FROM clock_timestamp() - began) * 1e6);
        COMMIT;
    END LOOP;
END
$$;
SELECT cardinality(me_principals()) AS principals \gset
RESET ROLE;
SELECT json_build_object('principals', :principals, 'contracts', (SELECT count(*) FROM contract AS c JOIN company AS v ON v.id = c.vendor_id
    WHERE v.slug = 'vendor'), 'runs', :runs, 'rows', (SELECT json_agg(json_build_object('what', t.what, 'us', t.us) ORDER BY t.what)
    FROM (SELECT k.what, percentile_disc(ARRAY[0.1, 0.5, 0.9]) WITHIN GROUP (ORDER BY k.us) AS us FROM took AS k GROUP BY k.what) AS t));
