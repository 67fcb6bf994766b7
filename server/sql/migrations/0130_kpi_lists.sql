-- Lists of KPIs walk the lines of those whom the caller reaches, of vendors, and of what principals set, each in its order; and policies of
-- members, of words that are lent to vendors, and names in the log of changes cost less (definitions/kpi.sql, member.sql, shape.sql, audit.sql).
-- definitions: 91b3f5c6d97cfa94d607dc8328bb20aea9d6f7f7f5892c10de5fe196c5adffe0

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP INDEX kpi_line_of_company;
CREATE INDEX kpi_line_of_company ON kpi_line (company_id, id DESC NULLS LAST);
CREATE INDEX kpi_line_of_member ON kpi_line (member_id, id DESC NULLS LAST) WHERE member_id IS NOT NULL;
CREATE INDEX kpi_line_for_vendors ON kpi_line (company_id, id DESC NULLS LAST) WHERE vendor_id IS NOT NULL;
DROP INDEX kpi_line_of_vendor;
CREATE INDEX kpi_line_of_vendor ON kpi_line (vendor_id, id DESC NULLS LAST) WHERE vendor_id IS NOT NULL;
CREATE INDEX kpi_line_of_kpi_vendor ON kpi_line (kpi_id, vendor_id) WHERE vendor_id IS NOT NULL;
