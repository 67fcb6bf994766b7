-- A customer's answer says where there are more contacts and open deals than it has (definitions/customer.sql).
SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS customer_contacts(bigint), customer_deals(bigint);
-- definitions: 7ed7c8803bde4e261c5b41e5d1d641da386fb7d230c0bc7ec7bd486c4a317a9e
