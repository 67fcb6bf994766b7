-- Changes what holds for the caller's company.
SELECT c.* FROM company_update(:name, :time_zone, :currency, :language, :working_days, :idle_days,
                               :default_audience, :version, :backdate_days, :review_days, :protect_days,
                               :checks_per_day) AS c
