-- Opens a case again.
SELECT v.* FROM case_reopen(:case_id, :reason) AS a(id), case_show(a.id) AS c, case_shown(c) AS v
