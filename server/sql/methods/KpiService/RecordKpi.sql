-- Records what was reached.
SELECT l.* FROM kpi_record_value(:code, :period, :value::numeric, :member, :to, :text) AS l
