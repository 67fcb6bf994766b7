-- Lists of deals by closing date, by whoever of the vendor is responsible, and by who takes part.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE INDEX deal_closing_of_vendor ON deal (vendor_id, close_on, id)
    WHERE outcome = 'open' AND close_on IS NOT NULL AND vendor_id IS NOT NULL;
CREATE INDEX deal_of_responsible ON deal (vendor_owner_id, id DESC NULLS LAST) WHERE vendor_owner_id IS NOT NULL;
CREATE INDEX participant_of_member_at ON participant (member_id, company_id, on_kind, on_id DESC NULLS LAST);
