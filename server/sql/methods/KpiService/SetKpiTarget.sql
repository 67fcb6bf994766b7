-- Sets the target of a member or a vendor.
SELECT l.* FROM kpi_target(:code, :period, :value::numeric, :member, :vendor) AS l
