-- What a customer's complaints were closed with is found by the customer.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE INDEX case_file_scored ON case_file (customer_id) WHERE score IS NOT NULL;
