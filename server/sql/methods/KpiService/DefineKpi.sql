-- Defines a KPI of the company.
WITH made AS (
    INSERT INTO kpi (company_id, code, name, unit, period, direction)
    VALUES (:me.company_id, :code, :name, :unit, :period, coalesce(:direction, 'up'))
    ON CONFLICT ON CONSTRAINT kpi_code_unique DO NOTHING
    RETURNING *
)
SELECT me_slug() AS company, k.code, k.name, k.unit, k.period, k.direction
FROM (VALUES (true)) AS one LEFT JOIN made AS k ON true
WHERE k.id IS NOT NULL
   OR refuse('JY006', 'there is a KPI %s already; take another code', ROW(:code::text))
