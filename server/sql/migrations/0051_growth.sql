-- Tasks of one kind are found among those of a company or a partner without reading the others.
-- definitions: f88787cc674d9d9945ecf64e74ad201d837e82629710ac4407222de6d8ac03ef

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE INDEX task_of_company_kind ON task (company_id, kind, state, due_at, id);
CREATE INDEX task_of_vendor_kind ON task (vendor_id, kind, state, due_at, id) WHERE vendor_id IS NOT NULL;
