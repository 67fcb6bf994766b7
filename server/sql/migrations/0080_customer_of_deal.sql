-- A deal has its customer's name: to look it up, under the policies of customers, was a third of what a row of a list cost.
-- definitions: 9719e113d0cc87ed07f3ae4d3315070f300af341e0cf2636e76cae960b5ce0ff

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

ALTER TABLE deal ADD COLUMN customer_name text;
COMMENT ON COLUMN deal.customer_name IS
    'The customer''s name, copied by triggers of deals and customers. Who sees a deal is told who it is with.';
ALTER TABLE deal DISABLE TRIGGER USER;
UPDATE deal AS d SET customer_name = c.name FROM customer AS c WHERE c.id = d.customer_id;
ALTER TABLE deal ALTER COLUMN customer_name SET NOT NULL;
ALTER TABLE deal ENABLE TRIGGER USER;
