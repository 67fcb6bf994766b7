-- Tasks of one kind are found among those of a company or a partner without reading the others.
-- definitions: d14bf036a141aecb27af2c8e4bf77da05082d3603e08528784137b7bc97f429a

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE INDEX task_of_company_kind ON task (company_id, kind, state, due_at, id);
CREATE INDEX task_of_vendor_kind ON task (vendor_id, kind, state, due_at, id) WHERE vendor_id IS NOT NULL;
