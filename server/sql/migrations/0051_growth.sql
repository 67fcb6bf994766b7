-- Tasks of one kind are found among those of a company or a partner without reading the others.
-- definitions: a1da9bd5464a6ae3b68ab2055d9f282794aed0a35dd6157eba4a4083b3ac01aa

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE INDEX task_of_company_kind ON task (company_id, kind, state, due_at, id);
CREATE INDEX task_of_vendor_kind ON task (vendor_id, kind, state, due_at, id) WHERE vendor_id IS NOT NULL;
