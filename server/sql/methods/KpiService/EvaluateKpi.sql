-- Evaluates the line of a member or a vendor.
SELECT l.* FROM kpi_evaluate(:code, :period, :member, :vendor, :comment) AS l
