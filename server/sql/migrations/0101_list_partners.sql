-- Lists of partners, and of what their figures give, walk an index: a principal may have many vendors.
SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE INDEX partnership_of_principal ON partnership (principal_id, id DESC);
-- definitions: 06ba7f955c5f00c6f06c5afacbc431d2c195b823619285dfe4a4f9095fdd694a
