-- With whom at the customer a deal is made and who was talked to; follow-ups on a customer without a deal; and lists of
-- what somebody logged, whatever on.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS deal_shown(deal), activity_shown(activity);

ALTER TABLE deal ADD COLUMN contact_id bigint REFERENCES contact;
COMMENT ON COLUMN deal.contact_id IS 'With whom at the customer it is made; NULL: nobody said.';

ALTER TABLE activity
    ADD COLUMN contact_id bigint REFERENCES contact,
    ADD COLUMN customer_id bigint REFERENCES customer,
    ALTER COLUMN deal_id DROP NOT NULL,
    ADD CONSTRAINT activity_on_one CHECK ((deal_id IS NULL) <> (customer_id IS NULL)),
    ADD CONSTRAINT activity_on_customer CHECK (customer_id IS NULL OR next_step IS NULL);
COMMENT ON TABLE activity IS
    'A follow-up on a deal, or on a customer without one. Only ever added to. Who sees the deal sees it; on a customer its '
    'company''s people who see the customer.';
COMMENT ON COLUMN activity.deal_id IS 'The deal; NULL: it is on a customer.';
COMMENT ON COLUMN activity.customer_id IS 'The customer, where it is on no deal: then what comes next is a task of its own.';
COMMENT ON COLUMN activity.contact_id IS 'Who at the customer was talked to; NULL: nobody said.';
COMMENT ON COLUMN activity.company_id IS 'The company of the deal or the customer, copied.';

CREATE INDEX activity_of_customer ON activity (customer_id, id DESC) WHERE customer_id IS NOT NULL;
-- What somebody logged, and what a company has, from the latest on: so that lists of some days read no others.
CREATE INDEX activity_of_member ON activity (member_id, at DESC, id DESC);
CREATE INDEX activity_of_company ON activity (company_id, at DESC, id DESC);

INSERT INTO event_kind (kind, to_manager) VALUES ('customer.logged', false);
