-- Tasks of one kind are found among those of a company or a partner without reading the others.
-- definitions: ebc89a9ec2133eb511b31cdd8dd3403945d742c49727cdfa555724a26c5c820e

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE INDEX task_of_company_kind ON task (company_id, kind, state, due_at, id);
CREATE INDEX task_of_vendor_kind ON task (vendor_id, kind, state, due_at, id) WHERE vendor_id IS NOT NULL;
