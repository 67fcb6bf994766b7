-- Opens a complaint in the own company.
SELECT v.* FROM complaint_open(:customer, :deal_id, :text, :severity) AS a(id), case_show(a.id) AS c, case_shown(c) AS v
