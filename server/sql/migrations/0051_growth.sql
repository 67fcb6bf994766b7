-- Tasks of one kind are found among those of a company or a partner without reading the others.
-- definitions: b9974e5c21b9950d312759d3b52b0c4099cec1e50ba8c93af5b0c59363f73847

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE INDEX task_of_company_kind ON task (company_id, kind, state, due_at, id);
CREATE INDEX task_of_vendor_kind ON task (vendor_id, kind, state, due_at, id) WHERE vendor_id IS NOT NULL;
