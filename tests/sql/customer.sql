-- By which names customers are one.
\ir fixture.psql
\ir plan.psql
SELECT no_plan();

---- Traditional characters
SELECT is(simplified('臺灣積體電路製造'), '台湾积体电路制造', 'traditional characters are made simplified');
SELECT is(simplified('港口 Northwind Ndërtim 123'), '港口 Northwind Ndërtim 123', 'all others stay');
SELECT is(simplified(simplified(simplified_pairs())), simplified(simplified_pairs()), 'twice is as good as once');
SELECT is(length(simplified(simplified_pairs())), length(simplified_pairs()), 'one character is one character');
SELECT cmp_ok(length(simplified_pairs()) / 2, '>', 2600, 'there are as many pairs as there ought to be');

---- Keys
SELECT is(customer_key(name), key, coalesce(nullif(name, ''), 'nothing')) FROM (VALUES
    ('深圳市北辰自动化设备有限公司', '北辰自动化设备'), ('Northwind Traders Co., Ltd.', 'northwindtraders'), ('Illyria Ndërtim Sh.p.k.', 'illyriandertim'),
    ('上海银行', '上海银行'), ('有限公司', '有限公司'), ('Ltd', 'ltd'), ('A Ltd', 'altd'), ('🚀', '🚀'), ('***', '***'), ('(', '('), ('', '')
) AS t(name, key);
-- What is missed, and what is taken for one though it is not: no more than when this was written. The file says which.
\getenv pairs SQL_SOURCES
SELECT pg_read_file(:'pairs' || '/../pgtap/customer_pairs.tsv') AS pairs \gset
CREATE TEMP TABLE pair AS SELECT split_part(l, E'\t', 1) AS a, split_part(l, E'\t', 2) AS b, split_part(l, E'\t', 3) = 'same' AS same,
    customer_key(split_part(l, E'\t', 1)) = customer_key(split_part(l, E'\t', 2)) AS found
FROM string_to_table(rtrim(:'pairs', E'\n'), E'\n') AS l;
SELECT is((SELECT count(*)::int FROM pair), 308, 'there are 308 pairs');
SELECT cmp_ok((SELECT count(*)::int FROM pair WHERE same AND NOT found), '<=', 6, 'of 178 that are one, all but six are found: '
    || (SELECT string_agg(a || ' = ' || b, '; ') FROM pair WHERE same AND NOT found));
SELECT cmp_ok((SELECT count(*)::int FROM pair WHERE found AND NOT same), '<=', 3, 'of 130 that are not, three are taken for one: '
    || (SELECT string_agg(a || ' = ' || b, '; ') FROM pair WHERE found AND NOT same));

---- What is shown with a customer says where there is more
INSERT INTO customer (company_id, name, owner_id) VALUES (pg_temp.company('acme'), 'Many', pg_temp.member('cleo')) RETURNING id AS customer \gset
INSERT INTO contact (company_id, customer_id, name) SELECT pg_temp.company('acme'), :customer, 'C' || i FROM generate_series(1, 100) AS i;
INSERT INTO deal (company_id, title, customer_id, owner_id) SELECT pg_temp.company('acme'), 'D' || i, :customer, pg_temp.member('cleo') FROM generate_series(1, 100) AS i;
CREATE FUNCTION pg_temp.shown(customer bigint) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', jsonb_array_length(a -> 'contacts'), a ->> 'more_contacts', jsonb_array_length(a -> 'deals'), a ->> 'more_deals')
    FROM pg_temp.answer('cleo', 'customer.read', pg_temp.method('CustomerService/GetCustomer', 'customer_id', customer::text)) AS a
$$;
SELECT is(pg_temp.shown(:customer), '100 100', 'a hundred contacts and deals are all');
INSERT INTO contact (company_id, customer_id, name) VALUES (pg_temp.company('acme'), :customer, 'One more');
SELECT is(pg_temp.shown(:customer), '100 true 100', 'of a hundred and one it says that there are more');
INSERT INTO deal (company_id, title, customer_id, owner_id) VALUES (pg_temp.company('acme'), 'One more', :customer, pg_temp.member('cleo'));
SELECT is(pg_temp.shown(:customer), '100 true 100 true', 'of deals as well');

-- Of a customer with whom more than a hundred people have deals as well.
INSERT INTO customer (company_id, name, owner_id) VALUES (pg_temp.company('acme'), 'Met', pg_temp.member('cleo')) RETURNING id AS met \gset
SELECT pg_temp.join_company('m' || i, 'acme', 'salesperson') FROM generate_series(1, 100) AS i;
INSERT INTO deal (company_id, title, customer_id, owner_id) SELECT m.company_id, 'M', :met, m.id FROM member AS m WHERE m.name ~ '^m[0-9]+$';
CREATE FUNCTION pg_temp.met(customer bigint) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', jsonb_array_length(a -> 'deal_owners'), a ->> 'more_deal_owners')
    FROM pg_temp.answer('boss', 'customer.read', format('SELECT o.* FROM (%s) AS o WHERE o.id = %s',
        pg_temp.variant('CustomerService/ListOverlaps', VARIADIC '{}'), customer)) AS a
$$;
SELECT is(pg_temp.met(:met), '100', 'a hundred owners of deals are all');
INSERT INTO deal (company_id, title, customer_id, owner_id) VALUES (pg_temp.company('acme'), 'M', :met, pg_temp.member('cleo'));
SELECT is(pg_temp.met(:met), '100 true', 'of a hundred and one it says that there are more');

SELECT * FROM finish();
ROLLBACK;
