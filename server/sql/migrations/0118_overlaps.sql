-- Customers on which several work are found by an index: how a deal is looked after says whose its customer is.
-- definitions: f81d0b233e32d1255cd8d62416b836441adedc61ded64d05163577bb5c60ea7e

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS customer_overlaps(customer);
DROP FUNCTION IF EXISTS customer_deal_owners(bigint);

ALTER TABLE deal_pulse ADD COLUMN customer_id bigint, ADD COLUMN customer_owner_id bigint;
COMMENT ON COLUMN deal_pulse.customer_id IS 'The deal''s customer, copied; NULL on the vendor''s side.';
COMMENT ON COLUMN deal_pulse.customer_owner_id IS
    'Who has that customer, copied; 0: nobody; NULL on the vendor''s side. Where that is another one than who has the deal, several '
    'work on the customer.';
UPDATE deal_pulse AS p SET customer_id = d.customer_id, customer_owner_id = coalesce(c.owner_id, 0)
FROM deal AS d JOIN customer AS c ON c.id = d.customer_id
WHERE d.id = p.deal_id AND p.company_id = d.company_id;
-- Of a company, and of who has the deal. Most deals are in neither.
CREATE INDEX deal_pulse_overlap ON deal_pulse (company_id, customer_id) WHERE open AND member_id <> customer_owner_id;
CREATE INDEX deal_pulse_overlap_of_member ON deal_pulse (member_id, company_id, customer_id)
    WHERE open AND member_id <> customer_owner_id;
