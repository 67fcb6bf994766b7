-- Defines a KPI of the company.
SELECT k.company, k.code, k.name, k.unit, k.period, k.direction
FROM kpi_define(:code, :name, :unit, :period, :direction) AS k
