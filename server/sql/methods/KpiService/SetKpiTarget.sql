-- Sets the target of a member or a vendor.
SELECT l.company, l.code, l.name, l.period, l.member, l.vendor, l.target, l.actual, l.attainment,
       l.unit, l.direction,
       l.evaluation, l.evaluated_by, l.evaluated_at, l.text, l.recorded_by, l.recorded_at,
       l.reached, l.evaluated_target, l.evaluated_actual, l.outdated AS evaluation_outdated
FROM kpi_target(:code, :period, :value::numeric, :member, :vendor) AS l
