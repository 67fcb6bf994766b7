-- Puts rows into an import, all of them or none.
SELECT p.id, p.applied, p.skipped, p.errors
FROM (SELECT coalesce(:customers::jsonb, :contacts::jsonb, :deals::jsonb, :followups::jsonb, :tasks::jsonb, :kpi_records::jsonb, :rates::jsonb) AS rows,
             CASE WHEN :customers::jsonb IS NOT NULL THEN 'customers'
                  WHEN :contacts::jsonb IS NOT NULL THEN 'contacts'
                  WHEN :deals::jsonb IS NOT NULL THEN 'deals' WHEN :followups::jsonb IS NOT NULL THEN 'followups'
                  WHEN :tasks::jsonb IS NOT NULL THEN 'tasks' WHEN :kpi_records::jsonb IS NOT NULL THEN 'kpi_records'
                  ELSE 'rates' END AS kind) AS r
CROSS JOIN LATERAL import_put(:import_id, r.rows, r.kind, :last_line, :failed) AS p
